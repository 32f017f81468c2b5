"""The listening side: Streamable HTTP for clients, with sessions, and without them from protocol version 2026-07-28."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from starlette.applications import Starlette
from starlette.requests import Request as HttpRequest
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from catalog.errors import CatalogError
from catalog.gateway.base import ChannelClosed
from catalog.gateway.http_checks import Checks, body_of
from catalog.gateway.http_replies import (
    MOST_PENDING,
    SESSION_HEADER,
    Json,
    lost,
    message_of,
    on_one_line,
    refused,
    takes_events,
)
from catalog.gateway.http_sessionless import Sessionless
from catalog.gateway.http_sessions import HttpSession, Opening, Sessions, TooManySessions
from catalog.gateway.http_streams import Stream, answered, events
from catalog.gateway.messages import (
    INVALID_REQUEST,
    PARSE_ERROR,
    UPSTREAM_LOST,
    Message,
    NoMessage,
    Notification,
    Request,
    written,
)
from catalog.gateway.mirrored import HANDSHAKE_VERSIONS, VERSION_HEADER

_log = logging.getLogger(__name__)

# Messages in one batch.
MOST_IN_BATCH = 100

_BATCHES = "2025-03-26"
"""The only protocol version with batches."""

Read = tuple[Message, bytes]
"""A message, and the line that says it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Front:
    """How the gateway listens."""

    checks: Checks = field(default_factory=Checks)
    most_sessions: int = 64
    """Sessions at one address: each can be a process of the server."""
    idle_seconds: float = 1800.0
    """After which a session that nothing was heard of is ended."""


class Endpoint:
    """One address that clients speak with."""

    def __init__(self, opening: Opening, front: Front, *, sessionless: bool) -> None:
        """Open what is behind a session with ``opening``; ``sessionless`` where that serves 2026-07-28 too."""
        self._checks = front.checks
        self._sessionless = Sessionless(opening if sessionless else None)
        self.sessions = Sessions(opening, most=front.most_sessions, idle_seconds=front.idle_seconds)

    async def serve(self, http: HttpRequest) -> Response:
        """Serve a request."""
        refusal = self._checks.refusal(http)
        if refusal is not None:
            return refusal
        version = http.headers.get(VERSION_HEADER)
        modern = version is not None and version not in HANDSHAKE_VERSIONS
        if http.method == "POST":
            return await body_of(http, lambda body: (self._sessionless.post if modern else self._post)(http, body))
        if modern:
            return Response(status_code=405, headers={"allow": "POST"})
        session = self._session(http)
        if session is None:
            return _no_session(http)
        return await (self._delete(session) if http.method == "DELETE" else self._listen(session))

    async def close(self) -> None:
        """End all that is open."""
        await asyncio.gather(self.sessions.close_all(), self._sessionless.close())

    async def _delete(self, session: HttpSession) -> Response:
        await self.sessions.close(session)
        return Response(status_code=200)

    async def _listen(self, session: HttpSession) -> Response:
        stream = session.listen()
        if stream is None:
            return PlainTextResponse("This session has its stream already.\n", status_code=409)
        return events(stream, headers={SESSION_HEADER: session.id}, abandoned=session.stop_listening)

    async def _post(self, http: HttpRequest, body: bytes) -> Response:
        body = on_one_line(body)
        if body.startswith(b"["):
            return await self._batch(http, body)
        try:
            message = message_of(body)
        except NoMessage as error:
            return refused(error.id, error.code, str(error))
        if isinstance(message, Request) and message.method == "initialize":
            return await self._initialize(http, message, body)
        session = self._session(http)
        if session is None:
            return _no_session(http, message)
        return await self._in_session(http, session, [(message, body)])

    async def _initialize(self, http: HttpRequest, message: Request, body: bytes) -> Response:
        if SESSION_HEADER in http.headers:
            return refused(message.id, INVALID_REQUEST, "this session has begun: initialize without its id for another")
        try:
            session = await self.sessions.open()
        except TooManySessions:
            return refused(message.id, UPSTREAM_LOST, "too many sessions are open; end one with DELETE", status=503)
        except (CatalogError, ChannelClosed, OSError) as error:
            _log.warning("no session: %s", error)
            return refused(message.id, UPSTREAM_LOST, f"the server cannot be started: {error}", status=502)
        response = await self._in_session(http, session, [(message, body)])
        if session.version is None and isinstance(response, Json):
            # The handshake failed, so there is nothing to speak with.
            del response.headers[SESSION_HEADER]
            await self.sessions.close(session)
        return response

    async def _batch(self, http: HttpRequest, body: bytes) -> Response:
        session = self._session(http)
        if session is None:
            return _no_session(http)
        if session.version != _BATCHES:
            return refused(
                None, INVALID_REQUEST, f"protocol version {session.version} has no batches: send them singly"
            )
        try:
            messages = _each(body)
        except NoMessage as error:
            return refused(error.id, error.code, str(error))
        requests = [message for message, _ in messages if isinstance(message, Request)]
        if len({one.id for one in requests}) < len(requests):
            return refused(None, INVALID_REQUEST, "an id stands twice in one batch")
        if any(one.method == "initialize" for one in requests):
            return refused(None, INVALID_REQUEST, "initialize stands in no batch")
        return await self._in_session(http, session, messages, batch=True)

    async def _in_session(
        self, http: HttpRequest, session: HttpSession, messages: list[Read], *, batch: bool = False
    ) -> Response:
        requests = [message for message, _ in messages if isinstance(message, Request)]
        for one in requests:
            if session.is_asked(one.id):
                return refused(one.id, INVALID_REQUEST, "a request with this id is not answered yet")
        if session.pending + len(requests) > MOST_PENDING:
            return refused(None, INVALID_REQUEST, f"more than {MOST_PENDING} requests are unanswered", status=429)
        stream = Stream([one.id for one in requests], takes_events=takes_events(http))
        for one in requests:
            session.expect(one, stream)
        for message, line in messages:
            if session.conversation is not None:
                await session.conversation.from_client(line)
            if isinstance(message, Notification) and message.method == "notifications/cancelled":
                session.cancel(message.params.get("requestId"))
        if not requests:
            return Response(status_code=202)
        headers = {SESSION_HEADER: session.id}

        def whole(lines: list[bytes]) -> Response:
            if not lines:
                return lost()
            return Json(b"[" + b",".join(lines) + b"]" if batch else lines[0], headers=headers)

        return await answered(stream, http, whole=whole, headers=headers, abandoned=stream.close)

    def _session(self, http: HttpRequest) -> HttpSession | None:
        return self.sessions.get(http.headers.get(SESSION_HEADER, ""))


