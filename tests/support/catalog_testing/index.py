"""An index of a catalogue in memory: a fake of Index, and builders of its rows."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from catalog_testing.view import LOOKED_AT
from classifier.verdict import Category, Level
from sitegen.index import IndexedChange, IndexedEntry, IndexedServer
from sitegen.slugs import slug as folder


@dataclass(frozen=True, slots=True)
class MemoryIndex:
    """Servers and entries, as given."""

    rows: Sequence[IndexedServer]
    tools: Sequence[IndexedEntry]

    @property
    def as_of(self) -> datetime | None:
        """See `Index.as_of`."""
        return max((server.looked_at for server in self.rows), default=None)

    @property
    def cells(self) -> Mapping[tuple[Category, Level], int]:
        """See `Index.cells`."""
        return Counter((entry.category, entry.risk) for entry in self.tools)

    @property
    def server_count(self) -> int:
        """See `Index.server_count`."""
        return len(self.rows)

    @property
    def action_count(self) -> int:
        """See `Index.action_count`."""
        return sum(1 for entry in self.tools if entry.is_action)

    def servers(self) -> Iterator[IndexedServer]:
        """See `Index.servers`."""
        return iter(sorted(self.rows, key=lambda server: server.slug))

    def entries(self) -> Iterator[IndexedEntry]:
        """See `Index.entries`."""
        return iter(sorted(self.tools, key=lambda entry: (entry.server, entry.key)))

    def ranked(self) -> Iterator[IndexedEntry]:
        """See `Index.ranked`."""
        return iter(
            sorted(
                self.tools,
                key=lambda each: (-each.risk, -each.severity, -each.confidence, each.server, each.key),
            )
        )

    def changes(self, most: int) -> Sequence[IndexedChange]:
        """See `Index.changes`."""
        return ()


def indexed_server(slug: str = "orchard", *, title: str | None = None) -> IndexedServer:
    """Return a server that was listed."""
    return IndexedServer(
        slug=slug,
        path=f"servers/{slug}/",
        title=slug if title is None else title,
        origin=f"npm @farm/{slug}",
        publisher="The Orchard Keepers",
        product="",
        product_title="",
        known_from="listed",
        maybe_partial=False,
        reason="",
        tools=0,
        actions=0,
        tokens=0,
        grade="B",
        risks=(0, 0, 0, 0),
        looked_at=LOOKED_AT,
        changed_at=LOOKED_AT,
    )


def indexed_entry(
    name: str,
    *,
    server: str = "orchard",
    summary: str = "Counts the apples in a crate.",
    category: Category = Category.READ,
    risk: Level = Level.LOW,
    traits: Sequence[str] = (),
    provenance: str = "live",
) -> IndexedEntry:
    """Return a tool whose page is in a folder of its own name."""
    return IndexedEntry(
        server=server,
        server_title=f"The {server}",
        server_path=f"servers/{server}/",
        key=name,
        name=name,
        path=f"servers/{server}/{folder(name, distinct=name)}/",
        summary=summary,
        category=category,
        risk=risk,
        severity=risk,
        confidence=0.85,
        traits=tuple(traits),
        rules=(),
        provenance=provenance,
        is_action=False,
        changed_at=LOOKED_AT,
    )
