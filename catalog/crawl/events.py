"""What a crawl tells while it runs; a sink decides what to show."""

from collections.abc import Callable
from dataclasses import dataclass

from catalog.model import Observation, Rung, ServerRef


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
class Observed:
    """A server was looked at, and what was seen is stored."""

    observation: Observation


Event = RungStarted | RungEnded | Observed
Sink = Callable[[Event], None]


def silent(event: Event) -> None:
    """Show nothing."""
    del event
