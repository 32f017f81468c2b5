"""What a crawl amounts to: outcomes by reason, rungs that rescued, the slowest servers, new and changed tools.

A tally of events that needs a few hundred bytes a server; definitions are not kept.
"""

from collections import Counter
from dataclasses import dataclass, field
from typing import Literal

from catalog.crawl.events import Event, Observed, PassedOver
from catalog.model import Changes, Declared, Listed, NotListed, Observation, Problem, Reason, Rung, ServerRef

# Servers that a report names as the slowest.
SLOWEST = 10

# Problems of one server that a report keeps.
MOST_PROBLEMS = 5

Kind = Literal["listed", "declared", "not_listed", "passed_over"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """How one server fared."""

    server: ServerRef
    kind: Kind
    reason: Reason | None
    """Why it could not be asked."""
    note: str
    """Why it was passed over."""
    detail: str
    hint: str
    version: str | None
    tools: int
    actions: int
    seconds: float
    rungs: tuple[Rung, ...]
    problems: tuple[Problem, ...]
    changes: Changes

    @property
    def rescue(self) -> str | None:
        """Return the rung that gave a list after others had failed."""
        failed = [rung for rung in self.rungs if rung.result == "failed"]
        return self.rungs[-1].name if failed and self.kind in ("listed", "declared") else None


@dataclass(slots=True)
class Tally:
    """A sink that adds up; ``looked`` is in the order in which servers were done."""

    looked: list[Looked] = field(default_factory=list)

    def __call__(self, event: Event) -> None:
        """Count an event that says how a server fared."""
        match event:
            case Observed(observation=observation, changes=changes):
                self.looked.append(_looked(observation, changes))
            case PassedOver(server=server, reason=reason):
                self.looked.append(_passed_over(server, reason))
            case _:
                pass

    def outcomes(self) -> Counter[str]:
        """Return how many servers were ``listed``, ``declared``, ``passed_over``, or not listed by reason."""
        return Counter(one.reason or one.kind if one.kind == "not_listed" else one.kind for one in self.looked)

    def rescues(self) -> Counter[str]:
        """Return how many servers each rung gave a list of after others had failed."""
        return Counter(one.rescue for one in self.looked if one.rescue is not None)

    def slowest(self) -> list[Looked]:
        """Return the servers that took longest, slowest first."""
        seen = [one for one in self.looked if one.kind != "passed_over"]
        return sorted(seen, key=lambda one: -one.seconds)[:SLOWEST]


def _looked(observation: Observation, changes: Changes) -> Looked:
    outcome = observation.outcome
    entries = outcome.entries if isinstance(outcome, Listed | Declared) else ()
    actions = sum(entry.dispatch is not None for entry in entries)
    kinds: dict[type, Kind] = {Listed: "listed", Declared: "declared", NotListed: "not_listed"}
    return Looked(
        server=observation.server,
        kind=kinds[type(outcome)],
        reason=None if isinstance(outcome, Listed) else outcome.reason,
        note="",
        detail="" if isinstance(outcome, Listed) else outcome.detail,
        hint="" if isinstance(outcome, Listed) else outcome.hint,
        version=observation.version,
        tools=len(entries) - actions,
        actions=actions,
        seconds=observation.seconds,
        rungs=observation.rungs,
        problems=() if isinstance(outcome, NotListed) else outcome.problems[:MOST_PROBLEMS],
        changes=changes,
    )


def _passed_over(server: ServerRef, note: str) -> Looked:
    return Looked(
        server=server,
        kind="passed_over",
        reason=None,
        note=note,
        detail="",
        hint="",
        version=None,
        tools=0,
        actions=0,
        seconds=0.0,
        rungs=(),
        problems=(),
        changes=Changes(),
    )
