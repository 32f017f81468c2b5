"""Where an archive is unpacked to: only plain files and folders are made, below one folder; every size is counted."""

import lzma
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from catalog.errors import InputError
from catalog.model import Problem

MIB = 1024 * 1024

# Bytes that are read or written at a time.
CHUNK = 64 * 1024

# Bytes of a name in an archive, and of each of its parts; Linux takes 4,096 and 255.
NAME_BYTES = 1024
PART_BYTES = 255

# Entries left out that are told one by one.
MOST_TOLD = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveLimits:
    """Bounds on one archive. The largest bundles of real servers have some thousand files and 200 MiB."""

    archive_bytes: int = 256 * MIB
    """The archive itself."""
    files: int = 20_000
    """Entries of any kind; and as many folders."""
    total_bytes: int = 512 * MIB
    """All files, unpacked."""
    file_bytes: int = 64 * MIB
    """One file, unpacked."""


class ArchiveError(InputError):
    """An archive cannot be unpacked; says why and what to do."""


@dataclass(slots=True, kw_only=True)
class Target:
    """The folder that is filled, and what is counted on the way."""

    archive: str
    root: Path
    limits: ArchiveLimits
    problems: list[Problem] = field(default_factory=list)
    left_out: int = 0
    entries: int = 0
    written: int = 0
    folders: set[Path] = field(default_factory=set)

    def count(self) -> None:
        """Count one entry of any kind. Raises: ArchiveError where there are too many."""
        self.entries += 1
        if self.entries > self.limits.files:
            raise ArchiveError(larger(self.archive, f"{self.limits.files} files"))

    def leave_out(self, name: str, message: str) -> None:
        """Remember that an entry is not made, and why."""
        self.left_out += 1
        if self.left_out <= MOST_TOLD:
            self.problems.append(Problem(where=repr(name[:120]), message=f"{message}; left out"))
        elif self.left_out == MOST_TOLD + 1:
            self.problems.append(Problem(where=repr(self.archive), message="more entries were left out"))

    def folder(self, name: str) -> None:
        """Make a folder. Raises: ArchiveError where there are too many."""
        path = self._path(name)
        if path is not None and not self._make(path):
            self.leave_out(name, "is a folder and a file")

    def file(self, name: str, *, executable: bool, chunks: Iterator[bytes]) -> None:
        """Write a file; the chunks are read to the end even where it is left out, so that they are counted."""
        path = self._path(name)
        if path is not None and (path == self.root or not self._make(path.parent)):
            self.leave_out(name, "lies below a file, or is the folder itself")
            path = None
        if path is not None and (path in self.folders or path.exists()):
            self.leave_out(name, "comes twice")
            path = None
        if path is None:
            self.pass_over(name, chunks)
            return
        with path.open("xb") as file:
            for chunk in self._counted(name, chunks):
                file.write(chunk)
        path.chmod(0o755 if executable else 0o644)

    def pass_over(self, name: str, chunks: Iterator[bytes]) -> None:
        """Read what is not written: it counts all the same."""
        for _ in self._counted(name, chunks):
            pass

    def _counted(self, name: str, chunks: Iterator[bytes]) -> Iterator[bytes]:
        size = 0
        for chunk in chunks:
            size += len(chunk)
            self.written += len(chunk)
            if size > self.limits.file_bytes:
                raise ArchiveError(
                    larger(f"{name[:80]} in {self.archive}", f"{self.limits.file_bytes // MIB} MiB unpacked")
                )
            if self.written > self.limits.total_bytes:
                raise ArchiveError(larger(self.archive, f"{self.limits.total_bytes // MIB} MiB unpacked"))
            yield chunk

    def _path(self, name: str) -> Path | None:
        """Return where an entry belongs; None, and a problem, where that is not below the folder."""
        # Backslashes part names in archives from Windows; here they would be one odd name.
        parts = [part for part in name.replace("\\", "/").split("/") if part not in ("", ".")]
        wrong = None
        if name.startswith(("/", "\\")) or (parts and parts[0][1:2] == ":"):
            wrong = "is an absolute path"
        elif ".." in parts:
            wrong = "leads out of the folder"
        elif any(ord(character) < 0x20 or character == "\x7f" for character in name):
            wrong = "has a control character in its name"
        elif len(_bytes(name)) > NAME_BYTES or any(len(_bytes(part)) > PART_BYTES for part in parts):
            wrong = "has too long a name"
        if wrong:
            self.leave_out(name, wrong)
            return None
        return self.root.joinpath(*(_bytes(part).decode() for part in parts))

    def _make(self, path: Path) -> bool:
        """Make a folder and those above it; say whether that could be."""
        missing = []
        while path != self.root and path not in self.folders:
            missing.append(path)
            path = path.parent
        for folder in reversed(missing):
            if len(self.folders) == self.limits.files:
                raise ArchiveError(larger(self.archive, f"{self.limits.files} folders"))
            try:
                folder.mkdir()
            except FileExistsError:
                return False
            self.folders.add(folder)
        return True


def read_chunks(read: Callable[[int], bytes], name: str) -> Iterator[bytes]:
    """Yield what ``read`` gives, up to CHUNK bytes at a time. Raises: ArchiveError where it cannot be read."""
    while True:
        with reading(name):
            chunk = read(CHUNK)
        if not chunk:
            return
        yield chunk


@contextmanager
def reading(name: str) -> Iterator[None]:
    """Turn what the readers raise on bytes that make no sense into one error."""
    try:
        yield
    except (
        zipfile.BadZipFile, tarfile.TarError, zlib.error, lzma.LZMAError, EOFError, struct.error, OSError, ValueError,
        RuntimeError, NotImplementedError, OverflowError, LookupError, RecursionError,
    ) as error:  # fmt: skip
        raise ArchiveError(corrupt(name, str(error)[:200] or "it ends in the middle")) from error


def corrupt(name: str, what: str) -> str:
    """Return what to say of bytes that make no sense."""
    return f"{name!r} is no zip or tar archive that can be read ({what}); fetch it again, or name the unpacked folder"


def larger(name: str, bound: str) -> str:
    """Return what to say of an archive that exceeds a limit."""
    return f"{name!r} has more than {bound}; no server needs that: name a smaller archive, or the unpacked folder"


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "replace")
