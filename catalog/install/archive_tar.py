"""Unpack a tar archive, plain or compressed, as a stream: headers are bounded like files are."""

import bz2
import io
import lzma
import stat
import tarfile
import zlib
from collections.abc import Callable, Iterator
from typing import IO, Protocol

from catalog.install.archive_target import CHUNK, MIB, ArchiveError, Target, corrupt, larger, read_chunks, reading

# Members of a gzip, bzip2 or xz file; block formats write one for every 64 KiB.
MOST_MEMBERS = 20_000

# Bytes that an xz file may ask for to be unpacked; its own presets stay below 70 MiB.
XZ_MEMORY = 96 * MIB

# Bytes of headers between two files of a tar archive: long names, extended attributes.
HEADER_BYTES = MIB


def unpack_tar(packed: IO[bytes], target: Target) -> None:
    """Unpack ``packed``, which is read from its start. Raises: ArchiveError."""
    stream = _Stream(packed, target)
    with reading(target.archive):
        # Block by block, so that the stream knows the last one. Nothing to close: it owns no file.
        archive = tarfile.open(fileobj=stream, mode="r|", bufsize=tarfile.BLOCKSIZE)  # noqa: SIM115
    while True:
        stream.allow(HEADER_BYTES)
        with reading(target.archive):
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
        raise ArchiveError(corrupt(target.archive, "it ends in the middle"))
    # Checksums stand at the end.
    stream.allow(HEADER_BYTES)
    with reading(target.archive):
        while stream.read(tarfile.BLOCKSIZE):
            pass


def _tar_chunks(archive: tarfile.TarFile, entry: tarfile.TarInfo, name: str) -> Iterator[bytes]:
    with reading(name):
        file = archive.extractfile(entry)
    if file is not None:
        yield from read_chunks(file.read, name)


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

    def __init__(self, file: IO[bytes], target: Target) -> None:
        start = file.read(6)
        file.seek(0)
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
            raise ArchiveError(corrupt(self._name, "its headers do not end"))
        if self._left < 0:
            raise ArchiveError(larger(self._name, "the bytes that are read of an archive"))
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
