"""Serves requests without a session (2026-07-28): each says all that is needed, in its body and again in headers."""

import asyncio
import contextlib
import logging
from collections.abc import Coroutine

from starlette.requests import Request as HttpRequest
from starlette.responses import Response

from catalog.errors import CatalogError
from catalog.gateway.base import ChannelClosed
from catalog.gateway.conversation import Conversation
from catalog.gateway.http_replies import MOST_PENDING, message_of, on_one_line, refused, takes_events, with_status
from catalog.gateway.http_sessions import Opening
from catalog.gateway.http_shared import Shared
from catalog.gateway.http_streams import Stream, answered
from catalog.gateway.messages import (
    INVALID_PARAMS,
    INVALID_REQUEST,
    METHOD_NOT_FOUND,
    MODERN,
    UPSTREAM_LOST,
    NoMessage,
    Notification,
    Request,
)
from catalog.gateway.mirrored import (
    HEADER_MISMATCH,
    META_CAPABILITIES,
    META_VERSION,
    UNSUPPORTED_VERSION,
    VERSION_HEADER,
    mismatch,
)

_log = logging.getLogger(__name__)

_ONCE = (VERSION_HEADER, "mcp-method", "mcp-name")


class Sessionless:
    """One connection to a server for all clients that have no session, opened when the first one asks."""

    def __init__(self, opening: Opening | None) -> None:
        """Open the connection with ``opening``; None where clients need a session."""
        self._opening = opening
        self._shared: Shared | None = None
        self._sharing = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()

    async def close(self) -> None:
        """End the connection."""
        if self._shared is not None and self._shared.conversation is not None:
            self._shared.finish("the gateway stops")
            await self._shared.conversation.close()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def post(self, http: HttpRequest, body: bytes) -> Response:
        """Serve a POST."""
        body = on_one_line(body)
        try:
            message = message_of(body)
        except NoMessage as error:
            return refused(error.id, error.code, str(error))
        version = http.headers.get(VERSION_HEADER, "")
        if version != MODERN:
            data = {"supported": [MODERN], "requested": version[:100]}
            id_ = message.id if isinstance(message, Request) else None
            return refused(id_, UNSUPPORTED_VERSION, "this protocol version is not spoken here", data=data)
        if isinstance(message, Notification):
            return Response(status_code=202)  # this version has none of clients that mean anything
        if not isinstance(message, Request):
            return refused(None, INVALID_REQUEST, "this protocol version has no answers of clients")
        return _unfit(http, message) or await self._serve(http, message, body)

    async def _serve(self, http: HttpRequest, request: Request, body: bytes) -> Response:
        if self._opening is None:
            return refused(request.id, METHOD_NOT_FOUND, "this needs a session: begin with initialize")
        try:
            shared, conversation = await self._connection(self._opening)
        except (CatalogError, ChannelClosed, OSError) as error:
            _log.warning("no server: %s", error)
            return refused(request.id, UPSTREAM_LOST, f"the server cannot be started: {error}", status=502)
        if shared.pending >= MOST_PENDING:
            return refused(request.id, INVALID_REQUEST, "too many requests are unanswered", status=429)
        stream = Stream([request.id], takes_events=takes_events(http))
        try:
            number, line = shared.ask(request, body, stream)
        except ValueError as error:
            return refused(request.id, INVALID_REQUEST, str(error))

        def abandoned() -> None:
            # The client closed what the answer would come on: in this version that is how it cancels.
            self._in_background(conversation.from_client(shared.cancel(number)))

        await conversation.from_client(line)
        return await answered(stream, http, whole=with_status, headers={}, abandoned=abandoned)

    async def _connection(self, opening: Opening) -> tuple[Shared, Conversation]:
        """Return what all requests share; opened anew where the server is gone."""
        async with self._sharing:
            shared = self._shared
            if shared is None or shared.conversation is None or shared.conversation.is_over:
                shared = Shared()
                shared.conversation = await opening(shared)
                self._shared = shared
                self._in_background(_finish_when_over(shared, shared.conversation))
            return shared, shared.conversation

    def _in_background(self, work: Coroutine[None, None, None]) -> None:
        """Run ``work`` and hold on to it: the loop itself forgets tasks."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


async def _finish_when_over(shared: Shared, conversation: Conversation) -> None:
    with contextlib.suppress(asyncio.CancelledError):
        await conversation.over()
    shared.finish("the server is gone")
    await conversation.close()


def _unfit(http: HttpRequest, request: Request) -> Response | None:
    """Return what is wrong with a request; None where it says all that it must, and its headers the same."""
    missing = [key for key in (META_VERSION, META_CAPABILITIES) if key not in request.meta]
    if missing:
        return refused(request.id, INVALID_PARAMS, f"params._meta lacks {', '.join(missing)}")
    twice = any(len(http.headers.getlist(name)) > 1 for name in _ONCE)
    different = "a header stands twice" if twice else mismatch(request, http.headers)
    return refused(request.id, HEADER_MISMATCH, different) if different else None
