"""An index in memory: a fake of sitegen's Index, and builders of its rows, in our own words."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from catalog.view import ChangeKind, Effect
from catalog_testing.view import LOOKED_AT
from classifier.verdict import Category, Level
from sitegen.index import IndexedChange, IndexedEntry, IndexedServer
from sitegen.slugs import slug as folder


@dataclass
class MemoryIndex:
    """Rows as given, in the order that `Index` promises."""

    listed: Sequence[IndexedServer] = ()
    found: Sequence[IndexedEntry] = ()
    changed: Sequence[IndexedChange] = ()

    @property
    def as_of(self) -> datetime | None:
        """See `Index.as_of`."""
        return max((server.looked_at for server in self.listed), default=None)

    @property
    def cells(self) -> Mapping[tuple[Category, Level], int]:
        """See `Index.cells`."""
        return Counter((entry.category, entry.risk) for entry in self.found)

    @property
    def server_count(self) -> int:
        """See `Index.server_count`."""
        return len(self.listed)

    @property
    def action_count(self) -> int:
        """See `Index.action_count`."""
        return sum(entry.is_action for entry in self.found)

    def servers(self) -> Iterator[IndexedServer]:
        """See `Index.servers`."""
        yield from sorted(self.listed, key=lambda server: server.slug)

    def entries(self) -> Iterator[IndexedEntry]:
        """See `Index.entries`."""
        yield from sorted(self.found, key=lambda entry: (entry.server, entry.key))

    def ranked(self) -> Iterator[IndexedEntry]:
        """See `Index.ranked`."""
        yield from sorted(
            self.found,
            key=lambda entry: (-entry.risk, -entry.severity, -entry.confidence, entry.server, entry.key),
        )

    def of_risk(self, level: Level, most: int) -> Iterator[IndexedEntry]:
        """See `Index.of_risk`."""
        return islice((entry for entry in self.ranked() if entry.risk is level), most)

    def of_category(self, category: Category, most: int) -> Iterator[IndexedEntry]:
        """See `Index.of_category`."""
        return islice((entry for entry in self.ranked() if entry.category is category), most)

    def fired(self, rule: str, most: int) -> Iterator[IndexedEntry]:
        """See `Index.fired`."""
        return islice((entry for entry in self.ranked() if rule in entry.rules), most)

    def holding(self, trait_sets: Collection[tuple[str, ...]], most: int) -> Iterator[IndexedEntry]:
        """See `Index.holding`."""
        return islice((entry for entry in self.ranked() if entry.traits in trait_sets), most)

    def rules(self) -> Mapping[str, int]:
        """See `Index.rules`."""
        return Counter(rule for entry in self.found for rule in entry.rules)

    def trait_sets(self) -> Mapping[tuple[str, ...], int]:
        """See `Index.trait_sets`."""
        return Counter(entry.traits for entry in self.found)

    def changes(self, most: int) -> Sequence[IndexedChange]:
        """See `Index.changes`."""
        return sorted(self.changed, key=lambda change: change.at, reverse=True)[:most]


def indexed_server(
    slug: str = "orchard",
    *,
    title: str | None = None,
    product: str = "",
    known_from: str = "listed",
    reason: str = "",
    maybe_partial: bool = False,
    tools: int = 4,
    actions: int = 0,
    grade: str = "B",
    risks: tuple[int, int, int, int] = (1, 1, 1, 1),
    looked_at: datetime = LOOKED_AT,
) -> IndexedServer:
    """Return a server in short; without a list it has neither tools nor a grade."""
    listed = known_from != "not_listed"
    return IndexedServer(
        slug=slug,
        path=f"servers/{slug}/",
        title=slug if title is None else title,
        origin=f"npm:@farm/{slug}",
        publisher="The Orchard Keepers",
        product=product,
        product_title=product.title(),
        known_from=known_from,
        maybe_partial=maybe_partial,
        reason=reason,
        tools=tools if listed else 0,
        actions=actions if listed else 0,
        tokens=800 if listed else 0,
        grade=grade if listed else "",
        risks=risks if listed else (0, 0, 0, 0),
        looked_at=looked_at,
        changed_at=looked_at,
    )


def indexed_entry(
    name: str,
    *,
    server: str = "orchard",
    summary: str = "Counts the apples in a crate.",
    category: Category = Category.READ,
    risk: Level = Level.LOW,
    confidence: float = 0.85,
    traits: Sequence[str] = (),
    rules: Sequence[str] = (),
    provenance: str = "live",
    is_action: bool = False,
) -> IndexedEntry:
    """Return a tool or an action in short; its severity equals its risk."""
    return IndexedEntry(
        server=server,
        server_title=server,
        server_path=f"servers/{server}/",
        key=name,
        name=name,
        path=f"servers/{server}/{folder(name, distinct=name)}/",
        summary=summary,
        category=category,
        risk=risk,
        severity=risk,
        confidence=confidence,
        traits=tuple(traits),
        rules=tuple(rules),
        provenance=provenance,
        is_action=is_action,
        changed_at=LOOKED_AT,
    )


def indexed_change(
    name: str,
    *,
    server: str = "orchard",
    at: datetime = LOOKED_AT,
    kind: ChangeKind = ChangeKind.CHANGED,
    effect: Effect | None = None,
    new_name: str = "",
    category: Category | None = Category.WRITE,
    risk: Level | None = Level.HIGH,
    risk_before: Level | None = None,
) -> IndexedChange:
    """Return a change in short."""
    return IndexedChange(
        server=server,
        server_title=server,
        server_path=f"servers/{server}/",
        name=name,
        new_name=new_name,
        path=f"servers/{server}/{name.replace('_', '-')}/",
        at=at,
        kind=kind,
        effect=effect,
        category=category,
        risk=risk,
        risk_before=risk_before,
    )
