"""A server over Streamable HTTP, from protocol version 2025-03-26 to the one without sessions (2026-07-28).

Each message is a POST. What answers it, be it JSON or events, is read beside the others; what the server says unasked
comes on one GET stream. A request that cannot be delivered is answered here with an error, so nobody waits for it.
"""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager

import httpx
import orjson

from catalog.errors import UsageError
from catalog.gateway.base import ChannelClosed
from catalog.gateway.bodies import EVENT_STREAM, TooLarge, media_type, messages
from catalog.gateway.messages import (
    UPSTREAM_LOST,
    Id,
    NoMessage,
    Notification,
    Request,
    Response,
    failure,
    objects,
    read,
    written,
)
from catalog.gateway.mirrored import Parameters, headers_of, parameters_of

# Seconds until a connection stands, TLS included, and until a message is written.
CONNECT_SECONDS = 10.0

# Seconds that a server may be silent over one answer; calls can take long, and who does not want to wait cancels.
SILENT_SECONDS = 3600.0

# Seconds for telling a server that its session is over; nobody waits for that.
CLOSE_SECONDS = 2.0

# Seconds until the stream of unasked messages is opened again, doubled each time it brings nothing.
REOPEN_SECONDS = (1.0, 60.0)

MOST_REDIRECTS = 3

_CANCELLED = "notifications/cancelled"
_SERVER_ERROR = -32603


