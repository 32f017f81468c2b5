"""Rows of tables about many servers: an entry, a server, a change."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import assert_never

from catalog.model import Reason
from catalog.view import ChangeKind, Effect
from sitegen.index import IndexedChange, IndexedEntry, IndexedServer
from sitegen.pages.base import EntryLine, Link, day
from sitegen.standing import reason_words
from sitegen.visible import LONGEST_NAME, bounded, one_line
from sitegen.words import count

# Characters of a description in a table: a hundred rows stay below 50 KB of HTML.
_SUMMARY = 90

_KNOWN: Mapping[str, str] = MappingProxyType(
    {"listed": "listed", "declared": "read from source", "recorded": "recorded list", "not_listed": "not listed"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerLine:
    """A server as one row of a table."""

    name: str
    to: str
    origin: str
    tools: str
    """How many tools and actions; empty where nothing is known."""
    number: int
    """Both together, for sorting."""
    grade: str
    """A letter; empty where nothing is listed."""
    worst: str
    """The highest risk among its entries; empty where nothing is listed."""
    rank: int
    """That risk as a number, for sorting."""
    known: str
    """How its list was obtained, or why there is none."""
    looked_at: str
    """The day on which it was last looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeLine:
    """A change of a tool or an action as one row of a table."""

    day: str
    name: str
    to: str
    server: Link
    what: str
    """What became of it."""
    new_name: str
    """Of a renamed one; else empty."""
    category: str
    """Empty where it was never judged; so is the risk."""
    risk: str


def entry_line(entry: IndexedEntry) -> EntryLine:
    """Return an entry as a table row."""
    return EntryLine(
        name=_name(entry.name),
        to=entry.path,
        server=Link(text=_title(entry.server_title, entry.server), to=entry.server_path),
        summary=one_line(entry.summary, _SUMMARY),
        category=entry.category.value,
        risk=entry.risk.label,
        rank=int(entry.risk),
        decision="",
    )


def server_line(server: IndexedServer) -> ServerLine:
    """Return a server as a table row."""
    actions = f", {count(server.actions, 'action')}" if server.actions else ""
    worst = server.worst
    return ServerLine(
        name=_title(server.title, server.slug),
        to=server.path,
        origin=bounded(server.origin, LONGEST_NAME),
        tools="" if server.known_from == "not_listed" else f"{count(server.tools, 'tool')}{actions}",
        number=server.tools + server.actions,
        grade=server.grade,
        worst=worst.label if worst else "",
        rank=int(worst or 0),
        known=_known(server),
        looked_at=day(server.looked_at),
    )


def change_line(change: IndexedChange) -> ChangeLine:
    """Return a change as a table row."""
    return ChangeLine(
        day=day(change.at),
        name=_name(change.name),
        to=change.path,
        server=Link(text=_title(change.server_title, change.server), to=change.server_path),
        what=_what(change),
        new_name=one_line(change.new_name, LONGEST_NAME),
        category=change.category.value if change.category else "",
        risk=change.risk.label if change.risk else "",
    )


def _known(server: IndexedServer) -> str:
    said = _KNOWN[server.known_from]
    if server.maybe_partial and server.known_from != "not_listed":
        said += ", perhaps not all"
    if not server.reason:
        return said
    why = reason_words(Reason(server.reason))
    # A list that is still shown may be older than the look that failed.
    return f"{said}; last look: {why}" if server.known_from in ("listed", "recorded") else f"{said}: {why}"


def _what(change: IndexedChange) -> str:
    match change.kind:
        case ChangeKind.ADDED:
            return "added"
        case ChangeKind.REMOVED:
            return "removed"
        case ChangeKind.RENAMED:
            return "renamed to"
        case ChangeKind.CHANGED:
            return _effect(change)
    assert_never(change.kind)


def _effect(change: IndexedChange) -> str:
    moved = f" from {change.risk_before.label}" if change.risk_before else ""
    match change.effect:
        case None:
            return "changed"
        case Effect.COSMETIC:
            return "other words, same verdict"
        case Effect.INTERFACE:
            return "other parameters, results or hints at the same risk"
        case Effect.RISK_RAISED:
            return f"risk raised{moved}"
        case Effect.RISK_LOWERED:
            return f"risk lowered{moved}"
    assert_never(change.effect)


def _name(name: str) -> str:
    return one_line(name, LONGEST_NAME) or "(no name)"


def _title(title: str, server: str) -> str:
    return one_line(title, LONGEST_NAME) or server
