"""Unpack a zip or tar archive that somebody else made: nothing leaves the folder, every size is counted while reading.

Only plain files and folders are made; links, devices and names that lead elsewhere are left out and told.
"""

import bz2
import io
import lzma
import stat
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Protocol

from catalog.errors import InputError
from catalog.model import Problem

MIB = 1024 * 1024

# Bytes that are read or written at a time.
CHUNK = 64 * 1024

# Members of a gzip, bzip2 or xz file; block formats write one for every 64 KiB.
MOST_MEMBERS = 20_000

# Bytes that an xz file may ask for to be unpacked; its own presets stay below 70 MiB.
XZ_MEMORY = 96 * MIB

# Bytes of a zip's list of entries; its reader needs some ten times that in memory.
DIRECTORY_BYTES = 8 * MIB

# Bytes of headers between two files of a tar archive: long names, extended attributes.
HEADER_BYTES = MIB

# Bytes of a name in an archive, and of each of its parts; Linux takes 4,096 and 255.
NAME_BYTES = 1024
PART_BYTES = 255

# Entries left out that are told one by one.
MOST_TOLD = 100

_STORED_DEFLATED_BZIP2 = frozenset((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2))

_ENCRYPTED = 0x1
"""The flag of a zip entry (APPNOTE 4.4.4, bit 0)."""


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


DEFAULT_LIMITS = ArchiveLimits()


def unpack(archive: Path, into: Path, limits: ArchiveLimits = DEFAULT_LIMITS) -> tuple[Problem, ...]:
    """Unpack a zip (also .mcpb, .whl) or tar archive (plain, gzip, bzip2, xz); the content tells which it is.

    Args:
        archive: The file.
        into: An empty folder, made where there is none. After an error it holds a part.
        limits: What ends it.

    Returns:
        The entries that were left out and why, at most some hundred.

    Raises:
        ArchiveError: It is no such archive, corrupt, encrypted, or larger than the limits.
        OSError: What is unpacked cannot be written: no space, no permission.
    """
    try:
        file = archive.open("rb")
    except OSError as error:
        raise ArchiveError(f"cannot read {archive.name!r}: {error.strerror}; name an archive file") from error
    with file:
        if not stat.S_ISREG(archive.stat().st_mode):
            raise ArchiveError(f"{archive.name!r} is no file; name an archive")
        if archive.stat().st_size > limits.archive_bytes:
            raise ArchiveError(_larger(archive.name, f"{limits.archive_bytes // MIB} MiB"))
        into.mkdir(parents=True, exist_ok=True)
        target = _Target(archive=archive.name, root=into.resolve(), limits=limits)
        start = file.read(6)
        file.seek(0)
        if start.startswith(b"PK"):
            _unpack_zip(file, target)
        else:
            _unpack_tar(_Stream(file, start, target), target)
    return tuple(target.problems)


@dataclass(slots=True, kw_only=True)
class _Target:
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
        self.entries += 1
        if self.entries > self.limits.files:
            raise ArchiveError(_larger(self.archive, f"{self.limits.files} files"))

    def leave_out(self, name: str, message: str) -> None:
        self.left_out += 1
        if self.left_out <= MOST_TOLD:
            self.problems.append(Problem(where=repr(name[:120]), message=f"{message}; left out"))
        elif self.left_out == MOST_TOLD + 1:
            self.problems.append(Problem(where=repr(self.archive), message="more entries were left out"))

    def folder(self, name: str) -> None:
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
                    _larger(f"{name[:80]} in {self.archive}", f"{self.limits.file_bytes // MIB} MiB unpacked")
                )
            if self.written > self.limits.total_bytes:
                raise ArchiveError(_larger(self.archive, f"{self.limits.total_bytes // MIB} MiB unpacked"))
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
                raise ArchiveError(_larger(self.archive, f"{self.limits.files} folders"))
            try:
                folder.mkdir()
            except FileExistsError:
                return False
            self.folders.add(folder)
        return True


