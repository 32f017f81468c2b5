"""Code that a package brings for its installation or for every start of its interpreter, found without running it.

Python runs ``import`` lines of ``.pth`` files and the modules ``sitecustomize`` and ``usercustomize`` before a program;
npm would run a package's scripts when it is installed. Here the first run only inside the sandbox, the others never.
"""

import itertools
import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from catalog.facts import Finding, FindingKind
from catalog.terminal import visible_name

# Bytes of one .pth file and of one package.json that are read; real ones are below 10 kB and 100 kB.
MOST_PTH = 64 * 1024
MOST_MANIFEST = 1024 * 1024

# Names in one folder of packages that are looked at, and findings of one package.
MOST_NAMES = 50_000
MOST_FINDINGS = 50

# Characters of a name that are told.
_MOST_CHARACTERS = 100

_CUSTOMIZE = re.compile(r"(sitecustomize|usercustomize)(\.pyc?|\..*\.so|\.so)?")

# What npm runs for a package that is installed, in this order; prepare only for one that comes from a repository.
_LIFECYCLE = ("preinstall", "install", "postinstall", "prepare")


def startup_code(tree: Path, sources: Sequence[Path] = ()) -> tuple[Finding, ...]:
    """Return what would run at install time or at every start, by name; nothing of its text is quoted.

    ``tree`` and ``sources`` are those of ``install.base.Installed``. At most MOST_FINDINGS, sorted.
    """
    folders = sorted(tree.glob("lib/python*/site-packages"))
    details = [*itertools.chain(*map(_at_every_start, folders)), *itertools.chain(*map(_at_install, sources))]
    found = [Finding(kind=FindingKind.INSTALL_CODE, detail=detail) for detail in sorted(details)]
    if len(found) > MOST_FINDINGS:
        more = f"{len(found) - MOST_FINDINGS + 1} more files with code for every start"
        found[MOST_FINDINGS - 1 :] = [Finding(kind=FindingKind.INSTALL_CODE, detail=more)]
    return tuple(found)


def _at_every_start(site_packages: Path) -> Iterator[str]:
    """Yield what Python runs before any program that sees this folder: only files directly in it."""
    for path in itertools.islice(site_packages.iterdir(), MOST_NAMES):
        name = visible_name(path.name)[:_MOST_CHARACTERS]
        if _CUSTOMIZE.fullmatch(path.name):
            yield f"{name} runs at every start of Python"
        elif path.name.endswith(".pth"):
            text = _read(path, MOST_PTH)
            if text is None:
                yield f"{name} could not be read; Python may run what it says"
            elif any(line.startswith((b"import ", b"import\t")) for line in _lines(text)):
                yield f"{name} runs at every start of Python"
            elif len(text) == MOST_PTH:
                yield f"{name} is longer than {MOST_PTH // 1024} KiB; its end was not read"


def _at_install(source: Path) -> Iterator[str]:
    """Yield the scripts that npm would run for the package in the folder ``source``."""
    if "node_modules" not in source.parts:
        return
    try:
        manifest = json.loads(_read(source / "package.json", MOST_MANIFEST) or b"")
    except (ValueError, RecursionError):
        yield "package.json could not be read; it may name scripts for npm"
        return
    scripts = manifest.get("scripts") if isinstance(manifest, dict) else None
    named = [name for name in _LIFECYCLE if isinstance(scripts, dict) and scripts.get(name)]
    yield from (f"the npm script {name}, which was not run" for name in named)
    if (source / "binding.gyp").exists() and not {"install", "preinstall"} & set(named):
        yield "binding.gyp, by which npm would build, which was not done"


def _read(path: Path, most: int) -> bytes | None:
    """Return the first ``most`` bytes of a file; None where it is none, or a link, or may not be read."""
    try:
        if path.is_symlink() or not path.is_file():
            return None
        with path.open("rb") as file:
            return file.read(most)
    except OSError:
        return None


def _lines(text: bytes) -> list[bytes]:
    return re.split(rb"\r\n|\r|\n", text.removeprefix(b"\xef\xbb\xbf"))
