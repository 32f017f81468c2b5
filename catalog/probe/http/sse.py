"""HTTP with SSE (MCP specification 2024-11-05, transports): one stream for all answers, requests by POST beside it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager

import httpx
from httpx_sse import ServerSentEvent

from catalog.model import Reason
from catalog.probe.http.client import HttpClient, same_origin
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

# Seconds until the first event, which says where requests go; servers send it at once.
ENDPOINT_SECONDS = 10.0


class SseSession:
    """Implements probe.base.Session on an open stream."""

    def __init__(self, client: HttpClient, stream: AsyncIterator[ServerSentEvent], endpoint: str) -> None:
        self._client = client
        self._stream = stream
        self._endpoint = endpoint
        self._next_id = 0
        self._replies = 0
        self._version: str | None = None

    async def request(self, method: str, params: JsonObject, *, seconds: float) -> JsonValue:
        """See ``Session.request``."""
        self._next_id += 1
        try:
            async with asyncio.timeout(seconds):
                answer = await self._ask(request(self._next_id, method, params), method, self._next_id)
        except TimeoutError:
            raise RemoteError(
                Reason.TIMED_OUT, f"no answer to {method} within {seconds:g} s", "it may be busy; try again later"
            ) from None
        found = result(answer, method)
        if method == "initialize":
            self._version = protocol_version(found)
        return found

    async def notify(self, method: str) -> None:
        """See ``Session.notify``."""
        await self._send(notification(method))

    async def _ask(self, message: JsonObject, method: str, identifier: int) -> JsonObject:
        """Send and read at the same time: a server may write all of its answer before it accepts the request."""
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._send(message))
                answer = group.create_task(self._answer(method, identifier))
        except ExceptionGroup as failures:
            raise failures.exceptions[0] from failures
        return answer.result()

    async def _answer(self, method: str, identifier: int) -> JsonObject:
        async for event in self._stream:
            for message in parsed(event.data.encode()) if event.event == "message" else ():
                if "method" in message:
                    await self._decline(message)
                elif message.get("id") == identifier:
                    return message
        raise RemoteError(
            Reason.PROTOCOL_ERROR,
            f"the stream ended without the answer to {method}",
            "report it to who runs the server",
            passing=True,
        )

    async def _decline(self, message: JsonObject) -> None:
        answer = reply(message)
        if answer is not None:
            self._replies += 1
            if self._replies > MOST_REPLIES:
                raise too_talkative()
            await self._send(answer)

    async def _send(self, message: JsonObject) -> None:
        headers = {"Content-Type": "application/json", "Accept": f"application/json, {EVENT_STREAM}"}
        if self._version is not None:
            headers["MCP-Protocol-Version"] = self._version
        sending = self._client.exchange("POST", self._endpoint, headers=headers, body=encoded(message))
        async with sending as response:
            if not response.is_success:
                raise unwelcome(response)


@asynccontextmanager
async def sse_session(client: HttpClient, url: str) -> AsyncIterator[SseSession]:
    """Open the stream at ``url``. Raises: RemoteError where none is there, or it does not say where requests go."""
    headers = {"Accept": EVENT_STREAM, "Cache-Control": "no-store"}
    opening = client.exchange("GET", url, headers=headers)
    async with opening as response:
        if not response.is_success:
            raise unwelcome(response)
        if media_type(response) != EVENT_STREAM:
            raise not_mcp(f"an answer of type {media_type(response)!r} instead of events", other_transport=True)
        async with aclosing(events(response, client.meter)) as stream:
            seconds = min(ENDPOINT_SECONDS, client.limits.initialize_seconds)
            yield SseSession(client, stream, await _endpoint(response, stream, seconds))


async def _endpoint(response: httpx.Response, stream: AsyncIterator[ServerSentEvent], seconds: float) -> str:
    """Return where requests go. Raises: RemoteError where the stream does not say so, or names a foreign place."""
    url = str(response.url)
    try:
        async with asyncio.timeout(seconds):
            first = await anext(stream, None)
    except TimeoutError:
        first = None
    if first is None or first.event != "endpoint":
        raise not_mcp("a stream that does not begin with an endpoint event", other_transport=True)
    try:
        endpoint = str(response.url.join(first.data.strip()))
    except httpx.InvalidURL:
        endpoint = ""
    if not same_origin(endpoint, url):
        raise RemoteError(
            Reason.PROTOCOL_ERROR,
            "it wants requests sent to another origin than its own; none was sent",
            "report it to who runs the server",
        )
    return endpoint
