"""What a recommended policy says, before any target's syntax: rules on what is on the wire."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, Protocol

from catalog.view import EntryRow


class Decision(StrEnum):
    """What happens to a call, from loosest to strictest."""

    ALLOW = "allow"
    LIMIT = "limit"
    APPROVE = "approve"
    DENY = "deny"

    @property
    def strictness(self) -> int:
        """Return the place in the order: 0 is loosest."""
        return _STRICTNESS[self]


_STRICTNESS = {decision: place for place, decision in enumerate(Decision)}

PASSING = frozenset({Decision.ALLOW, Decision.LIMIT})
"""Decisions under which a call can go through without a person."""

Window = Literal["minute", "hour", "day"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """At most ``max`` calls in a calendar window."""

    max: int
    window: Window


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """An argument that must have this value for a rule to apply: how a dispatcher's action looks on the wire."""

    argument: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """The recommendation for one entry: a tool, or one action of a dispatcher tool."""

    tool: str
    """The name in ``tools/call`` on the wire."""
    when: tuple[Match, ...] = ()
    """Empty for the tool itself; for an action, the one argument that decides which action runs."""
    decision: Decision
    limit: Limit | None = None
    """Set for LIMIT; for ALLOW and APPROVE an advisory cap that baseline exports leave out."""
    reason: str
    """One sentence: why this decision."""
    key: str
    """The entry it was made for."""

    def __post_init__(self) -> None:
        if len(self.when) > 1:
            raise ValueError(f"rule {self.key!r}: one argument selects an action, not {len(self.when)}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Rules for one server; whatever no rule names is denied."""

    server: str
    """The server's slug."""
    rules: tuple[Rule, ...]
    profile: str = "baseline"


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsupported:
    """A rule that a target cannot express, and the stricter one written in its place."""

    key: str
    wanted: str
    written: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """One policy in one target's syntax."""

    text: str
    filename: str
    """What the target calls the file, for example ``policy.json``."""
    unsupported: tuple[Unsupported, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Expresses:
    """What a target's syntax can say; whatever it cannot becomes stricter."""

    tools: bool = True
    """Rules on a tool as a whole."""
    arguments: bool
    """Rules on argument values, so on single actions of a dispatcher tool."""
    limits: bool
    """So many calls in a window."""
    approval: bool
    """Asking a person on each call."""


class Exporter(Protocol):
    """Writes policies for one target; one module each under catalog.export."""

    format: str
    """The name on the command line, for example ``policylayer``."""
    title: str
    """The product's name, for example ``PolicyLayer``."""
    expresses: Expresses

    def export(self, policy: Policy) -> Export:
        """Write ``policy``; what cannot be expressed becomes stricter and is listed, never dropped, never looser."""
        ...


class Recommender(Protocol):
    """Turns judged entries into a policy."""

    def __call__(self, server: str, entries: Sequence[EntryRow]) -> Policy:
        """Return the recommended policy for the entries of one server."""
        ...
