"""What a crawl tells while it runs; a sink decides what to show."""

from collections.abc import Callable
from dataclasses import dataclass

from catalog.model import Changes, Observation, Rung, ServerRef


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """So many servers are to be looked at, as far as is known now; told again whenever more are known."""

    servers: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RungStarted:
    """A server is on its way: ``rung`` has begun."""

    server: ServerRef
    rung: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RungEnded:
    """A step of the ladder is done."""

    server: ServerRef
    rung: Rung


@dataclass(frozen=True, slots=True, kw_only=True)
class Retried:
    """What stood in the way may pass: the server is looked at again."""

    server: ServerRef
    after: float
    """Seconds until then."""
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """A server was looked at, and what was seen is stored."""

    observation: Observation
    changes: Changes


@dataclass(frozen=True, slots=True, kw_only=True)
class PassedOver:
    """A server need not be looked at."""

    server: ServerRef
    reason: str
    """For example ``1.4.0 is still the newest``."""


Event = Planned | RungStarted | RungEnded | Retried | Observed | PassedOver
Sink = Callable[[Event], None]


def silent(event: Event) -> None:
    """Show nothing."""
    del event
