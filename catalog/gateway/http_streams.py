"""How a POST is answered: as JSON where its answers are all there is to say, else as a stream of events."""

import asyncio
import contextlib
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable, Mapping

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from catalog.gateway.bounds import MESSAGE_BYTES
from catalog.gateway.messages import Id

# Seconds of silence after which a comment is sent: what stands between would close a silent connection.
PING_SECONDS = 15.0

# Bytes that a client may leave unread before what it reads is ended.
MOST_UNREAD = 2 * MESSAGE_BYTES

_PING = b": still here\r\n\r\n"
_EVENTS = {"content-type": "text/event-stream", "cache-control": "no-cache, no-transform", "x-accel-buffering": "no"}


class Stream:
    """Messages for one open exchange with a client, until it has every answer that it is owed."""

    def __init__(self, owed: Iterable[Id] | None, *, takes_events: bool = True) -> None:
        """``owed`` are the ids of its requests; None for a stream that ends only when it is closed."""
        self._owed = None if owed is None else set(owed)
        self._lines: deque[tuple[bytes, bool]] = deque()
        self._unread = 0
        self._changed = asyncio.Event()
        self._closed = False
        self.takes_events = takes_events

    @property
    def is_open(self) -> bool:
        """Say whether more can come."""
        return not self._closed and self._owed != set()

    @property
    def is_finished(self) -> bool:
        """Say whether all that can come has been taken."""
        return not self._lines and not self.is_open

    def put(self, line: bytes, *, answers: Id | None = None) -> None:
        """Add a message; ``answers`` is the id of the request that it answers."""
        if not self.is_open:
            return
        if answers is not None and self._owed is not None:
            self._owed.discard(answers)
        self._lines.append((line, answers is not None))
        self._unread += len(line)
        if self._unread > MOST_UNREAD:
            self._lines.clear()
            self._closed = True
        self._changed.set()

    def close(self) -> None:
        """Let nothing more come."""
        self._closed = True
        self._changed.set()

    async def take(self, seconds: float) -> tuple[bytes, bool] | None:
        """Return the next message and whether it is an answer; None where it is finished, or after ``seconds``."""
        if not self._lines and not self.is_finished:
            self._changed.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self._changed.wait()
        if not self._lines:
            return None
        line, answers = self._lines.popleft()
        self._unread -= len(line)
        return line, answers

    def put_back(self, taken: Iterable[bytes]) -> None:
        """Have messages come first that were taken."""
        for line in reversed(list(taken)):
            self._lines.appendleft((line, True))
            self._unread += len(line)


async def answered(
    stream: Stream,
    request: Request,
    *,
    whole: Callable[[list[bytes]], Response],
    headers: Mapping[str, str],
    abandoned: Callable[[], None],
) -> Response:
    """Return the response to a POST.

    Args:
        stream: What comes for it.
        request: The POST, whose body has been read.
        whole: Makes the response of all its answers, where nothing else came with them.
        headers: Go with a stream of events.
        abandoned: Called where the client goes before it has all.
    """
    taken: list[bytes] = []
    gone = asyncio.create_task(_gone(request))
    try:
        while not stream.is_finished:
            taking = asyncio.create_task(stream.take(PING_SECONDS))
            await asyncio.wait([taking, gone], return_when=asyncio.FIRST_COMPLETED)
            if gone.done():
                taking.cancel()
                abandoned()
                return Response(status_code=499)
            found = taking.result()
            if found is not None:
                taken.append(found[0])
            elif stream.takes_events and stream.is_open:
                break
            if found is not None and not found[1]:
                break
        else:
            return whole(taken)
    except asyncio.CancelledError:
        abandoned()
        raise
    finally:
        gone.cancel()
    stream.put_back(taken)
    return events(stream, headers=headers, abandoned=abandoned)


def events(stream: Stream, *, headers: Mapping[str, str], abandoned: Callable[[], None]) -> Response:
    """Return a response of events, one a message."""

    async def body() -> AsyncIterator[bytes]:
        try:
            while not stream.is_finished:
                found = await stream.take(PING_SECONDS)
                if found is not None:
                    # A line break of JSON means nothing; one in an event ends its line.
                    yield b"event: message\r\ndata: " + found[0].replace(b"\r", b" ") + b"\r\n\r\n"
                elif stream.is_open:
                    yield _PING
        finally:
            if not stream.is_finished:
                abandoned()

    return StreamingResponse(body(), headers={**_EVENTS, **headers})


async def _gone(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
