"""Find what a user names on the command line: a server by slug, an entry by name or key."""

import difflib
from typing import TYPE_CHECKING

from catalog.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from catalog.view import CatalogView, EntryRow, ServerRow


def find_server(view: "CatalogView", slug: str) -> "ServerRow":
    """Return the server. Raises: UsageError with close matches, or saying how to add it."""
    server = view.server(slug)
    if server is None:
        known = [row.slug for row in view.servers()]
        raise UsageError(
            f"the catalogue has no server {slug!r}.{_meant(slug, known)} "
            f"All: catalog list. To look at a new one: catalog sync {slug}"
        )
    return server


def find_entry(server: str, entries: "Sequence[EntryRow]", name: str) -> "EntryRow":
    """Return the tool or action with this key or name. Raises: UsageError when there is none, or more than one."""
    for entry in entries:
        if entry.key == name:
            return entry
    named = [entry for entry in entries if entry.name == name]
    if len(named) > 1:
        raise UsageError(f"{name!r} names several entries of {server!r}: {', '.join(entry.key for entry in named)}")
    if not named:
        candidates = {entry.name for entry in entries} | {entry.key for entry in entries}
        raise UsageError(f"{server!r} has no tool {name!r}.{_meant(name, candidates)} All: catalog show {server}")
    return named[0]


def _meant(word: str, known: "Iterable[str]") -> str:
    close = difflib.get_close_matches(word, list(known), n=3)
    return f" Did you mean {' or '.join(map(repr, close))}?" if close else ""
