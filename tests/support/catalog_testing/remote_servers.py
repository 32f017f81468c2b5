"""Remote MCP servers on loopback: honest ones of the real SDK, others that do to a client what a test says."""

import json
import logging
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from typing import Any, Literal

import uvicorn
from mcp.server.mcpserver import MCPServer
from mcp.server.transport_security import TransportSecuritySettings
from starlette.applications import Starlette

from catalog.crawl.events import silent
from catalog.crawl.hosts import Hosts
from catalog.crawl.remote import look_at_remote
from catalog.model import DiscoveryProfile, Listed, NotListed, Observation
from catalog.origin import Remote, Transport
from catalog.probe.base import ProbeLimits
from catalog.probe.http.guard import Address, Guard, is_public
from catalog.sources.remote import remote_server
from catalog.target import Target
from catalog_testing.crawling import run

MIB = 1024 * 1024

SMALL = ProbeLimits(
    initialize_seconds=20, request_seconds=20, total_seconds=40, frame_bytes=MIB, total_bytes=4 * MIB, pages=5, tools=50
)
"""Small in size; long enough in time for a busy machine."""

INITIALIZED: Mapping[str, Any] = {
    "protocolVersion": "2025-11-25",
    "capabilities": {"tools": {}},
    "serverInfo": {"name": "shed", "version": "1"},
}

