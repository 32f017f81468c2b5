"""Entries of the same name on other servers: who shows whom, and whose pages change with another server."""

from collections.abc import Iterable, Mapping

from sitegen.index import IndexedEntry
from sitegen.ledger.index import LedgerIndex

SHOWN = 3
"""Namesakes that a page shows."""

Tops = Mapping[str, tuple[IndexedEntry, ...]]
"""By name, the riskiest entries of that name: one more than is shown, since none is its own namesake."""


class Namesakes:
    """Looks in the index."""

    def __init__(self, index: LedgerIndex) -> None:
        self._index = index

    def tops(self, names: Iterable[str]) -> Tops:
        """Return the riskiest entries of each name now."""
        return {name: tuple(self._index.named(name, SHOWN + 1)) for name in names}

    def touched(self, before: Tops) -> set[str]:
        """Return the servers (slugs) that show other namesakes than ``before``."""
        now = self.tops(before)
        changed = [name for name in before if now[name] != before[name]]
        return {server for name in changed for server in self._index.servers_naming(name)}

    def of(self, server: str) -> Mapping[str, tuple[IndexedEntry, ...]]:
        """Return by entry key what is shown on the pages of one server."""
        tops: dict[str, tuple[IndexedEntry, ...]] = {}
        found = {}
        for key, name in self._index.keys(server):
            if name not in tops:
                # Several of a server's own entries may have one name.
                others = [one for one in self._index.named(name, SHOWN + 1) if one.server != server]
                tops[name] = tuple(others[:SHOWN])
            if tops[name]:
                found[key] = tops[name]
        return found
