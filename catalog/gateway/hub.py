"""One client's session as a whole: what goes to which server, what to the client; still without input and output."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from catalog.gateway.base import Filter, Outgoing
from catalog.gateway.messages import NoMessage, Notification, failure, read


@dataclass(frozen=True, slots=True)
class Addressed:
    """One message to pass on; a line of JSON."""

    to: str | None
    """The name of a server, or None: the client."""
    line: bytes


# What the gateway answers for a server to a request that was cancelled, as the SDKs do.
CANCELLED = -32800

CANCELLED_METHOD = b"notifications/cancelled"


def answered_as_cancelled(guard: Filter, line: bytes) -> Sequence[Outgoing]:
    """Return what follows from the end of a request that ``line`` cancels.

    Most servers say nothing more about it, and what waits for an answer would wait for ever: the guard, an HTTP
    exchange. An answer that comes all the same comes to nobody.
    """
    try:
        message = read(line)
    except NoMessage:
        return []
    id_ = message.params.get("requestId") if isinstance(message, Notification) else None
    if not isinstance(id_, str | int | float) or isinstance(id_, bool):
        return []
    return guard.from_server(failure(id_, CANCELLED, "the request was cancelled"))


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
        told = self._addressed(self._guard.from_client(line))
        if CANCELLED_METHOD in line and told:
            told += self._addressed(answered_as_cancelled(self._guard, line))
        return told

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
