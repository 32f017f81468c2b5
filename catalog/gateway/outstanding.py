"""What is not answered yet in a session with several servers: requests to them, requests of theirs, and lists."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from catalog.gateway.base import Filter
from catalog.gateway.hub import Addressed
from catalog.gateway.messages import Id, Json, Request

Then = Callable[[dict[str, object]], Sequence[Addressed]]
"""What follows from a server's answer."""


@dataclass(slots=True, kw_only=True)
class Server:
    """One of the servers."""

    name: str
    guard: Filter
    alive: bool = True
    capabilities: Json = field(default_factory=dict)
    """What it offers; nothing before its handshake."""
    ready: bool = False
    """Whether its handshake succeeded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A request that a server has not answered yet."""

    server: str
    about: Id
    """The client's request that it came of."""
    token: object
    """What the client calls its progress."""
    then: Then


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A server's request that the client has not answered yet."""

    server: str
    id: Id
    token: object


class Gathering:
    """Answers of several servers, until all are in."""

    def __init__(self, servers: Sequence[str], finish: Callable[[Mapping[str, Json]], Sequence[Addressed]]) -> None:
        self._missing = set(servers)
        self._found: dict[str, Json] = {}
        self._finish = finish

    def take(self, server: str, found: Json) -> Sequence[Addressed]:
        """Take one server's answer, and return what follows once none is missing."""
        self._found[server] = found
        self._missing.discard(server)
        return [] if self._missing else self._finish(self._found)


@dataclass(slots=True, kw_only=True)
class Paging:
    """One server's part of a list, while it comes."""

    server: Server
    request: Request
    key: str
    gathering: Gathering
    items: list[object] = field(default_factory=list)
    pages: int = 0
