"""Runs the gateway for clients over HTTP, or for one over standard input and output."""

import asyncio
import socket
import sys
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from catalog.errors import CatalogError, UsageError
from catalog.gateway.base import Channel, ChannelClosed, Filter
from catalog.gateway.conversation import Client, Conversation
from catalog.gateway.front_stdio import StdioClient
from catalog.gateway.hub import Single
from catalog.gateway.session import Session
from catalog.gateway.several import Several

if TYPE_CHECKING:
    import uvicorn

    from catalog.gateway.front_http import Front

# Seconds that connections get to end by themselves when the gateway stops.
STOP_SECONDS = 1

# Connections at once, below the 1,024 open files that a process usually may have.
MOST_CONNECTIONS = 800


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """A server that is served behind the gateway."""

    name: str
    open: Callable[[], Awaitable[Channel]]
    """Opens a channel of its own to the server, for each session. Raises: CatalogError, ChannelClosed, OSError."""
    guard: Callable[[Session], Filter]
    """Makes what decides about the messages of one session with this server."""


async def converse(served: Sequence[Served], client: Client) -> Conversation:
    """Open one client's session with one server, or with several as one.

    One of several that cannot be started is missing from the session; a single one is an error.
    Raises: CatalogError, ChannelClosed, OSError.
    """
    session = Session()
    guards = {one.name: one.guard(session) for one in served}
    hub = Several(guards) if len(guards) > 1 else Single(*next(iter(guards.items())))
    opened = await asyncio.gather(*(one.open() for one in served), return_exceptions=True)
    channels = {
        one.name: channel for one, channel in zip(served, opened, strict=True) if not isinstance(channel, BaseException)
    }
    failed = {one.name: error for one, error in zip(served, opened, strict=True) if isinstance(error, BaseException)}
    for error in failed.values():
        if not channels or not isinstance(error, CatalogError | ChannelClosed | OSError):
            await asyncio.gather(*(channel.close() for channel in channels.values()))
            raise error
    for name, error in failed.items():
        hub.lost(name, str(error))
    return Conversation(hub, channels, client)


async def serve_http(
    served: Sequence[Served],
    *,
    host: str,
    port: int,
    front: "Front | None" = None,
    listening: Callable[[int], None] | None = None,
    stopped: asyncio.Event | None = None,
) -> None:
    """Serve clients over HTTP until SIGINT or SIGTERM.

    One server is at ``/mcp``. Of several, each is at ``/NAME/mcp``, and all of them as one at ``/mcp``.

    Args:
        served: The servers.
        host: The address to listen at.
        port: The port; 0 for a free one.
        front: Who may connect, and how many.
        listening: Told the port once clients can connect.
        stopped: Ends the serving too, once set.

    Raises: UsageError where it cannot listen there, or what it takes is not installed.
    """
    # These come with the extra `gateway`; a client over standard input needs none of them.
    try:
        import uvicorn  # noqa: PLC0415

        from catalog.gateway.front_http import Endpoint, Front, application  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise UsageError(
            f"{error.name} is needed to listen and not installed: pip install 'mcp-catalog[gateway]'"
        ) from error
    settings = front or Front()

    def endpoint(*behind: Served) -> Endpoint:
        return Endpoint(lambda client: converse(behind, client), settings, sessionless=len(behind) == 1)

    endpoints = {"/mcp": endpoint(*served)}
    if len(served) > 1:
        Several({one.name: one.guard(Session()) for one in served})  # says now what is wrong with a name
        endpoints |= {f"/{one.name}/mcp": endpoint(one) for one in served}
    config = uvicorn.Config(
        application(endpoints),
        log_level="critical",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=STOP_SECONDS,
        limit_concurrency=MOST_CONNECTIONS,
        lifespan="on",
    )
    server = uvicorn.Server(config)
    with _bound(host, port) as listener:
        stopping = asyncio.create_task(_stop(server, stopped)) if stopped is not None else None
        if listening is not None:
            listening(listener.getsockname()[1])
        try:
            await server.serve(sockets=[listener])
        finally:
            if stopping is not None:
                stopping.cancel()


async def serve_stdio_async(
    served: Sequence[Served], *, source: BinaryIO | None = None, target: BinaryIO | None = None
) -> None:
    """Serve one client over standard input and output until it closes its end or no server is left.

    Raises: UsageError where the server cannot be started.
    """
    client = StdioClient(source or sys.stdin.buffer, target or sys.stdout.buffer)
    try:
        conversation = await converse(served, client)
        try:
            await client.serve(conversation)
        finally:
            await conversation.close()
    except (ChannelClosed, OSError) as error:
        raise UsageError(f"the server cannot be started: {error}") from error
    finally:
        await client.close()


def _bound(host: str, port: int) -> socket.socket:
    """Return a socket that listens. Raises: UsageError."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        listener = socket.create_server((host, port), family=family, backlog=1024)
    except OSError as error:
        raise UsageError(f"{host}:{port} cannot be listened at ({error}): choose another with --listen") from error
    # Without it the second half of an answer waits for the client to confirm the first: 40 ms a call.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


async def _stop(server: "uvicorn.Server", stopped: asyncio.Event) -> None:
    await stopped.wait()
    server.should_exit = True
