"""Pagefind's index, for sites that it can hold: it keeps in memory what it reads, some 0.09 MB a page.

It reads a tool's name, description, use and parameters, and a server's heading (``data-pagefind-body``).

Pagefind is the optional extra ``search``. Its own component UI is not used: it keeps no filters in the address, loads
217 KB of script and style, and writes results as markup; static/search.js asks Pagefind's search API instead.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

# Some 450 MB of memory and 6 CPU seconds: 3,300 pages took Pagefind 1.5 292 MB and 3.6 s.
MOST_PAGES = 5_000

# Seconds for all of them on a busy machine.
_TIMEOUT = 300

_FOLDER = "pagefind"

# Pagefind also writes three user interfaces.
_UNUSED = ("pagefind-ui", "pagefind-modular-ui", "pagefind-component-ui", "pagefind-highlight")

# Characters of what Pagefind said that a message repeats.
_SAID = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Indexed:
    """Pagefind read the site."""

    files: Mapping[str, bytes]
    """By path from the site's root: what a browser needs for a search."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotIndexed:
    """There is no index of Pagefind's; our own answers."""

    reason: str
    """For the user: why, and what to do about it."""


PagefindResult = Indexed | NotIndexed


def is_installed() -> bool:
    """Say whether Pagefind can be run."""
    return find_spec("pagefind") is not None and find_spec("pagefind_bin") is not None


def run_pagefind(output: Path, timeout: float = _TIMEOUT) -> PagefindResult:
    """Index the pages below ``output``, where nothing is written; ``timeout`` is in seconds."""
    if not is_installed():
        return NotIndexed(reason="Pagefind is not installed; for it, install mcp-catalog[search]")
    with tempfile.TemporaryDirectory(prefix="catalog-pagefind-") as folder:
        bundle = Path(folder, _FOLDER)
        command = [sys.executable, "-m", "pagefind", "--site", str(output.resolve()), "--output-path", str(bundle)]
        try:
            # Pagefind takes options from the environment and from a file in the working directory, too.
            done = subprocess.run(
                [*command, "--silent"],
                cwd=folder,
                env={name: value for name, value in os.environ.items() if not name.startswith("PAGEFIND_")},
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=timeout,
                check=False,
            )
            files = _files(bundle) if bundle.is_dir() else {}
        except subprocess.TimeoutExpired:
            return NotIndexed(reason=f"Pagefind took longer than {timeout:.0f} s and was stopped")
        except OSError as error:
            return NotIndexed(reason=f"Pagefind could not be run ({error.strerror})")
    if done.returncode or f"{_FOLDER}/pagefind.js" not in files:
        said = (done.stderr or done.stdout).decode("utf-8", "replace").strip()[-_SAID:]
        return NotIndexed(reason=f"Pagefind failed with exit code {done.returncode}: {said!r}")
    return Indexed(files=files)


def _files(bundle: Path) -> Mapping[str, bytes]:
    return {
        path.relative_to(bundle.parent).as_posix(): path.read_bytes()
        for path in sorted(bundle.rglob("*"))
        if path.is_file() and not path.name.startswith(_UNUSED)
    }
