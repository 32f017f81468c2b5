"""The gateway's record of what was asked and what became of it: one event for each decision, as JSON lines."""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from catalog.errors import InputError

# Characters of a name, and items of an object, that an event keeps: whoever calls can send any number.
_LONGEST = 200
_MOST = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One decision of the gateway."""

    time: datetime
    server: str
    session: str
    method: str
    tool: str = ""
    """Of a tool call, the name on the server's wire; of another method, what it asks for."""
    rules: Sequence[str] = ()
    """The keys of the policy's rules that applied."""
    decision: str
    """What the policy says: allow, limit, approve or deny."""
    outcome: str
    """What was done: passed, denied, asked, approved, declined, withheld."""
    reason: str = ""
    arguments: object = None
    """The call's arguments; unless they are to be logged, only what kind of value stands under each name."""
    selected: Mapping[str, str] | None = None
    """The arguments that select a dispatcher's action, where a rule names the value."""


class Audit(Protocol):
    """Takes events; several of them may run at once."""

    def record(self, event: Event) -> None:
        """Keep one event."""
        ...


class AuditLog:
    """Appends events to a file as JSON lines; each line is written whole, also by several processes."""

    def __init__(self, path: Path) -> None:
        """Open the file, readable by its owner alone where it is new. Raises: InputError where it cannot be written."""
        try:
            self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        except OSError as error:
            raise InputError(
                f"cannot write the audit log {str(path)!r}: {error.strerror}; name another file"
            ) from error

    def record(self, event: Event) -> None:
        """See `Audit.record`."""
        line = json.dumps(_said(event), ensure_ascii=True, default=str)
        os.write(self._file, line.encode("ascii") + b"\n")

    def close(self) -> None:
        """Close the file."""
        os.close(self._file)


def _said(event: Event) -> Mapping[str, object]:
    """Return the event without what says nothing."""
    told = {
        "time": event.time.isoformat(),
        "server": event.server,
        "session": event.session,
        "method": event.method,
        "tool": event.tool,
        "rules": list(event.rules),
        "decision": event.decision,
        "outcome": event.outcome,
        "reason": event.reason,
        "arguments": event.arguments,
        "selected": event.selected,
    }
    return {key: value for key, value in told.items() if value is not None and value != ""}


class NoAudit:
    """Keeps nothing."""

    def record(self, event: Event) -> None:
        """See `Audit.record`."""


class Audits:
    """Passes every event on to several."""

    def __init__(self, audits: Sequence[Audit]) -> None:
        """Take those to pass on to."""
        self._audits = audits

    def record(self, event: Event) -> None:
        """See `Audit.record`."""
        for audit in self._audits:
            audit.record(event)


def redacted(value: object) -> object:
    """Return what kind of value it is, for objects under each name: arguments can hold secrets and private data."""
    match value:
        case dict():
            shown = {str(name)[:_LONGEST]: redacted(item) for name, item in list(value.items())[:_MOST]}
            return {**shown, "…": f"{len(value) - _MOST} more"} if len(value) > _MOST else shown
        case list():
            return f"list of {len(value)}"
        case str():
            return f"text of {len(value)}"
        case bool():
            return "boolean"
        case int() | float():
            return "number"
        case _:
            return "null"


def cut(text: object) -> str:
    """Return a text that a peer chose, short enough to be kept."""
    return str(text)[:_LONGEST]
