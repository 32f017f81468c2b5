"""What an unpacked package consists of: its files with their hashes, and what they cost on disk.

Links are never followed: a package's files are those that lie in its own folder.
"""

import hashlib
import os
import re
import shutil
import stat
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

BLOCK = 512
"""Bytes of one unit of ``st_blocks`` (stat(2))."""

CACHED = "__pycache__"
"""Where Python looks for compiled modules (PEP 3147)."""

# Written by uv and npm for this machine or this moment: they differ although the same release was unpacked.
_WRITTEN_HERE = re.compile(r"[^/]+\.dist-info/(RECORD|INSTALLER|REQUESTED|uv_cache\.json)|\.lock|\.package-lock\.json")

SCRIPTS = "bin/"
"""Where uv puts programs: the first line of a script names the interpreter of this machine, so no hash counts it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TreeFile:
    """One file of a tree."""

    path: str
    """Relative to the folder that was read, with ``/``."""
    sha256: str
    """Of its content, hexadecimal; of a script in ``bin`` without the line that names its interpreter."""
    size: int
    """Bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """What a folder holds and what it takes."""

    apparent: int = 0
    """Bytes that its files hold."""
    real: int = 0
    """Bytes of disk that deleting it would free: folders, and files that no folder outside has a name for."""

    def __add__(self, other: "Size") -> "Size":
        return Size(apparent=self.apparent + other.apparent, real=self.real + other.real)


def read_tree(root: Path) -> tuple[TreeFile, ...]:
    """Return the regular files below ``root``, sorted by path. Raises: OSError."""
    return tuple(sorted(_files(root), key=lambda file: file.path))


def tree_hash(files: Iterable[TreeFile]) -> str:
    """Return the SHA-256 over path and content of ``files``: the same on every machine for the same release."""
    digest = hashlib.sha256()
    for file in files:
        if not _WRITTEN_HERE.fullmatch(file.path):
            digest.update(os.fsencode(f"{file.path}\0{file.sha256}\n"))
    return digest.hexdigest()


def remove_compiled(root: Path) -> None:
    """Delete the compiled modules that a package brought along: nobody here made them."""
    for folder, folders, files in os.walk(root):
        for name in (name for name in (*folders, *files) if name == CACHED):
            path = Path(folder) / name
            if path.is_symlink() or path.is_file():
                path.unlink()
            else:
                shutil.rmtree(path)
        folders[:] = [name for name in folders if name != CACHED]


def measure(roots: Sequence[Path]) -> Size:
    """Return what ``roots`` take together. A file with several names counts once, and only if all of them are here."""
    apparent, real = 0, 0
    waiting: dict[tuple[int, int], tuple[int, int]] = {}
    for status in (status for root in roots for status in _statuses(root)):
        is_folder = stat.S_ISDIR(status.st_mode)
        if not is_folder:
            apparent += status.st_size
        if is_folder or status.st_nlink == 1:
            real += status.st_blocks * BLOCK
            continue
        names, blocks = waiting.get((status.st_dev, status.st_ino), (status.st_nlink, status.st_blocks))
        waiting[status.st_dev, status.st_ino] = (names - 1, blocks)
    real += sum(blocks * BLOCK for names, blocks in waiting.values() if names == 0)
    return Size(apparent=apparent, real=real)


def _files(root: Path) -> Iterator[TreeFile]:
    for folder, _, names in os.walk(root):
        for path in (Path(folder, name) for name in names):
            if path.is_file() and not path.is_symlink():
                inside = path.relative_to(root).as_posix()
                with path.open("rb") as file:
                    if inside.startswith(SCRIPTS) and file.read(2) == b"#!":
                        file.readline()
                    else:
                        file.seek(0)
                    digest = hashlib.file_digest(file, "sha256")
                    size = file.tell()
                yield TreeFile(path=inside, sha256=digest.hexdigest(), size=size)


def _statuses(root: Path) -> Iterator[os.stat_result]:
    folders = [os.fspath(root)]
    while folders:
        try:
            with os.scandir(folders.pop()) as entries:
                for entry in entries:
                    yield entry.stat(follow_symlinks=False)
                    if entry.is_dir(follow_symlinks=False):
                        folders.append(entry.path)
        except FileNotFoundError:  # deleted meanwhile by another process: it takes nothing any more
            continue