class HttpChannel:
    """Implements gateway.base.Channel on the address of a server."""

    def __init__(self, url: str, http: httpx.AsyncClient) -> None:
        """Speak with the server at ``url`` through ``http``, which has the user's headers and is closed with this."""
        self._url = httpx.URL(url)
        self._http = http
        self._session: str | None = None
        self._version: str | None = None
        self._received: asyncio.Queue[bytes | None] = asyncio.Queue(1000)
        # None wakes the reader, who finds that this is the end.
        self._asking: dict[Id, tuple[Request, asyncio.Task[None]]] = {}
        self._listening: asyncio.Task[None] | None = None
        self._parameters: dict[str, Parameters] = {}
        self._ended: ChannelClosed | None = None

    async def send(self, line: bytes) -> None:
        """See ``Channel.send``. Returns at once for a request; else when the server has taken the message."""
        if self._ended is not None:
            raise self._ended
        try:
            message = read(line)
        except NoMessage as error:
            raise ChannelClosed(f"no message to send: {error}") from error
        if isinstance(message, Request):
            task = asyncio.create_task(self._ask(message, line))
            self._asking[message.id] = (message, task)
            task.add_done_callback(lambda _: self._forget(message.id, task))
        elif isinstance(message, Notification) and message.method == _CANCELLED and self._cancel(message):
            return
        else:
            await self._tell(message, line)

    async def messages(self) -> AsyncIterator[bytes]:
        """See ``Channel.messages``. Raises: ChannelClosed."""
        while self._ended is None or not self._received.empty():
            received = await self._received.get()
            if received is not None:
                yield received
        raise self._ended

    async def close(self) -> None:
        """See ``Channel.close``."""
        self._end("the session was closed")
        tasks = [task for _, task in self._asking.values()]
        if self._listening is not None:
            tasks.append(self._listening)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._session is not None:
            with contextlib.suppress(TimeoutError, httpx.HTTPError, ChannelClosed):
                async with asyncio.timeout(CLOSE_SECONDS), self._exchange("DELETE", self._headers(None)):
                    pass
            self._session = None
        await self._http.aclose()

    async def _ask(self, request: Request, line: bytes) -> None:
        """Bring the answer to a request, or an error in its place."""
        try:
            async with self._exchange("POST", self._headers(request), line) as response:
                await self._accept(request, response)
        except TooLarge as error:
            await self._received.put(failure(request.id, UPSTREAM_LOST, str(error)))
        except (httpx.HTTPError, httpx.StreamError, ChannelClosed) as error:
            await self._received.put(failure(request.id, UPSTREAM_LOST, self._told(error)))

    async def _accept(self, request: Request, response: httpx.Response) -> None:
        if response.status_code == 404 and self._session is not None and request.method != "initialize":
            self._end("the server has ended the session")
            return
        if response.status_code == 202:
            raise ChannelClosed("the server took the request without an answer to it")
        session = response.headers.get("mcp-session-id")
        if request.method == "initialize" and session:
            self._session = session
        if not response.is_success:
            await self._received.put(await self._refused(request, response))
            return
        async for text in messages(response):
            for one in _each(text):
                await self._received.put(one)
                if self._answers(request, one):
                    return
        raise ChannelClosed(f"the server's answer ended without what answers {request.method!r}")

    def _answers(self, request: Request, line: bytes) -> bool:
        """Say whether a message answers ``request``, and keep what later requests need of the answer."""
        try:
            message = read(line)
        except NoMessage:
            return False
        if not isinstance(message, Response) or message.id != request.id:
            return False
        result = objects(message.result)
        if request.method == "initialize":
            version = result.get("protocolVersion")
            self._version = (
                version if isinstance(version, str) and version.isascii() and version.isprintable() else None
            )
        tools = result.get("tools") if request.method == "tools/list" and request.is_modern else None
        for tool in tools if isinstance(tools, list) else ():
            if isinstance(tool, dict) and isinstance(name := tool.get("name"), str):
                self._parameters[name] = parameters_of(tool)
        return True

    async def _refused(self, request: Request, response: httpx.Response) -> bytes:
        """Return the error that answers a request which the server refused: its own words where it has some."""
        with contextlib.suppress(ChannelClosed, ValueError, httpx.HTTPError):
            async for text in messages(response):
                said = objects(orjson.loads(text)).get("error")
                if isinstance(said, dict) and isinstance(said.get("code"), int):
                    return written({"jsonrpc": "2.0", "id": request.id, "error": said})
        hint = "; give what it asks for with --header" if response.status_code in (401, 403) else ""
        return failure(request.id, _SERVER_ERROR, f"the server at {self._shown} said {response.status_code}{hint}")

    async def _tell(self, message: Notification | Response, line: bytes) -> None:
        """Send what has no answer. A server that does not want it says so to nobody: there is nobody to tell."""
        with contextlib.suppress(httpx.HTTPError):
            async with self._exchange("POST", self._headers(message), line) as response:
                if response.status_code == 404 and self._session is not None:
                    raise self._end("the server has ended the session")
        initialized = isinstance(message, Notification) and message.method == "notifications/initialized"
        if initialized and self._session is not None and self._listening is None:
            self._listening = asyncio.create_task(self._listen())

    def _cancel(self, message: Notification) -> bool:
        """End the exchange of a request without a session, which is what cancels it; say whether there is one."""
        id_ = message.params.get("requestId")
        request, task = self._asking.get(id_, (None, None)) if isinstance(id_, str | int) else (None, None)
        if request is None or task is None or not request.is_modern:
            return False
        task.cancel()
        return True

    async def _listen(self) -> None:
        """Read what the server says unasked, for as long as the session lasts; a server need not offer that."""
        least, most = REOPEN_SECONDS
        pause = least
        while self._ended is None:
            with contextlib.suppress(httpx.HTTPError, httpx.StreamError, ChannelClosed):
                async with self._exchange("GET", self._headers(None)) as response:
                    if response.status_code in range(400, 500) or media_type(response) != EVENT_STREAM:
                        return
                    async for text in messages(response):
                        pause = least
                        for one in _each(text):
                            await self._received.put(one)
            await asyncio.sleep(pause)
            pause = min(pause * 2, most)

    def _headers(self, message: Request | Notification | Response | None) -> dict[str, str]:
        headers = {"accept": f"application/json, {EVENT_STREAM}" if message else EVENT_STREAM}
        if message is not None:
            headers["content-type"] = "application/json"
        if isinstance(message, Request) and message.is_modern:
            name = message.params.get("name")
            calls = message.method == "tools/call" and isinstance(name, str)
            return headers | headers_of(message, self._parameters.get(str(name), {}) if calls else {})
        if self._session is not None:
            headers["mcp-session-id"] = self._session
        if self._version is not None:
            headers["mcp-protocol-version"] = self._version
        return headers

    @asynccontextmanager
    async def _exchange(
        self, method: str, headers: Mapping[str, str], body: bytes | None = None
    ) -> AsyncIterator[httpx.Response]:
        """Yield the answer of the server's own origin. Raises: httpx.HTTPError, ChannelClosed."""
        url = self._url
        for _ in range(MOST_REDIRECTS + 1):
            sent = self._http.build_request(method, url, headers=dict(headers), content=body)
            response = await self._http.send(sent, stream=True)
            try:
                if response.status_code not in (301, 302, 303, 307, 308):
                    yield response
                    return
                following = _joined(url, response.headers.get("location", ""))
                keeps = response.status_code in (307, 308) or method == "GET"
                if following is None or not keeps or _origin(following) != _origin(self._url):
                    raise ChannelClosed(f"the server sends requests elsewhere ({following}); if it is right, name that")
                url = following
            finally:
                await response.aclose()
        raise ChannelClosed(f"more than {MOST_REDIRECTS} redirects")

    def _end(self, reason: str) -> ChannelClosed:
        if self._ended is None:
            self._ended = ChannelClosed(reason)
            with contextlib.suppress(asyncio.QueueFull):  # a reader with so much to read looks by itself
                self._received.put_nowait(None)
        return self._ended

    def _forget(self, id_: Id, task: asyncio.Task[None]) -> None:
        if self._asking.get(id_, (None, None))[1] is task:
            del self._asking[id_]

    def _told(self, error: Exception) -> str:
        if isinstance(error, ChannelClosed):
            return str(error)
        return f"the server at {self._shown} cannot be reached ({type(error).__name__}: {error})"[:300]

    @property
    def _shown(self) -> str:
        """The address without what can be a secret in it."""
        return str(self._url.copy_with(userinfo=b"", query=None, fragment=None))


