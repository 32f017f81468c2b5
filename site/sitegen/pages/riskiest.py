"""The riskiest entries of a list that has no pages of its own."""

from dataclasses import replace

from sitegen.index import IndexedEntry
from sitegen.pages.base import EntryLine
from sitegen.pages.lines import entry_line

# Rows of one page: with what else stands there about 45 KB of HTML.
MOST = 100


class Riskiest:
    """Takes entries, the riskiest first; counts all and keeps the first hundred."""

    __slots__ = ("_entries", "total")

    def __init__(self) -> None:
        self._entries: list[IndexedEntry] = []
        self.total = 0
        """How many entries there were."""

    def add(self, entry: IndexedEntry) -> None:
        """Take the next entry."""
        self.total += 1
        if len(self._entries) < MOST:
            self._entries.append(entry)

    def lines(self) -> tuple[EntryLine, ...]:
        """Return those that were kept as table rows, without summaries: what the page is about comes first there."""
        return tuple(replace(entry_line(entry), summary="") for entry in self._entries)
