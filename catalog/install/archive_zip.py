"""Unpack a zip archive."""

import io
import stat
import struct
import zipfile
from collections.abc import Iterator
from typing import IO

from catalog.install.archive_target import MIB, ArchiveError, Target, corrupt, larger, read_chunks, reading

# Bytes of a zip's list of entries; its reader needs some ten times that in memory.
DIRECTORY_BYTES = 8 * MIB

_STORED_DEFLATED_BZIP2 = frozenset((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2))

_ENCRYPTED = 0x1
"""The flag of a zip entry (APPNOTE 4.4.4, bit 0)."""


def unpack_zip(file: IO[bytes], target: Target) -> None:
    """Unpack ``file``. Raises: ArchiveError."""
    with reading(target.archive):
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
    with reading(name):
        file = archive.open(entry)
    with file:
        yield from read_chunks(file.read, name)


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
        raise ArchiveError(corrupt(name, "the list of its entries is missing"))
    if tail[:at].endswith(b"PK\6\7") or tail[max(0, at - 20) : at - 16] == b"PK\6\7":
        raise ArchiveError(larger(name, "4 GiB or 65,535 files (zip64)"))
    (directory,) = struct.unpack_from("<L", tail, at + 12)
    if directory > DIRECTORY_BYTES:
        raise ArchiveError(larger(name, f"{DIRECTORY_BYTES // MIB} MiB of names"))