def application(endpoints: Mapping[str, Endpoint], *, expiring_seconds: float = 30.0) -> Starlette:
    """Return the ASGI application that serves each endpoint at its path, and ``/healthz``."""

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        expiring = asyncio.create_task(_expire(endpoints, expiring_seconds))
        try:
            yield
        finally:
            expiring.cancel()
            await asyncio.gather(*(one.close() for one in endpoints.values()))

    async def healthy(_: HttpRequest) -> Response:
        return PlainTextResponse("ok\n")

    routes = [Route(path, one.serve, methods=["GET", "POST", "DELETE"]) for path, one in endpoints.items()]
    return Starlette(routes=[Route("/healthz", healthy), *routes], lifespan=lifespan)


async def _expire(endpoints: Mapping[str, Endpoint], seconds: float) -> None:
    while True:
        await asyncio.sleep(seconds)
        for endpoint in endpoints.values():
            await endpoint.sessions.expire()


def _each(body: bytes) -> list[Read]:
    """Return the messages of a batch. Raises: NoMessage."""
    try:
        items = json.loads(body.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise NoMessage(f"not JSON: {error}"[:200], PARSE_ERROR) from error
    if not 0 < len(items) <= MOST_IN_BATCH:
        raise NoMessage(f"a batch has 1 to {MOST_IN_BATCH} messages")
    lines = [written(item) for item in items]
    return [(message_of(line), line) for line in lines]


def _no_session(http: HttpRequest, message: Message | None = None) -> Response:
    id_ = message.id if isinstance(message, Request) else None
    if SESSION_HEADER in http.headers:
        return refused(id_, INVALID_REQUEST, "there is no such session (any more): begin with initialize", status=404)
    return refused(id_, INVALID_REQUEST, f"begin with initialize, and send the {SESSION_HEADER} of its answer")
