"""The dump of all entries, one a line, in as many files as bound what one changed server has written again."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from catalog.errors import CatalogError
from sitegen.api import shard_path
from sitegen.index import IndexedServer
from sitegen.serverfiles import NDJSON


def shards(servers: Iterable[IndexedServer], wanted: Iterable[str]) -> Mapping[str, Sequence[str]]:
    """Return for each file of the dump that is ``wanted`` the pages of the servers in it, in their order."""
    found: dict[str, list[str]] = {path: [] for path in sorted(wanted)}
    for server in servers:
        path = shard_path(server.slug)
        if path in found:
            found[path].append(server.path)
    return found


def dump(pages: Iterable[str], roots: tuple[Path, ...]) -> bytes:
    """Return the lines of the servers with these pages; each server's file is in the first of ``roots`` that has it.

    Raises: CatalogError where none has it.
    """
    return b"".join(_read(f"{page}{NDJSON}", roots) for page in pages)


def _read(path: str, roots: tuple[Path, ...]) -> bytes:
    for root in roots:
        try:
            return (root / path).read_bytes()
        except FileNotFoundError:
            continue
    raise CatalogError(f"the site lacks {path!r}, which an earlier build wrote: build it again with --fresh")
