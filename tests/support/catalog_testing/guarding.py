"""A guard with a server and a client that are only messages: what goes in, and what comes out on either side."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from catalog.counters.sqlite import SqliteCounters
from catalog.gateway.approvals import Seals
from catalog.gateway.audit import Event
from catalog.gateway.base import Outgoing
from catalog.gateway.guard import Guard
from catalog.gateway.session import Services, Session
from catalog.model import Definition
from catalog.policy.model import Policy

Json = Mapping[str, object]

NOON = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)


def tool(name: str, description: str = "Does it.") -> dict[str, object]:
    """Return a definition."""
    return {"name": name, "description": description, "inputSchema": {"type": "object"}}


def hashes(*definitions: dict[str, object]) -> dict[str, str]:
    """Return the hashes of definitions by name, as a policy has them."""
    return {str(one["name"]): Definition(raw=one).hash for one in definitions}  # type: ignore[arg-type]


@dataclass
class Events:
    """Keeps the events of the audit."""

    all: list[Event] = field(default_factory=list)

    def record(self, event: Event) -> None:
        """See `Audit.record`."""
        self.all.append(event)

    @property
    def outcomes(self) -> list[str]:
        """Return what was done, in order."""
        return [event.outcome for event in self.all]


class Bench:
    """One guard, the time it lives in, and a policy that can change."""

    def __init__(self, policy: Policy, place: Path, *, session: Session | None = None) -> None:
        """Take the first policy, and a folder for counters."""
        self.policy = policy
        self.now = NOON
        self.events = Events()
        self.guard = Guard(
            Services(
                policy=lambda: self.policy,
                counters=SqliteCounters(place / "counters.db"),
                audit=self.events,
                seals=Seals(),
                now=lambda: self.now,
            ),
            session,
        )

    def later(self, **passed: float) -> None:
        """Let time pass."""
        self.now += timedelta(**passed)

    def initialize(self, **capabilities: object) -> None:
        """Have a client with these capabilities shake hands."""
        params = {"protocolVersion": "2025-11-25", "capabilities": capabilities, "clientInfo": {"name": "c"}}
        assert self.client({"id": 0, "method": "initialize", "params": params}) == [("server", "initialize")]
        self.server({"id": 0, "result": {"protocolVersion": "2025-11-25", "capabilities": {}}})

    def client(self, message: Json | bytes) -> list[tuple[str, object]]:
        """Return what follows from a message of the client: where to, and the method, the result or the error."""
        return [(one.to, gist(one)) for one in self.raw_client(message)]

    def raw_client(self, message: Json | bytes) -> Sequence[Outgoing]:
        """Return what follows from a message of the client."""
        return self.guard.from_client(line(message))

    def server(self, message: Json | bytes) -> list[tuple[str, object]]:
        """Return what follows from a message of the server."""
        return [(one.to, gist(one)) for one in self.guard.from_server(line(message))]

    def call(self, name: str, arguments: Json | None = None, *, id_: int = 7, **params: object) -> str:
        """Return what becomes of a tool call: ``passed``, or the text of the refusal."""
        message = {"id": id_, "method": "tools/call", "params": {"name": name, "arguments": arguments or {}, **params}}
        ((to, what),) = self.client(message)
        if to == "server":
            self.server({"id": id_, "result": {"content": []}})
            return "passed"
        return text_of(what)

    def listed(self, *definitions: Json) -> list[str]:
        """Return the names that a client sees of a server with these tools."""
        assert self.client({"id": 5, "method": "tools/list"}) == [("server", "tools/list")]
        ((to, result),) = self.server({"id": 5, "result": {"tools": list(definitions)}})
        assert to == "client"
        assert isinstance(result, dict)
        return [one["name"] for one in result["tools"]]


def line(message: Json | bytes) -> bytes:
    """Return a message as a line."""
    if isinstance(message, bytes):
        return message
    return json.dumps({"jsonrpc": "2.0", **message}).encode()


def gist(outgoing: Outgoing) -> object:
    """Return what matters of a message: the method, the result or the error."""
    message = json.loads(outgoing.line)
    return message.get("method") or message.get("result") or message.get("error")


def text_of(result: object) -> str:
    """Return the words of a refusal, be it a tool's result or an error."""
    assert isinstance(result, dict)
    return str(result["content"][0]["text"] if "content" in result else result["message"])
