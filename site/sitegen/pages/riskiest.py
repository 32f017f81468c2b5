"""The riskiest entries of a list that has no pages of its own."""

from dataclasses import dataclass, replace

from sitegen.index import IndexedEntry
from sitegen.pages.base import EntryLine
from sitegen.pages.lines import entry_line

# Rows of one page: with what else stands there about 45 KB of HTML.
MOST = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Riskiest:
    """How many entries there are of a kind, and the first hundred."""

    total: int
    entries: tuple[IndexedEntry, ...]

    def lines(self) -> tuple[EntryLine, ...]:
        """Return those entries as table rows, without summaries: what the page is about comes first there."""
        return tuple(replace(entry_line(entry), summary="") for entry in self.entries)
