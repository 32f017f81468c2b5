"""What pages about many servers are made from: every server and entry as a few words, in any number.

Pages of one server hold its rows in memory; these rows stream from disk, so that a catalogue of any size needs no more.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from catalog.view import ChangeKind, Effect
from classifier.verdict import Category, Level


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexedServer:
    """A server in short."""

    slug: str
    path: str
    """Its page's folder from the site's root: ``servers/x/``."""
    title: str
    origin: str
    """How it is reached, fit to publish."""
    publisher: str
    product: str
    """The product's slug; empty for none."""
    product_title: str
    known_from: str
    """``listed``, ``declared``, ``recorded`` or ``not_listed`` (sitegen.standing.Kind)."""
    maybe_partial: bool
    reason: str
    """Why the running server could not be asked at the latest look; empty where it was."""
    tools: int
    actions: int
    tokens: int
    """What all its definitions cost in context."""
    grade: str
    """A letter; empty where nothing is listed."""
    risks: tuple[int, int, int, int]
    """Entries at Low, Medium, High, Critical."""
    looked_at: datetime
    """When it was last looked at."""
    changed_at: datetime
    """When what its pages say last changed; for sitemaps."""

    @property
    def worst(self) -> Level | None:
        """Return the highest risk among its entries; None without any."""
        return next((level for level in sorted(Level, reverse=True) if self.risks[level - 1]), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexedEntry:
    """A tool or an action in short. Names and summaries are the server's words: escape before showing."""

    server: str
    """The server's slug."""
    server_title: str
    server_path: str
    key: str
    name: str
    path: str
    """Its page's folder: ``servers/x/name/``."""
    summary: str
    """The first words of its description, at most 150 characters on one line."""
    category: Category
    risk: Level
    severity: Level
    confidence: float
    traits: tuple[str, ...]
    rules: tuple[str, ...]
    """Ids of the rules that fired on it, each once."""
    provenance: str
    is_action: bool
    changed_at: datetime
    """When what its page says last changed; for sitemaps."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexedChange:
    """A change in short (catalog.view.ChangeRow), and where its page is."""

    server: str
    server_title: str
    server_path: str
    name: str
    new_name: str
    """Of a renamed one; else empty."""
    path: str
    """The entry's page, or its tombstone."""
    at: datetime
    kind: ChangeKind
    effect: Effect | None
    category: Category | None
    risk: Level | None
    risk_before: Level | None


class Index(Protocol):
    """The whole catalogue in short. Each call streams anew; the order is always the same."""

    @property
    def as_of(self) -> datetime | None:
        """Return when a server was last looked at; None in an empty catalogue."""
        ...

    @property
    def cells(self) -> Mapping[tuple[Category, Level], int]:
        """Return how many entries have each category and risk; pairs without any may be missing."""
        ...

    @property
    def server_count(self) -> int:
        """Return the number of servers."""
        ...

    @property
    def action_count(self) -> int:
        """Return how many entries are actions behind dispatcher tools."""
        ...

    def servers(self) -> Iterator[IndexedServer]:
        """Yield every server, by slug."""
        ...

    def entries(self) -> Iterator[IndexedEntry]:
        """Yield every entry, by server and key."""
        ...

    def ranked(self) -> Iterator[IndexedEntry]:
        """Yield every entry, the riskiest first: by risk, severity, confidence, then server and key."""
        ...

    def of_risk(self, level: Level, most: int) -> Iterator[IndexedEntry]:
        """Yield the ``most`` riskiest entries at one risk, in the order of ``ranked``; so do the three that follow."""
        ...

    def of_category(self, category: Category, most: int) -> Iterator[IndexedEntry]:
        """Yield the riskiest entries of one category."""
        ...

    def fired(self, rule: str, most: int) -> Iterator[IndexedEntry]:
        """Yield the riskiest entries on which a rule fired."""
        ...

    def holding(self, trait_sets: Collection[tuple[str, ...]], most: int) -> Iterator[IndexedEntry]:
        """Yield the riskiest entries whose traits are exactly one of these sets."""
        ...

    def rules(self) -> Mapping[str, int]:
        """Return on how many entries each rule fired; those that fired nowhere are missing."""
        ...

    def trait_sets(self) -> Mapping[tuple[str, ...], int]:
        """Return how many entries have each set of traits."""
        ...

    def changes(self, most: int) -> Sequence[IndexedChange]:
        """Return the latest changes of all servers, the latest first."""
        ...
