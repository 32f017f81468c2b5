"""The gateway over HTTP in a thread of its own, with real servers behind it and a guard that lets everything pass."""

import asyncio
import json
import sys
import threading
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import httpx

from catalog.gateway.base import Filter, Outgoing
from catalog.gateway.front_http import Front
from catalog.gateway.http_checks import Checks
from catalog.gateway.messages import UPSTREAM_LOST, Id, NoMessage, Request, Response, failure, read
from catalog.gateway.run import Served, serve_http
from catalog.gateway.session import Session
from catalog.gateway.upstream_http import http_server
from catalog.gateway.upstream_stdio import stdio_server
from catalog_testing import servers

ORCHARD = Path(servers.__path__[0]) / "orchard.py"
SAPLING = Path(servers.__path__[0]) / "sapling.py"

OPEN = Front()


class Passing:
    """Implements Filter: passes everything but calls of hidden tools."""

    def __init__(self, hidden: Sequence[str] = ()) -> None:
        self._hidden = hidden
        self._pending: list[Id] = []

    def from_client(self, line: bytes) -> Sequence[Outgoing]:
        """See ``Filter.from_client``."""
        try:
            message = read(line)
        except NoMessage:
            return [Outgoing("server", line)]
        if isinstance(message, Request):
            if message.params.get("name") in self._hidden:
                return [Outgoing("client", failure(message.id, -32001, "hidden"))]
            self._pending.append(message.id)
        return [Outgoing("server", line)]

    def from_server(self, line: bytes) -> Sequence[Outgoing]:
        """See ``Filter.from_server``."""
        try:
            message = read(line)
        except NoMessage:
            return []
        if isinstance(message, Response) and message.id in self._pending:
            self._pending.remove(message.id)
        return [Outgoing("client", line)]

    def lost(self, reason: str) -> Sequence[Outgoing]:
        """See ``Filter.lost``."""
        pending, self._pending = self._pending, []
        return [Outgoing("client", failure(id_, UPSTREAM_LOST, reason)) for id_ in pending]


def passing(_: Session) -> Filter:
    """Return a guard that lets everything pass."""
    return Passing()


def orchard(name: str = "orchard") -> Served:
    """Return a server of the SDK that is started for each session."""
    return Served(name=name, open=stdio_server([sys.executable, str(ORCHARD), name]), guard=passing)


def sapling(name: str = "sapling") -> Served:
    """Return a server that starts quickly."""
    return Served(name=name, open=stdio_server([sys.executable, "-I", "-S", str(SAPLING), name]), guard=passing)


def remote(name: str, url: str) -> Served:
    """Return a server at an address."""
    return Served(name=name, open=http_server(url), guard=passing)


@contextmanager
def gateway(*served: Served, front: Front = OPEN) -> Iterator[str]:
    """Run the gateway on a free port and yield its address, without a path."""
    stopped = asyncio.Event()
    ready = threading.Event()
    found: dict[str, Any] = {}

    async def serve() -> None:
        found["loop"] = asyncio.get_running_loop()

        def listening(port: int) -> None:
            found["port"] = port
            ready.set()

        await serve_http(served, host="127.0.0.1", port=0, front=front, listening=listening, stopped=stopped)

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    assert ready.wait(60), "the gateway did not start"
    try:
        yield f"http://127.0.0.1:{found['port']}"
    finally:
        found["loop"].call_soon_threadsafe(stopped.set)
        thread.join()


def front(**checks: Any) -> Front:
    """Return settings with other checks."""
    return Front(checks=Checks(**checks))


class Plain:
    """A client that sends whatever it likes, in the session of a handshake."""

    def __init__(self, http: httpx.AsyncClient, url: str, headers: Mapping[str, str]) -> None:
        self.http = http
        self.url = url
        self.headers = headers

    async def post(self, body: bytes | object, **headers: str) -> httpx.Response:
        """Send a body; JSON unless it is bytes."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return await self.http.post(self.url, content=content, headers={**self.headers, **headers})

    async def ask(self, method: str, params: Mapping[str, Any] | None = None, id_: object = 1) -> dict[str, Any]:
        """Return the answer to a request: from JSON, or the last of the events."""
        response = await self.post({"jsonrpc": "2.0", "id": id_, "method": method, "params": params or {}})
        return said(response)[-1]

    @asynccontextmanager
    async def begun(self, method: str, params: Mapping[str, Any], id_: object) -> AsyncIterator[AsyncIterator[Any]]:
        """Send a request and yield the messages that come for it, as they come."""
        body = {"jsonrpc": "2.0", "id": id_, "method": method, "params": params}
        async with self.http.stream("POST", self.url, json=body, headers=self.headers) as response:
            lines = response.aiter_lines()
            yield (json.loads(line.removeprefix("data: ")) async for line in lines if line.startswith("data: "))


def said(response: httpx.Response) -> list[dict[str, Any]]:
    """Return the messages in a response."""
    if response.headers["content-type"].startswith("application/json"):
        found = response.json()
        return found if isinstance(found, list) else [found]
    lines = response.text.splitlines()
    return [json.loads(line.removeprefix("data: ")) for line in lines if line.startswith("data: ")]


KINDS = {"content-type": "application/json", "accept": "application/json, text/event-stream"}


@asynccontextmanager
async def plain(url: str, version: str = "2025-11-25", **capabilities: Any) -> AsyncIterator[Plain]:
    """Shake hands in a version and yield the client."""
    async with httpx.AsyncClient(trust_env=False, timeout=60) as http:
        params = {"protocolVersion": version, "capabilities": capabilities, "clientInfo": {"name": "p", "version": "1"}}
        hello = Plain(http, url, KINDS)
        response = await hello.post({"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": params})
        assert said(response)[-1]["result"]["protocolVersion"] == version, response.text
        headers = {**KINDS, "mcp-session-id": response.headers["mcp-session-id"], "mcp-protocol-version": version}
        client = Plain(http, url, headers)
        assert (await client.post({"jsonrpc": "2.0", "method": "notifications/initialized"})).status_code == 202
        yield client
