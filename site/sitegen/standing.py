"""How the tools that are shown of a server came to be known, and what that means for trusting them."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, assert_never

from catalog.facts import RemoteFacts
from catalog.model import Provenance, Reason
from catalog.origin import Recording, Remote
from catalog.view import EntryRow, ServerRow
from sitegen.visible import one_line
from sitegen.words import listed

Kind = Literal["listed", "declared", "recorded", "not_listed"]
"""How what is shown is known: not how the latest look went."""

# Names that a sentence spells out.
_MOST_NAMES = 5
_NAME = 80

TRUST = (
    "No running server was seen to list these tools. It may offer others, or describe them differently; "
    "treat what is said here as a forecast."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What a page says of how its list came about."""

    kind: Kind
    partial: bool
    """Whether something says that there may be more tools."""
    seen_at: datetime | None
    """When what is shown was seen; None where nothing is."""
    label: str
    """The name of that fact: ``Listed``."""
    where: str
    """Its circumstances: ``in bubblewrap``; may be empty."""
    heading: str
    """What a reader must know first; empty where a running server listed all that is shown, at the latest look."""
    sentences: tuple[str, ...]


def standing(row: ServerRow, entries: Sequence[EntryRow]) -> Standing:
    """Return how what is shown of a server is known."""
    provenances = {entry.provenance for entry in entries}
    kind = _kind(row, provenances)
    seen_at = _seen_at(row, entries)
    partial = row.listing is not None and row.listing.maybe_partial
    sentences = [_asks(remote)] if row.latest.reason is Reason.GATED and (remote := row.latest.remote) else []
    if kind == "declared":
        sentences.append(TRUST)
    elif kind == "recorded":
        sentences.append("Whether a running server lists the same is not known.")
    elif Provenance.DECLARED in provenances:
        sentences.append("Some of these tools were only read from its source; their pages say so.")
    if partial:
        sentences.append("Something says that it has more tools.")
    return Standing(
        kind=kind,
        partial=partial,
        seen_at=seen_at,
        label=_label(kind),
        where=_where(row, kind),
        heading=_heading(row, kind, f"{seen_at:%Y-%m-%d}" if seen_at else ""),
        sentences=tuple(filter(None, sentences)),
    )


def reason_words(reason: Reason) -> str:
    """Return a reason as words: ``timed out``."""
    return reason.value.replace("_", " ").replace("mcp", "MCP")


def _kind(row: ServerRow, provenances: AbstractSet[Provenance]) -> Kind:
    if row.listing is None:
        return "not_listed"
    if isinstance(row.origin, Recording):
        return "recorded"
    if provenances & {Provenance.LIVE, Provenance.EXPANDED}:
        return "listed"
    return "declared" if row.listing.outcome == "declared" else "listed"


def _seen_at(row: ServerRow, entries: Sequence[EntryRow]) -> datetime | None:
    if row.listing is None:
        return None
    if row.listing.outcome == "declared":
        # The source that was read may be newer than the list that is still shown.
        return max((entry.last_seen for entry in entries), default=row.listing.finished_at)
    return row.listing.finished_at


def _label(kind: Kind) -> str:
    match kind:
        case "listed":
            return "Listed"
        case "declared":
            return "Read"
        case "recorded":
            return "Imported"
        case "not_listed":
            return "Last attempt"
    assert_never(kind)


def _where(row: ServerRow, kind: Kind) -> str:
    if kind == "declared":
        return "from its source"
    if kind != "listed" or row.listing is None or row.listing.outcome == "declared":
        return ""
    if isinstance(row.origin, Remote):
        return "at its address; nothing was run"
    return "without a sandbox" if row.listing.sandbox == "none" else f"in {row.listing.sandbox}"


def _heading(row: ServerRow, kind: Kind, day: str) -> str:
    latest = row.latest
    why = reason_words(latest.reason) if latest.reason else ""
    if kind == "not_listed":
        return f"Not listed: {why}."
    if latest.outcome == "not_listed":
        shown = {"listed": f"is from {day}", "declared": f"was read from its source on {day}"}
        return f"The latest attempt failed: {why}; what is shown here {shown.get(kind, f'was imported on {day}')}."
    if kind == "recorded":
        return "Taken from a list that somebody recorded; no server was asked."
    if latest.outcome == "declared" and kind == "listed":
        because = f", since the server could not be asked: {why}" if why else ""
        return f"The latest look could only read its source{because}; what is shown here was seen on {day}."
    if kind == "declared":
        return f"Read from its source, since the server could not be asked: {why}." if why else _ONLY_SOURCE
    return _PARTIAL if row.listing and row.listing.maybe_partial else ""


_ONLY_SOURCE = "Read from its source; there was no server to ask."

_PARTIAL = "The list may not be complete."


def _asks(remote: RemoteFacts) -> str:
    """Say what a gated server asks for."""
    said = "It answers only those who are authorized."
    if remote.authorization_servers:
        said += f" Tokens come from {_named(remote.authorization_servers)}."
    if remote.scopes:
        said += f" It names the scopes {_named(remote.scopes)}."
    return said


def _named(names: Sequence[str]) -> str:
    shown = [one_line(name, _NAME) for name in names[:_MOST_NAMES]]
    more = len(names) - len(shown)
    return listed([*shown, f"{more} more"] if more > 0 else shown)
