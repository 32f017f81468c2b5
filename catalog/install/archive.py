"""Unpack a zip or tar archive that somebody else made; what leads out of the folder is left out and told."""

import stat
from pathlib import Path

from catalog.install.archive_tar import unpack_tar
from catalog.install.archive_target import MIB, ArchiveError, ArchiveLimits, Target, larger
from catalog.install.archive_zip import unpack_zip
from catalog.model import Problem

__all__ = ["DEFAULT_LIMITS", "ArchiveError", "ArchiveLimits", "unpack"]

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
            raise ArchiveError(larger(archive.name, f"{limits.archive_bytes // MIB} MiB"))
        into.mkdir(parents=True, exist_ok=True)
        target = Target(archive=archive.name, root=into.resolve(), limits=limits)
        zipped = file.read(2) == b"PK"
        file.seek(0)
        if zipped:
            unpack_zip(file, target)
        else:
            unpack_tar(file, target)
    return tuple(target.problems)
