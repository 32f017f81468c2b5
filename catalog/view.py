"""The read-only view of the catalogue: all that pages, exports and tables may see."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Literal, Protocol

from catalog.facts import Finding, PackageFacts, RemoteFacts
from catalog.model import Definition, Dispatch, Problem, Provenance, Reason, Rung
from catalog.origin import Origin
from classifier.verdict import Category, Classification, Level


@dataclass(frozen=True, slots=True, kw_only=True)
class ObservationRow:
    """One attempt to look at a server, without the tools it saw."""

    started_at: datetime
    finished_at: datetime
    version: str | None
    sandbox: str
    rungs: tuple[Rung, ...]
    outcome: Literal["listed", "declared", "not_listed"]
    reason: Reason | None
    """Why the running server could not be asked; None where it was, or where there was nothing to run."""
    maybe_partial: bool = False
    """Whether something says that there may be more tools."""
    detail: str = ""
    hint: str = ""
    server_name: str = ""
    server_version: str = ""
    protocol_version: str = ""
    problems: tuple[Problem, ...] = ()
    findings: tuple[Finding, ...] = ()
    package: PackageFacts | None = None
    remote: RemoteFacts | None = None

    @property
    def listed(self) -> bool:
        """Say whether the server answered."""
        return self.outcome == "listed"


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerRow:
    """A server as last known."""

    slug: str
    title: str
    origin: Origin
    product: str | None
    product_title: str | None
    publisher: str | None
    homepage: str | None
    repository: str | None
    environment: tuple[str, ...]
    latest: ObservationRow
    """The latest attempt."""
    listing: ObservationRow | None
    """The latest attempt that gave a list, of the server itself or of its source; None where none ever did."""
    tools: int
    """Tools present now."""
    actions: int
    """Actions behind dispatcher tools present now."""
    arguments: tuple[str, ...] = ()
    """What its program needs before it lists anything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AppliedOverride:
    """What a person decided about an entry (catalog.overrides)."""

    field: str
    value: str
    reason: str
    by: str
    date: date
    outdated: bool
    """Whether the definition has changed since."""
    in_force: bool
    """An outdated decision stays in force only where it is stricter than the classifier's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryRow:
    """A tool or an action present now, with its judgement."""

    server: str
    """The server's slug."""
    key: str
    definition: Definition
    provenance: Provenance
    dispatch: Dispatch | None
    run: str
    """The rung that showed it, for example ``run`` or ``placeholders``."""
    first_seen: datetime
    """When this definition was first seen on this server."""
    last_seen: datetime
    classification: Classification
    ruleset: str
    """The version of the rules that made the classification."""
    overrides: tuple[AppliedOverride, ...] = ()
    """What a person decided about it; the classification follows those in force."""

    @property
    def name(self) -> str:
        """Return the name as published: untrusted, escape before showing."""
        return self.definition.name


class ChangeKind(StrEnum):
    """What became of an entry between two lists of its server."""

    ADDED = "added"
    REMOVED = "removed"
    RENAMED = "renamed"
    """The same definition under another name: removed and added at once."""
    CHANGED = "changed"


class Effect(StrEnum):
    """What another definition of the same entry means to whoever allowed it."""

    COSMETIC = "cosmetic"
    """Other words; what is called, with what, and the risk are the same."""
    INTERFACE = "interface"
    """Other parameters, results or hints, at the same risk."""
    RISK_RAISED = "risk-raised"
    RISK_LOWERED = "risk-lowered"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeRow:
    """One change of one entry. What the first list of a server showed is no change."""

    server: str
    """The server's slug."""
    key: str
    """The entry's key; of one that was renamed, the key it had."""
    at: datetime
    """When the list that shows the change was taken."""
    kind: ChangeKind
    effect: Effect | None = None
    """Of a changed entry, where the same rules judged both definitions."""
    before: Definition | None = None
    """None for an added one."""
    after: Definition | None = None
    """None for a removed one."""
    new_key: str | None = None
    """Of a renamed one, the key it has now."""
    category: Category | None = None
    """As first judged after the change, whatever later rules say; of a removed one, as last judged before it; None
    where it was never judged."""
    risk: Level | None = None
    """As category."""
    risk_before: Level | None = None
    """Of one that was changed or renamed, where the same rules judged both definitions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RemovedRow:
    """An entry that its server no longer has: its page says so."""

    server: str
    key: str
    definition: Definition
    """The last one."""
    dispatch: Dispatch | None
    first_seen: datetime
    last_seen: datetime
    removed_at: datetime
    """When a list was taken that no longer had it."""
    new_key: str | None = None
    """The key of the entry that took its place under another name; that one is present."""
    category: Category | None = None
    """As last judged; None where it never was."""
    risk: Level | None = None


class CatalogView(Protocol):
    """What outputs read. Rows come in a stable order: servers by slug, entries by key."""

    def servers(self) -> Sequence[ServerRow]:
        """Return every server that was ever looked at."""
        ...

    def server(self, slug: str) -> ServerRow | None:
        """Return one server, or None."""
        ...

    def entries(self, server: str) -> Sequence[EntryRow]:
        """Return the entries present now on one server; none where it was never listed."""
        ...

    def stamps(self) -> Mapping[str, str]:
        """Return for each server, by slug in order, a text that differs whenever any row about it may differ.

        It costs no look at entries: what is built from the rows of a server need not be built again while its stamp
        stays.
        """
        ...

    def history(self, server: str) -> Sequence[ChangeRow]:
        """Return the changes of one server's entries, the latest first, then by key."""
        ...

    def removed(self, server: str) -> Sequence[RemovedRow]:
        """Return the entries that one server no longer has, by key."""
        ...