def _unpack_zip(file: IO[bytes], target: _Target) -> None:
    with _reading(target.archive):
        _check_directory(file, target.archive)
        archive = zipfile.ZipFile(file)
        entries = iter(archive.infolist())
    for entry in entries:
        target.count()
        kind = stat.S_IFMT(entry.external_attr >> 16)
        if entry.flag_bits & _ENCRYPTED:
            raise ArchiveError(f"{target.archive!r} is encrypted; unpack it yourself and name the folder")
        if entry.compress_type not in _STORED_DEFLATED_BZIP2:
            raise ArchiveError(
                f"{target.archive!r} is packed by method {entry.compress_type}; unpack it yourself and name the folder"
            )
        if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
            target.leave_out(entry.filename, "is a link or a device")
        elif entry.is_dir() or kind == stat.S_IFDIR:
            target.folder(entry.filename)
        else:
            executable = bool(entry.external_attr >> 16 & stat.S_IXUSR)
            target.file(entry.filename, executable=executable, chunks=_zip_chunks(archive, entry, target.archive))


def _zip_chunks(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, name: str) -> Iterator[bytes]:
    with _reading(name):
        file = archive.open(entry)
    with file:
        yield from _chunks(file.read, name)


def _check_directory(file: IO[bytes], name: str) -> None:
    """Refuse a list of entries that would fill the memory: the reader takes it in as a whole.

    The end record is looked for as zipfile does it (APPNOTE 4.3.16).
    """
    size = file.seek(0, io.SEEK_END)
    file.seek(max(0, size - 22 - 0xFFFF - 20))
    tail = file.read()
    file.seek(0)
    at = len(tail) - 22
    if at < 0 or tail[at : at + 4] != b"PK\5\6" or tail[-2:] != b"\0\0":
        at = tail.rfind(b"PK\5\6")
    if at < 0 or len(tail) < at + 22:
        raise ArchiveError(_corrupt(name, "the list of its entries is missing"))
    if tail[:at].endswith(b"PK\6\7") or tail[max(0, at - 20) : at - 16] == b"PK\6\7":
        raise ArchiveError(_larger(name, "4 GiB or 65,535 files (zip64)"))
    (directory,) = struct.unpack_from("<L", tail, at + 12)
    if directory > DIRECTORY_BYTES:
        raise ArchiveError(_larger(name, f"{DIRECTORY_BYTES // MIB} MiB of names"))


def _unpack_tar(stream: "_Stream", target: _Target) -> None:
    with _reading(target.archive):
        # Block by block, so that the stream knows the last one. Nothing to close: it owns no file.
        archive = tarfile.open(fileobj=stream, mode="r|", bufsize=tarfile.BLOCKSIZE)  # noqa: SIM115
    while True:
        stream.allow(HEADER_BYTES)
        with _reading(target.archive):
            entry = archive.next()
        if entry is None:
            break
        target.count()
        stream.allow(max(0, entry.size) + HEADER_BYTES)
        if entry.isdir():
            target.folder(entry.name)
        elif entry.isreg() and not entry.issparse():
            executable = bool(entry.mode & stat.S_IXUSR)
            target.file(entry.name, executable=executable, chunks=_tar_chunks(archive, entry, target.archive))
        else:
            target.leave_out(entry.name, "is a link, a device or no plain file")
            if entry.isreg() or entry.type not in tarfile.SUPPORTED_TYPES:
                target.pass_over(entry.name, _tar_chunks(archive, entry, target.archive))
        # The reader keeps every header to the end.
        archive.pax_headers, entry.pax_headers = {}, {}
    if stream.last.strip(b"\0"):
        # It takes a broken header for the end.
        raise ArchiveError(_corrupt(target.archive, "it ends in the middle"))
    # Checksums stand at the end.
    stream.allow(HEADER_BYTES)
    with _reading(target.archive):
        while stream.read(tarfile.BLOCKSIZE):
            pass


def _tar_chunks(archive: tarfile.TarFile, entry: tarfile.TarInfo, name: str) -> Iterator[bytes]:
    with _reading(name):
        file = archive.extractfile(entry)
    if file is not None:
        yield from _chunks(file.read, name)


