"""Which files of a package are read: its own source and manifests, within bounds, without following links.

Tests, examples, documentation, dependencies and type stubs are left out: what they declare is not offered.
"""

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from catalog.probe.static.source_tools import StaticLimits
from catalog.probe.static.syntax import Grammar
from catalog.terminal import visible_name

_GRAMMARS = {
    ".py": Grammar.PYTHON,
    ".js": Grammar.JAVASCRIPT,
    ".mjs": Grammar.JAVASCRIPT,
    ".cjs": Grammar.JAVASCRIPT,
    ".jsx": Grammar.JAVASCRIPT,
    ".ts": Grammar.TYPESCRIPT,
    ".mts": Grammar.TYPESCRIPT,
    ".cts": Grammar.TYPESCRIPT,
    ".tsx": Grammar.TSX,
}

_SKIPPED_FOLDERS = re.compile(
    r"\..*|_?_?tests?(_?_|_?(data|utils|helpers|support))?|testing|spec|specs|e2e|evals?|fixtures|mocks|__\w+__"
    r"|examples?|samples?|demos?|docs?|documentation|benchmarks?|bench|stories|storybook"
    r"|node_modules|bower_components|_?vendor(ed)?|third[_-]?party|site-packages|venv|env|.*\.(dist|egg)-info",
    re.IGNORECASE,
)

_SKIPPED_FILES = re.compile(
    r"test_.*\.py|.*_test\.py|conftest\.py|setup\.py|noxfile\.py|.*\.d\.[mc]?ts|.*[.-](test|spec|stories|bench)\.[mc]?[jt]sx?"
    r"|.*\.config\.[mc]?[jt]s|\..*",
    re.IGNORECASE,
)

_MANIFESTS = re.compile(r"(.*[-_.])?(manifest|server|tools?|mcp)([-_.].*)?\.json", re.IGNORECASE)
_NO_MANIFESTS = re.compile(r"package(-lock)?\.json|tsconfig.*\.json", re.IGNORECASE)

# Folders below a source folder; deeper ones are left out.
_DEPTH = 25

# Names of one tree that are looked at before giving up: a package may hold a hundred thousand files.
_MOST_NAMES = 200_000


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFile:
    """One file that is worth reading."""

    path: Path
    name: str
    """Relative to the folder that holds the package, with ``/``; fit to be shown."""
    grammar: Grammar | None
    """None for a manifest (JSON)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped:
    """A file that was left out because of a bound or an error."""

    name: str
    why: str


def source_files(sources: Sequence[Path]) -> Iterator[SourceFile]:
    """Yield the files of ``sources`` (files and folders) that may declare tools, sorted, each once."""
    seen: set[Path] = set()
    for source in sources:
        if len(sources) > 1 and _SKIPPED_FOLDERS.fullmatch(source.name):
            continue
        for path in _walk(source):
            if path not in seen and (file := _source_file(path, source)) is not None:
                seen.add(path)
                yield file


def _source_file(path: Path, source: Path) -> SourceFile | None:
    if _SKIPPED_FILES.fullmatch(path.name):
        return None
    grammar = _GRAMMARS.get(path.suffix.lower())
    is_manifest = _MANIFESTS.fullmatch(path.name) is not None and _NO_MANIFESTS.fullmatch(path.name) is None
    if grammar is None and not is_manifest:
        return None
    return SourceFile(path=path, name=visible_name(path.relative_to(source.parent).as_posix())[:200], grammar=grammar)


def _walk(source: Path) -> Iterator[Path]:
    """Yield the regular files of ``source``, never through a link."""
    if source.is_symlink():
        return
    if source.is_file():
        yield source
        return
    left = _MOST_NAMES
    for folder, folders, names in os.walk(source, followlinks=False):
        depth = len(Path(folder).relative_to(source).parts)
        folders[:] = sorted(f for f in folders if depth < _DEPTH and not _SKIPPED_FOLDERS.fullmatch(f))
        for name in sorted(names):
            path = Path(folder, name)
            if not path.is_symlink() and path.is_file():
                yield path
        left -= len(names) + len(folders)
        if left < 0:
            return


def read(file: SourceFile, limits: StaticLimits, left: int) -> bytes | Skipped:
    """Return the file's content as UTF-8, at most ``left`` bytes, or why it is left out."""
    most = min(limits.file_bytes, left)
    try:
        with file.path.open("rb") as stream:
            data = stream.read(most + 1)
    except OSError as error:
        return Skipped(name=file.name, why=f"cannot be read: {error.strerror or 'unknown error'}")
    if len(data) > most:
        return Skipped(name=file.name, why=f"not read: more than {most} bytes")
    return data.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace").encode()
