"""Streamable HTTP (MCP specification 2025-11-25, transports): each message is a POST, answered as JSON or a stream."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, aclosing, asynccontextmanager

import httpx
from httpx_sse import ServerSentEvent

from catalog.facts import RemoteState
from catalog.model import Reason
from catalog.probe.base import ProbeError
from catalog.probe.http.client import HttpClient
from catalog.probe.http.failures import RemoteError, not_mcp, unwelcome
from catalog.probe.http.messages import (
    EVENT_STREAM,
    MOST_REPLIES,
    encoded,
    events,
    media_type,
    notification,
    parsed,
    protocol_version,
    reply,
    request,
    result,
    too_talkative,
)
from classifier.definition import JsonObject, JsonValue

# Seconds for telling a server that its session is over; nobody waits for that.
CLOSE_SECONDS = 3.0

# Times that a stream which ended without an answer is taken up again, and the longest wait before each in seconds.
MOST_RESUMPTIONS = 3
RESUME_SECONDS = 2.0

# What may go back in a header: visible ASCII, as the specification asks of a session's id; the length is ours.
_VISIBLE = re.compile(r"[\x21-\x7e]{1,1024}")


class StreamableSession:
    """Implements probe.base.Session."""

    def __init__(self, client: HttpClient, url: str) -> None:
        self._client = client
        self._url = url
        self._next_id = 0
        self._replies = 0
        self._session_id: str | None = None
        self._version: str | None = None

    async def request(self, method: str, params: JsonObject, *, seconds: float) -> JsonValue:
        """See ``Session.request``."""
        self._next_id += 1
        try:
            async with asyncio.timeout(seconds):
                return await self._request(method, self._next_id, params)
        except TimeoutError:
            raise RemoteError(
                Reason.TIMED_OUT, f"no answer to {method} within {seconds:g} s", "it may be busy; try again later"
            ) from None

    async def notify(self, method: str) -> None:
        """See ``Session.notify``."""
        await self._send(notification(method))

    async def close(self) -> None:
        """Tell the server that the session is over; whether it cares is of no interest."""
        if self._session_id is None:
            return
        try:
            async with asyncio.timeout(CLOSE_SECONDS), self._exchange("DELETE"):
                pass
        except (TimeoutError, ProbeError):
            pass

    async def _request(self, method: str, identifier: int, params: JsonObject) -> JsonValue:
        async with self._exchange("POST", encoded(request(identifier, method, params))) as response:
            await self._accept(response, method)
            if method == "initialize":
                # The session lives where the handshake was answered, and its id goes to no other place.
                self._url, self._session_id = str(response.url), _session_id(response)
            kind = media_type(response)
            if kind == EVENT_STREAM:
                answer = await self._streamed(response, method, identifier)
            elif kind == "application/json":
                answer = await self._whole(response, identifier)
            else:
                raise self._nonsense(f"an answer of type {kind!r}" if kind else "an answer without a type")
        found = result(answer, method)
        if method == "initialize":
            self._version = protocol_version(found)
        return found

    async def _accept(self, response: httpx.Response, method: str) -> None:
        """Raises: RemoteError or RequestRefusedError where the status is no success."""
        if response.is_success:
            return
        failure = unwelcome(response)
        handshake = method == "initialize"
        # An old server does not know POST at all: its words about that are no answer to the handshake.
        unknown = handshake and response.status_code in (404, 405)
        if failure.state in (RemoteState.NOT_MCP, RemoteState.UNKNOWN) and not unknown:
            for message in parsed(await self._client.explanation(response)):
                result(message, method)
        if not handshake and failure.reason is Reason.NOT_MCP:
            raise RemoteError(Reason.PROTOCOL_ERROR, f"{method}: {failure.detail}", "report it to who runs the server")
        raise failure

    async def _whole(self, response: httpx.Response, identifier: int) -> JsonObject:
        answer = await self._answer(parsed(await response.aread()), identifier)
        if answer is None:
            raise self._nonsense("JSON that is no JSON-RPC answer")
        return answer

    async def _streamed(self, response: httpx.Response, method: str, identifier: int) -> JsonObject:
        """Return the answer from an event stream, which is taken up again where the server ended it early."""
        answer, left = await self._read(response, identifier)
        for _ in range(MOST_RESUMPTIONS):
            if answer is not None or left is None:
                break
            await asyncio.sleep(min((left.retry or 0) / 1000, RESUME_SECONDS))
            async with self._exchange("GET", accept=EVENT_STREAM, last_event_id=left.id) as again:
                if not again.is_success or media_type(again) != EVENT_STREAM:
                    break
                answer, left = await self._read(again, identifier)
        if answer is None:
            raise self._nonsense(f"a stream that ended without the answer to {method}")
        return answer

    async def _read(
        self, response: httpx.Response, identifier: int
    ) -> tuple[JsonObject | None, ServerSentEvent | None]:
        """Return the answer from one stream; where it has none, the last event that names a place to go on from."""
        left: ServerSentEvent | None = None
        async with aclosing(events(response, self._client.meter)) as stream:
            async for event in stream:
                if _VISIBLE.fullmatch(event.id):
                    left = event
                if event.event == "message" and event.data:
                    answer = await self._answer(parsed(event.data.encode()), identifier)
                    if answer is not None:
                        return answer, None
        return None, left

    async def _answer(self, messages: list[dict[str, JsonValue]], identifier: int) -> JsonObject | None:
        """Return the message that answers ``identifier``, after declining what the server asks."""
        for message in messages:
            if "method" in message:
                answer = reply(message)
                if answer is not None:
                    self._replies += 1
                    if self._replies > MOST_REPLIES:
                        raise too_talkative()
                    await self._send(answer)
            elif message.get("id") == identifier:
                return message
        return None

    async def _send(self, message: JsonObject) -> None:
        """Send what has no answer. Raises: RemoteError."""
        async with self._exchange("POST", encoded(message)) as response:
            failure = None if response.is_success else unwelcome(response)
            # Some servers know no notification and say 400 or 404 to it; they list all the same.
            if failure is not None and failure.reason is not Reason.NOT_MCP:
                raise failure

    def _nonsense(self, what: str) -> RemoteError:
        if self._version is None:
            return not_mcp(what)
        return RemoteError(Reason.PROTOCOL_ERROR, what, "report it to who runs the server")

    def _exchange(
        self, method: str, body: bytes | None = None, *, accept: str = "", last_event_id: str = ""
    ) -> AbstractAsyncContextManager[httpx.Response]:
        headers = {"Accept": accept or f"application/json, {EVENT_STREAM}"}
        if body is not None:
            headers["Content-Type"] = "application/json"
        if self._session_id is not None:
            headers["Mcp-Session-Id"] = self._session_id
        if self._version is not None:
            headers["MCP-Protocol-Version"] = self._version
        if last_event_id:
            headers["Last-Event-ID"] = last_event_id
        return self._client.exchange(method, self._url, headers=headers, body=body)


@asynccontextmanager
async def streamable_session(client: HttpClient, url: str) -> AsyncIterator[StreamableSession]:
    """Open a session with the server at ``url``; it is told when the session is over."""
    session = StreamableSession(client, url)
    try:
        yield session
    finally:
        await session.close()


def _session_id(response: httpx.Response) -> str | None:
    """Return the session's id, None where the server keeps none. Raises: RemoteError for one that cannot be sent."""
    found: str | None = response.headers.get("mcp-session-id")
    if found is not None and not _VISIBLE.fullmatch(found):
        raise RemoteError(
            Reason.PROTOCOL_ERROR, f"a session id that is not allowed: {found[:80]!r}", "report it to who runs it"
        )
    return found
