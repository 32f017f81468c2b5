"""The dump of all entries, one a line, in as many files as bound what one changed server has written again."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path

from sitegen.index import IndexedServer
from sitegen.serverfiles import NDJSON

SHARDS = 64


def shard(server: str) -> int:
    """Return the file that has a server's entries, by its slug."""
    return hashlib.sha256(server.encode()).digest()[0] % SHARDS


def shard_path(number: int) -> str:
    """Return a file of the dump."""
    return f"api/v1/tools/{number:02}.ndjson"


def shards(servers: Iterable[IndexedServer], wanted: set[int]) -> Mapping[int, list[str]]:
    """Return the pages of the servers in each of the ``wanted`` files, in their order."""
    found: dict[int, list[str]] = defaultdict(list)
    for server in servers:
        if (number := shard(server.slug)) in wanted:
            found[number].append(server.path)
    return found


def dump(pages: Iterable[str], roots: tuple[Path, ...]) -> bytes:
    """Return the lines of the servers with these pages; each server's file is in the first of ``roots`` that has it."""
    return b"".join(_read(f"{page}{NDJSON}", roots) for page in pages)


def _read(path: str, roots: tuple[Path, ...]) -> bytes:
    for root in roots:
        try:
            return (root / path).read_bytes()
        except FileNotFoundError:
            continue
    return b""
