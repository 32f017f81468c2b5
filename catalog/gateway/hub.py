"""One client's session as a whole: what goes to which server, what to the client; still without input and output."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from catalog.gateway.base import Filter, Outgoing


@dataclass(frozen=True, slots=True)
class Addressed:
    """One message to pass on; a line of JSON."""

    to: str | None
    """The name of a server, or None: the client."""
    line: bytes


class Hub(Protocol):
    """Decides about the messages of one client session, whatever number of servers is behind it."""

    def from_client(self, line: bytes) -> Sequence[Addressed]:
        """Return what follows from a message of the client, in order."""
        ...

    def from_server(self, name: str, line: bytes) -> Sequence[Addressed]:
        """Return what follows from a message of the server ``name``, in order."""
        ...

    def lost(self, name: str, reason: str) -> Sequence[Addressed]:
        """Return what follows where the server ``name`` is gone; called again where a message for it comes later."""
        ...


class Single:
    """The hub of one server."""

    def __init__(self, name: str, guard: Filter) -> None:
        """Have ``guard`` decide about all that passes."""
        self._name = name
        self._guard = guard

    def from_client(self, line: bytes) -> Sequence[Addressed]:
        """See ``Hub.from_client``."""
        return self._addressed(self._guard.from_client(line))

    def from_server(self, name: str, line: bytes) -> Sequence[Addressed]:
        """See ``Hub.from_server``."""
        del name  # there is one
        return self._addressed(self._guard.from_server(line))

    def lost(self, name: str, reason: str) -> Sequence[Addressed]:
        """See ``Hub.lost``."""
        del name
        return self._addressed(self._guard.lost(reason))

    def _addressed(self, messages: Sequence[Outgoing]) -> list[Addressed]:
        return [Addressed(self._name if one.to == "server" else None, one.line) for one in messages]