def _chunks(read: Callable[[int], bytes], name: str) -> Iterator[bytes]:
    while True:
        with _reading(name):
            chunk = read(CHUNK)
        if not chunk:
            return
        yield chunk


class _Decompressor(Protocol):
    """What bz2 and lzma share."""

    @property
    def needs_input(self) -> bool: ...
    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int = ..., /) -> bytes: ...


class _Stream(io.RawIOBase):
    """The unpacked bytes of a tar archive, of which no more can be read than was allowed."""

    def __init__(self, file: IO[bytes], start: bytes, target: _Target) -> None:
        if start.startswith(b"\x1f\x8b"):
            self._chunks = _gunzip(file)
        elif start.startswith(b"BZh"):
            self._chunks = _decompress(file, bz2.BZ2Decompressor)
        elif start == b"\xfd7zXZ\0":
            self._chunks = _decompress(file, lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=XZ_MEMORY))
        else:
            self._chunks = iter(lambda: file.read(CHUNK), b"")
        self._name = target.archive
        self._buffer = memoryview(b"")
        self._allowed = HEADER_BYTES
        # Headers and padding are no files, but bytes as well.
        self._left = target.limits.total_bytes + target.limits.files * 4 * tarfile.BLOCKSIZE
        self.last = b""
        """The block that was read last."""

    def allow(self, size: int) -> None:
        """Let ``size`` more bytes be read."""
        self._allowed = size

    def read(self, size: int = -1, /) -> bytes:
        """Return the next ``size`` bytes, fewer at the end."""
        self._allowed -= size
        self._left -= size
        if self._allowed < 0:
            raise ArchiveError(_corrupt(self._name, "its headers do not end"))
        if self._left < 0:
            raise ArchiveError(_larger(self._name, "the bytes that are read of an archive"))
        parts, wanted = [], size
        while wanted:
            if not self._buffer:
                chunk = next(self._chunks, b"")
                if not chunk:
                    break
                self._buffer = memoryview(chunk)
            parts.append(self._buffer[:wanted])
            self._buffer = self._buffer[wanted:]
            wanted -= len(parts[-1])
        self.last = b"".join(parts)
        return self.last


def _gunzip(file: IO[bytes]) -> Iterator[bytes]:
    data = file.read(CHUNK)
    for _ in range(MOST_MEMBERS):
        machine = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
        while True:
            if not data:
                raise EOFError
            chunk = machine.decompress(data, CHUNK)
            if chunk:
                yield chunk
            if machine.eof:
                break
            data = machine.unconsumed_tail or file.read(CHUNK)
        data = machine.unused_data or file.read(CHUNK)
        if not data.startswith(b"\x1f"):  # the end, or padding behind it
            return
    raise zlib.error("too many members")


def _decompress(file: IO[bytes], new: Callable[[], _Decompressor]) -> Iterator[bytes]:
    data = file.read(CHUNK)
    for _ in range(MOST_MEMBERS):
        machine = new()
        while not machine.eof:
            if machine.needs_input and not data:
                raise EOFError
            chunk = machine.decompress(data, CHUNK)
            data = file.read(CHUNK) if machine.needs_input and not machine.eof else b""
            if chunk:
                yield chunk
        data = machine.unused_data or file.read(CHUNK)
        if not data.strip(b"\0"):
            return
    raise zlib.error("too many members")


@contextmanager
def _reading(name: str) -> Iterator[None]:
    """Turn what the readers raise on bytes that make no sense into one error."""
    try:
        yield
    except (
        zipfile.BadZipFile, tarfile.TarError, zlib.error, lzma.LZMAError, EOFError, struct.error, OSError, ValueError,
        RuntimeError, NotImplementedError, OverflowError, LookupError, RecursionError,
    ) as error:  # fmt: skip
        raise ArchiveError(_corrupt(name, str(error)[:200] or "it ends in the middle")) from error


def _corrupt(name: str, what: str) -> str:
    return f"{name!r} is no zip or tar archive that can be read ({what}); fetch it again, or name the unpacked folder"


def _larger(name: str, bound: str) -> str:
    return f"{name!r} has more than {bound}; no server needs that: name a smaller archive, or the unpacked folder"


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "replace")
