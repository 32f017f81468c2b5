"""What changed on a server and when, as sentences, and how many entries there were over time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import assert_never

from catalog.view import ChangeKind, ChangeRow, Effect
from classifier.verdict import Level
from sitegen.catalogue import CataloguedServer
from sitegen.visible import one_line

# A name inside a sentence.
_NAME = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeLine:
    """One change, ready for a list."""

    at: str
    """The day, for example ``2026-11-20``."""
    kind: str
    """``added``, ``removed``, ``renamed``, ``cosmetic``, ``interface``, ``risk-raised``, ``risk-lowered`` or
    ``changed`` where the effect is not known."""
    name: str
    """The entry's name after the change."""
    to: str
    """Its page, or the page that says that it is gone; empty where it has none."""
    sentence: str
    risk: str
    """The risk after the change; empty where it was never judged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How many entries a server had from a moment on."""

    at: datetime
    number: int


def change_lines(changes: Sequence[ChangeRow], paths: Mapping[str, str]) -> tuple[ChangeLine, ...]:
    """Return changes as lines in their order; ``paths`` has the pages of entries, present or gone, by key."""
    return tuple(
        ChangeLine(
            at=change.at.date().isoformat(),
            kind=str(change.effect if change.kind is ChangeKind.CHANGED and change.effect else change.kind),
            name=_name(change),
            to=paths.get(change.new_key or change.key, ""),
            sentence=change_sentence(change),
            risk=change.risk.label if change.risk else "",
        )
        for change in changes
    )


def change_sentence(change: ChangeRow) -> str:
    """Say what a change did."""
    match change.kind:
        case ChangeKind.ADDED:
            return "Added."
        case ChangeKind.REMOVED:
            return "Removed."
        case ChangeKind.RENAMED:
            before = one_line(change.before.name, _NAME) if change.before else change.key
            return f"Renamed; it was called {before}, with the same definition."
        case ChangeKind.CHANGED:
            return _effect(change)
    assert_never(change.kind)


def entry_changes(server: CataloguedServer, key: str) -> tuple[ChangeRow, ...]:
    """Return the changes of one entry, under its key of today or as what it was called before."""
    return tuple(change for change in server.history if key in (change.key, change.new_key))


def sizes(server: CataloguedServer) -> tuple[Size, ...]:
    """Return how many entries there were, the earliest first; empty where their number never changed."""
    steps: dict[datetime, int] = {}
    for change in server.history:
        step = {ChangeKind.ADDED: 1, ChangeKind.REMOVED: -1}.get(change.kind, 0)
        steps[change.at] = steps.get(change.at, 0) + step
    number = len(server.entries)
    found = []
    for at, step in sorted(steps.items(), reverse=True):
        if step:
            found.append(Size(at=at, number=number))
            number -= step
    if not found:
        return ()
    seen = [entry.row.first_seen for entry in server.entries] + [gone.row.first_seen for gone in server.removed]
    begun = min((moment for moment in seen if moment < found[-1].at), default=None)
    first = [Size(at=begun, number=number)] if begun else []
    return (*first, *reversed(found))


def _name(change: ChangeRow) -> str:
    definition = change.after or change.before
    return one_line(definition.name if definition else change.key, _NAME) or "(no name)"


def _effect(change: ChangeRow) -> str:
    match change.effect:
        case None:
            return "Its definition changed."
        case Effect.COSMETIC:
            return "Other words; the parameters and the verdict stayed the same."
        case Effect.INTERFACE:
            return f"Other parameters, results or hints; the risk stayed {_level(change.risk)}."
        case Effect.RISK_RAISED:
            return f"The risk rose from {_level(change.risk_before)} to {_level(change.risk)}."
        case Effect.RISK_LOWERED:
            return f"The risk fell from {_level(change.risk_before)} to {_level(change.risk)}."
    assert_never(change.effect)


def _level(level: Level | None) -> str:
    return level.label if level else "what it was"