def http_server(
    url: str, headers: Mapping[str, str] | None = None
) -> Callable[[], Coroutine[object, object, HttpChannel]]:
    """Return what opens a channel of its own to the server at ``url``. Raises: UsageError for what is no address."""
    try:
        parts = httpx.URL(url)
    except httpx.InvalidURL as error:
        raise UsageError(f"{url!r} is no address ({error}): give one like https://example.com/mcp") from error
    if parts.scheme not in ("http", "https") or not parts.host:
        raise UsageError(f"{url!r} is no address of a server: give one like https://example.com/mcp")
    # httpx writes every address, with its query, to its log.
    logging.getLogger("httpx").setLevel(logging.WARNING)

    async def connect() -> HttpChannel:
        http = httpx.AsyncClient(
            headers={"accept-encoding": "identity", **(headers or {})},
            timeout=httpx.Timeout(CONNECT_SECONDS, read=SILENT_SECONDS),
            limits=httpx.Limits(max_connections=None, max_keepalive_connections=32),
            follow_redirects=False,
        )
        return HttpChannel(url, http)

    return connect


def _each(text: bytes) -> list[bytes]:
    """Return the messages in a JSON text: itself, or those of a batch (2025-03-26)."""
    if not text.startswith(b"["):
        return [text]
    try:
        return [written(one) for one in orjson.loads(text) if isinstance(one, dict)]
    except (ValueError, TypeError):
        return []


def _joined(url: httpx.URL, location: str) -> httpx.URL | None:
    try:
        return url.join(location) if location else None
    except httpx.InvalidURL:
        return None


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port
