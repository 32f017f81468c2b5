"""Targets that are source code: ``source:PATH``, a folder or an archive. It is read, never run."""

from pathlib import Path

from catalog.errors import UsageError
from catalog.model import ServerRef
from catalog.origin import Source
from catalog.sources.slugs import source_slug
from catalog.terminal import visible_name

_ARCHIVES = (".zip", ".mcpb", ".whl", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz")


def parse_source(target: str) -> Source | None:
    """Return the source code that ``target`` names, or None where it is no such target.

    Raises: UsageError where there is no folder and no archive of that name.
    """
    if not target.startswith("source:"):
        return None
    named = target.removeprefix("source:")
    try:
        path = Path(named).expanduser().resolve()
        found = bool(named) and (path.is_dir() or (path.is_file() and path.name.lower().endswith(_ARCHIVES)))
    except (OSError, ValueError, RuntimeError):  # no path of this system, or no such user's home
        found = False
    if not found:
        raise UsageError(
            f"{target!r} names no folder and no archive ({', '.join(_ARCHIVES)}); write source:FOLDER or source:ARCHIVE"
        )
    return Source(path=str(path))


def source_server(source: Source) -> ServerRef:
    """Return a server about which nothing is known but its source code."""
    name = Path(source.path).name or "source"
    return ServerRef(slug=source_slug(source), title=visible_name(name[:100]), origin=source)
