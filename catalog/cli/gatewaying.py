"""Wire the gateway: policy, counters and log for its guards, and the servers and the clients on both sides of them."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from catalog.counters.base import Counters, CountersUnavailable
from catalog.errors import CatalogError, UsageError
from catalog.gateway.approvals import Seals
from catalog.gateway.audit import Audit, AuditLog, Audits
from catalog.gateway.guard import Guard
from catalog.gateway.policyfile import PolicyFile
from catalog.gateway.session import Services, Session
from catalog.gateway.stdio import StdioGateway

if TYPE_CHECKING:
    from catalog.gateway.front_http import Front
    from catalog.gateway.run import Served


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What the guards of all servers share."""

    counters: Counters
    audit: Audit
    seals: Seals
    logs_arguments: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Listening:
    """Where clients come from: HTTP at this address."""

    host: str
    port: int
    front: "Front"


@contextmanager
def environment(log: Path | None, counters: str | None, *, logs_arguments: bool, otel: bool) -> Iterator[Around]:
    """Open what guards need, and close it in the end. Raises: CatalogError."""
    with ExitStack() as opened:
        audits: list[Audit] = []
        if log is not None:
            file = AuditLog(log)
            opened.callback(file.close)
            audits.append(file)
        if otel:
            from catalog.gateway.telemetry import spans

            sending = spans()
            opened.callback(sending.close)
            audits.append(sending)
        try:
            counting = _counters(counters)
        except CountersUnavailable as error:
            raise CatalogError(f"{error}. Name another place with --counters") from error
        opened.callback(counting.close)
        yield Around(counters=counting, audit=Audits(audits), seals=Seals(), logs_arguments=logs_arguments)


class Guards:
    """Makes guards by one policy file."""

    def __init__(self, policy: Path, around: Around) -> None:
        """Read the file. Raises: InputError."""
        self._file = PolicyFile(policy)
        self._around = around

    def one(self, server: str | None) -> Callable[[Session], Guard]:
        """Return what makes the guard of a server for a session; None: of the only one in the file.

        Raises: UsageError where the file has no policy for it.
        """
        services = Services(
            policy=self._file.of(server),
            counters=self._around.counters,
            audit=self._around.audit,
            seals=self._around.seals,
            now=lambda: datetime.now(UTC),
            logs_arguments=self._around.logs_arguments,
        )
        return lambda session: Guard(services, session)


def run_pipes(command: Sequence[str], guard: Callable[[Session], Guard]) -> None:
    """Run one server for one client over pipes. Raises: CatalogError where it cannot be started."""
    try:
        StdioGateway(command, guard(Session())).run()
    except OSError as error:
        raise CatalogError(f"cannot start the server {command[0]!r}: {error.strerror}; name its command") from error


def of_server(
    command: Sequence[str], url: str | None, headers: Sequence[str], guard: Callable[[Session], Guard]
) -> "Served":
    """Return one server that is a command or an address. Raises: UsageError."""
    from catalog.gateway.run import Served
    from catalog.gateway.upstream_http import http_server
    from catalog.gateway.upstream_stdio import stdio_server

    if url is None:
        return Served(name="server", open=stdio_server(command), guard=guard)
    sent = {}
    for line in headers:
        name, colon, value = line.partition(":")
        if not colon or not name.strip():
            raise UsageError("a --header is written 'NAME: VALUE'")
        sent[name.strip()] = value.strip()
    return Served(name="server", open=http_server(url, sent), guard=guard)


def of_config(config: Path, guards: Guards) -> "Sequence[Served]":
    """Return every server of an ``mcp.json``. Raises: InputError, UsageError where one has no policy."""
    from catalog.gateway.configured import configured_servers
    from catalog.gateway.run import Served

    return [Served(name=one.name, open=one.open, guard=guards.one(one.name)) for one in configured_servers(config)]


def front(listen: str | None, allowed_hosts: Sequence[str], token_env: str | None) -> Listening | None:
    """Return where clients come from; None: this program's own standard input. Raises: UsageError."""
    if listen is None:
        return None
    import os

    host, _, port = listen.rpartition(":")
    if not host or not port.isdecimal():
        raise UsageError(f"--listen {listen!r} is no HOST:PORT, for example 127.0.0.1:8080")
    token = os.environ.get(token_env) if token_env else None
    if token_env and not token:
        raise UsageError(f"--token-env: the variable {token_env!r} is not set")
    try:
        from catalog.gateway.front_http import Front
        from catalog.gateway.http_checks import LOOPBACK, Checks
    except ModuleNotFoundError as error:
        raise UsageError(
            f"{error.name} is needed to listen and not installed: pip install 'mcp-catalog[gateway]'"
        ) from error
    checks = Checks(hosts=frozenset({*LOOPBACK, *allowed_hosts}), token=token)
    return Listening(host=host.strip("[]"), port=int(port), front=Front(checks=checks))


def run(served: "Sequence[Served]", listening: Listening | None) -> None:
    """Serve until the client goes, or over HTTP until the gateway is ended. Raises: CatalogError."""
    from catalog.gateway.run import serve_http, serve_stdio_async

    if listening is None:
        asyncio.run(serve_stdio_async(served))
        return
    from catalog.cli.console import notes

    address = f"http://{listening.host}"
    serving = serve_http(
        served,
        host=listening.host,
        port=listening.port,
        front=listening.front,
        listening=lambda port: notes().print(f"Listening at {address}:{port}/mcp", highlight=False),
    )
    asyncio.run(serving)


def _counters(place: str | None) -> Counters:
    if place and place.startswith(("postgresql://", "postgres://")):
        from catalog.counters.postgresql import PostgresqlCounters

        return PostgresqlCounters(place)
    from catalog.counters.sqlite import SqliteCounters
    from catalog.settings import counters_path

    return SqliteCounters(Path(place) if place else counters_path())
