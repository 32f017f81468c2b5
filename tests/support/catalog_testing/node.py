"""What the tests take from npm: ``make build/node/installed`` puts it below build/node."""

import json
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).parents[3]
NODE = ROOT / "build" / "node"

_HTML_VALIDATE = NODE / "node_modules" / "html-validate" / "bin" / "html-validate.mjs"
_HTML_CONFIG = ROOT / "tests" / "support" / "node" / "htmlvalidate.config.mjs"

# Seconds for all files together, on a busy machine.
_TIMEOUT = 300


@dataclass(frozen=True, slots=True)
class Markup:
    """Something that html-validate found in a page."""

    file: str
    line: int
    rule: str
    message: str


def installed(path: Path) -> Path:
    """Return ``path``, which is below build/node. Raises: FileNotFoundError that says how to install it."""
    if not path.exists():
        raise FileNotFoundError(f"{str(path)!r} is not installed: run 'make build/node/installed'")
    return path


def axe_source() -> str:
    """Return the script of axe-core, which looks for barriers in a page."""
    return installed(NODE / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")


def html_problems(files: Sequence[Path]) -> list[Markup]:
    """Return what html-validate finds in ``files``, by the rules of tests/support/node/htmlvalidate.config.mjs."""
    with TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"  # A longer one on its standard output is cut off.
        done = subprocess.run(
            ["node", installed(_HTML_VALIDATE), "--config", _HTML_CONFIG, "--formatter", f"json={report}", *files],
            cwd=NODE,
            capture_output=True,
            encoding="utf-8",
            timeout=_TIMEOUT,
            check=False,
        )
        if not report.exists():
            raise RuntimeError(f"html-validate ended with exit code {done.returncode}: {done.stderr[:2_000]}")
        pages = json.loads(report.read_text(encoding="utf-8"))
    return [
        Markup(page["filePath"], found["line"], found["ruleId"], found["message"])
        for page in pages
        for found in page["messages"]
    ]