Kind = Literal["stateful", "stateless", "json", "sse"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """A request as it came in."""

    method: str
    path: str
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes

    @property
    def message(self) -> dict[str, Any]:
        """The JSON-RPC message in it; empty where there is none."""
        return json.loads(self.body) if self.body else {}


class Exchange(BaseHTTPRequestHandler):
    """One request that a test's own server answers."""

    received: Received
    served: "Served"

    def json(self, value: object, status: int = 200, **headers: str) -> None:
        """Answer with JSON; ``_`` in a header's name stands for ``-``."""
        self.whole(json.dumps(value).encode(), "application/json", status, **headers)

    def whole(self, body: bytes, kind: str, status: int = 200, **headers: str) -> None:
        """Answer with a complete body."""
        self.begin(kind, status, Content_Length=str(len(body)), **headers)
        self.wfile.write(body)

    def begin(self, kind: str, status: int = 200, **headers: str) -> None:
        """Answer with a body that goes on until the connection is closed."""
        self.send_response(status)
        for name, value in {"Content-Type": kind, "Connection": "close", **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()

    def redirect(self, location: str, status: int = 307) -> None:
        """Send the client elsewhere."""
        self.whole(b"", "text/plain", status, Location=location)

    def event(self, data: object, **fields: str) -> None:
        """Write one event; ``data`` as JSON unless it is text."""
        lines = [f"{name}: {value}" for name, value in fields.items()]
        lines.append(f"data: {data if isinstance(data, str) else json.dumps(data, ensure_ascii=False)}")
        self.wfile.write(("\n".join(lines) + "\n\n").encode())
        self.wfile.flush()

    def answer(self, result: object) -> dict[str, Any]:
        """The JSON-RPC answer to the message that came in."""
        return {"jsonrpc": "2.0", "id": self.received.message["id"], "result": result}

    def mcp(self, *tools: str) -> None:
        """Answer as an honest server that keeps no session and answers in JSON."""
        method = self.received.message.get("method")
        if method == "initialize":
            self.json(self.answer(INITIALIZED))
        elif method == "tools/list":
            self.json(self.answer({"tools": [{"name": name, "inputSchema": {}} for name in tools]}))
        else:
            self.whole(b"", "application/json", 202)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the name of the base class
        """Print nothing."""

    def _handle(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.received = Received(method=self.command, path=self.path, headers=headers, body=body)
        self.close_connection = True
        self.served.requests.append(self.received)
        try:
            self.served.behaviour(self)
        except OSError:
            # The client has seen enough.
            return

    do_GET = do_POST = do_DELETE = _handle  # noqa: N815  # the names of the base class


Behaviour = Callable[[Exchange], None]


@dataclass(slots=True, kw_only=True)
class Served:
    """A running server of a test's own."""

    behaviour: Behaviour
    port: int = 0
    requests: list[Received] = field(default_factory=list)
    stopping: threading.Event = field(default_factory=threading.Event)
    """Set at the end of the test: whoever keeps a client waiting waits for it."""

    def url(self, path: str = "/mcp", *, host: str = "127.0.0.1", scheme: str = "http") -> str:
        """The address of ``path``."""
        return f"{scheme}://{host}:{self.port}{path}"

    @property
    def methods(self) -> list[str]:
        """The JSON-RPC methods that were asked for, in order."""
        return [one.message["method"] for one in self.requests if "method" in one.message]


@contextmanager
def serving(behaviour: Behaviour, *, address: str = "127.0.0.1", tls: ssl.SSLContext | None = None) -> Iterator[Served]:
    """Run a server that answers each request with ``behaviour``."""
    served = Served(behaviour=behaviour)
    handler = type("Handler", (Exchange,), {"served": served})
    server = _Server((address, 0), handler)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    served.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield served
    finally:
        served.stopping.set()
        server.shutdown()
        thread.join()
        server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = False

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up is expected."""


@contextmanager
def sdk_server(kind: Kind, *tools: str) -> Iterator[str]:
    """Run a server of the MCP SDK with ``tools`` and yield its address."""
    server = MCPServer("orchard", version="1.2.3", log_level="CRITICAL")
    for name in tools:
        server.add_tool(_pick, name=name, description=f"{name} an apple")
    open_to_all = TransportSecuritySettings(enable_dns_rebinding_protection=False)
    if kind == "sse":
        app = server.sse_app(transport_security=open_to_all)
    else:
        app = server.streamable_http_app(
            stateless_http=kind == "stateless", json_response=kind == "json", transport_security=open_to_all
        )
    with _uvicorn(app) as port:
        yield f"http://127.0.0.1:{port}/{'sse' if kind == 'sse' else 'mcp'}"


def _pick(tree: str) -> str:
    return tree


@contextmanager
def _uvicorn(app: Starlette) -> Iterator[int]:
    logging.getLogger("mcp").setLevel(logging.CRITICAL)
    config = uvicorn.Config(app, log_level="critical", timeout_graceful_shutdown=1, lifespan="on")
    server = uvicorn.Server(config)
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # or each answer takes 40 ms
        listening.listen()
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            yield listening.getsockname()[1]
        finally:
            server.should_exit = True
            thread.join()


@dataclass(slots=True)
class Names:
    """Implements Resolver: each name's answers in order, the last one again and again."""

    answers: Mapping[str, Sequence[Sequence[str]]]
    asked: list[str] = field(default_factory=list)

    async def addresses(self, host: str, port: int) -> Sequence[str]:
        """See ``Resolver.addresses``."""
        del port
        self.asked.append(host)
        if host not in self.answers:
            return [str(ip_address(host))]
        answers = self.answers[host]
        return answers[min(self.asked.count(host), len(answers)) - 1]


def internet(names: Mapping[str, Sequence[Sequence[str]]], *, tls: ssl.SSLContext | None = None) -> Guard:
    """Return a guard for which 127.0.0.1 is a public address and nothing else of this machine is."""

    def public(address: Address) -> bool:
        return str(address) == "127.0.0.1" or is_public(address)

    guard = Guard(resolver=Names(names), is_public=public)
    return guard if tls is None else Guard(resolver=Names(names), is_public=public, tls=tls)


def look(
    url: str,
    *,
    typed: bool = True,
    transport: Transport | None = None,
    headers: Mapping[str, str] | None = None,
    guard: Guard | None = None,
    limits: ProbeLimits = SMALL,
    hosts: Hosts | None = None,
    profiles: Sequence[DiscoveryProfile] = (),
) -> Observation:
    """Look at the server at ``url``; no wait between two requests or tries unless ``hosts`` says so."""
    server = remote_server(Remote(url=url, transport=transport, typed=typed))

    async def looking() -> Observation:
        return await look_at_remote(
            Target(server=server, headers=headers or {}),
            limits=limits,
            guard=guard or Guard(),
            hosts=hosts or Hosts(0, sleep=_at_once),
            version="0.0.0",
            profiles=profiles,
            sink=silent,
        )

    return run(looking())


async def _at_once(seconds: float) -> None:
    del seconds


def listed(observation: Observation) -> Listed:
    """Return the list; fail with what went wrong where there is none."""
    assert isinstance(observation.outcome, Listed), observation.outcome
    return observation.outcome


def tool_names(observation: Observation) -> list[str]:
    """Return the names of the tools that were listed."""
    return [entry.definition.name for entry in listed(observation).entries]


def refused(observation: Observation) -> NotListed:
    """Return why there is no list."""
    assert isinstance(observation.outcome, NotListed), observation.outcome
    return observation.outcome
