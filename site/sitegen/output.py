"""Writes a site in place: only what changed, and nothing before everything is ready.

What changed is first written beside the site, on the same disk, and then moved into place, so that a full disk is
noticed while the old site is still whole. The ledger (sitegen.ledger) knows which files are ours.
"""

import hashlib
import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from catalog.errors import UsageError
from sitegen.ledger.ledger import LEDGER, Files, WrittenFile
from sitegen.moving import MOVING, announce

STAGING = ".catalog-site.new"

_OURS = (LEDGER, STAGING, MOVING, f"{LEDGER}-journal")

Compress = Callable[[bytes], bytes]

# Smaller files gain nothing by compression.
_LEAST_COMPRESSED = 512

_TEXTS = (".html", ".css", ".js", ".svg", ".json", ".ndjson", ".md", ".txt", ".xml")


def claim(directory: Path) -> None:
    """Make ``directory`` ready for a site. Raises: UsageError where it holds something else; OSError."""
    if directory.exists() and not directory.is_dir():
        raise UsageError(f"{str(directory)!r} is a file; give a directory for the site with -o")
    directory.mkdir(parents=True, exist_ok=True)
    if not (directory / LEDGER).exists() and any(path.name not in _OURS for path in directory.iterdir()):
        raise UsageError(
            f"{str(directory)!r} is not empty and was not written by catalog (it has no {LEDGER}): "
            "give another directory with -o, or empty this one"
        )


def disown(directory: Path) -> None:
    """Take the ledger out of a folder that holds no site yet: whatever is put there later is not ours."""
    if all(path.name in _OURS for path in directory.iterdir()):
        (directory / LEDGER).unlink(missing_ok=True)


class Staging:
    """The folder beside the site that holds what changed; one for all processes of a build."""

    def __init__(self, directory: Path, compressors: Mapping[str, Compress]) -> None:
        """``compressors`` make a second file of each text, by its suffix: ``.gz``."""
        self.root = directory / STAGING
        self.compressors = compressors
        self._made: set[str] = set()

    def empty(self) -> None:
        """Remove what an earlier build left, and make the folder."""
        shutil.rmtree(self.root, ignore_errors=True)
        self.root.mkdir()
        self._made.clear()

    def remove(self) -> None:
        """Remove the folder and all in it."""
        shutil.rmtree(self.root, ignore_errors=True)

    def write(self, path: str, content: bytes) -> None:
        """Write one file. Raises: OSError."""
        folder = path.rpartition("/")[0]
        if folder not in self._made:
            (self.root / folder).mkdir(parents=True, exist_ok=True)
            self._made.add(folder)
        # os.open and os.write take three quarters of the time of Python's open.
        descriptor = os.open(f"{self.root}/{path}", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
        try:
            rest = memoryview(content)
            while rest:
                rest = rest[os.write(descriptor, rest) :]
        finally:
            os.close(descriptor)


@dataclass(frozen=True, slots=True)
class Later:
    """A file that is made only where what it is made from is not as it was."""

    path: str
    source: bytes
    """All that its content depends on, besides what every page is made with."""
    make: Callable[[], bytes]


class Writer:
    """Writes the files of one owner: those that are not as they were."""

    def __init__(self, staging: Staging, known: Files, made_with: str = "") -> None:
        """``known`` is what the owner wrote last; ``made_with`` what every page is made with (sitegen.fingerprint)."""
        self._staging = staging
        self._known = known
        self._made_with = made_with
        self.files: dict[str, WrittenFile] = {}
        self.changed = 0

    def put(self, path: str, content: bytes) -> None:
        """Have ``content`` at ``path`` (from the site's root). Raises: OSError; ValueError for a second time."""
        self._put(path, _digest(content), content)

    def put_later(self, later: Later) -> None:
        """Have a file that need not be made to see that it is as it was. Raises: as ``put``."""
        source = _digest(self._made_with.encode() + later.source)
        paths = [later.path, *(f"{later.path}{suffix}" for suffix in self._staging.compressors)]
        kept = {path: file for path in paths if (file := self._known.get(path)) and file.hash == source}
        if len(kept) == len(paths) and later.path not in self.files:
            self.files |= kept
        else:
            self._put(later.path, source, later.make())

    def _put(self, path: str, hash_: str, content: bytes) -> None:
        if path in self.files:
            raise ValueError(f"two pages want to be {path!r}")
        file = WrittenFile(hash_, len(content))
        self._keep(path, file, content if self._known.get(path) != file else None)
        if len(content) >= _LEAST_COMPRESSED and path.endswith(_TEXTS):
            for suffix, compress in self._staging.compressors.items():
                self._put_compressed(f"{path}{suffix}", file.hash, content, compress)

    def _put_compressed(self, path: str, source: str, content: bytes, compress: Compress) -> None:
        """Known by what it was made from, so that unchanged files need not be compressed to see that."""
        known = self._known.get(path)
        if known is not None and known.hash == source:
            self._keep(path, known, None)
        else:
            compressed = compress(content)
            self._keep(path, WrittenFile(source, len(compressed)), compressed)

    def _keep(self, path: str, file: WrittenFile, content: bytes | None) -> None:
        if content is not None:
            self._staging.write(path, content)
            self.changed += 1
        self.files[path] = file


def _digest(content: bytes) -> str:
    return hashlib.blake2b(content, digest_size=12).hexdigest()


def publish(directory: Path, staging: Staging, vanished: Sequence[str]) -> int:
    """Move what is staged into place and remove ``vanished``; return how many files that were.

    Raises: UsageError where something else stands in the way, and nothing has moved; OSError.

    ``sitegen.moving.settle`` comes after the ledger.
    """
    if obstacle := next(_obstacles(staging.root, directory), None):
        raise UsageError(f"{str(obstacle)!r} is in the way of a page and was not written by catalog: move it elsewhere")
    # A file that another owner writes now has not vanished.
    gone = [path for path in vanished if not (staging.root / path).exists()]
    announce(directory, staging.root)
    _merge(staging.root, directory)
    for path in gone:
        _remove(directory, path)
    return len(gone)


def _obstacles(source: Path, target: Path) -> Iterator[Path]:
    """Yield what is a file or a link where a folder has to be, or a folder where a file has to be."""
    with os.scandir(source) as found:
        for item in found:
            place = target / item.name
            is_folder = place.is_dir() and not place.is_symlink()
            if item.is_dir() and is_folder:
                yield from _obstacles(Path(item.path), place)
            elif is_folder or (item.is_dir() and (place.exists() or place.is_symlink())):
                yield place


def _merge(source: Path, target: Path) -> None:
    with os.scandir(source) as found:
        for item in found:
            place = target / item.name
            if item.is_dir() and place.is_dir():
                _merge(Path(item.path), place)
            else:
                Path(item.path).replace(place)  # a new folder moves as a whole


def _remove(directory: Path, path: str) -> None:
    """Remove a file of an earlier build, and the folders that it leaves empty; what a link leads to is not ours."""
    folders = list((directory / path).parents)
    folders = folders[: folders.index(directory)]
    if any(folder.is_symlink() for folder in folders):
        return
    (directory / path).unlink(missing_ok=True)
    for folder in folders:
        if not _is_empty(folder):
            return
        folder.rmdir()


def _is_empty(folder: Path) -> bool:
    return folder.is_dir() and not any(folder.iterdir())
