"""Sessions over HTTP (handshake versions): which of a client's open exchanges a message of the server belongs on."""

import asyncio
import logging
import secrets
import time
from collections import deque
from collections.abc import Awaitable, Callable

from catalog.gateway.conversation import Client, Conversation
from catalog.gateway.http_streams import Stream
from catalog.gateway.hub import CANCELLED
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
)

_log = logging.getLogger(__name__)

# Messages that wait for a client without a stream that they could go on.
_MOST_WAITING = 1_000

# What is no part of any one request goes on the stream that is for that, where there is one.
_UNRELATED = ("notifications/tools/", "notifications/resources/", "notifications/prompts/")

Opening = Callable[[Client], Awaitable[Conversation]]
"""Opens what is behind one new session. Raises: CatalogError, ChannelClosed, OSError."""


class HttpSession:
    """Implements conversation.Client."""

    def __init__(self) -> None:
        """Draw an id that nobody can guess."""
        self.id = secrets.token_urlsafe(32)
        self.version: str | None = None
        """The protocol version that the handshake agreed on; None before."""
        self.conversation: Conversation | None = None
        self.used = 0.0
        self._waiting: dict[Id, Stream] = {}
        self._tokens: dict[Id, Stream] = {}
        self._listening: Stream | None = None
        self._early: deque[bytes] = deque(maxlen=_MOST_WAITING)

    @property
    def is_busy(self) -> bool:
        """Say whether the client waits for an answer or listens."""
        return self._listening is not None or any(stream.is_open for stream in self._waiting.values())

    @property
    def pending(self) -> int:
        """The number of unanswered requests."""
        return len(self._waiting)

    def is_asked(self, id_: Id) -> bool:
        """Say whether a request with this id is unanswered."""
        return id_ in self._waiting

    def expect(self, request: Request, stream: Stream) -> None:
        """Have what belongs to ``request`` go on ``stream``."""
        self._waiting[request.id] = stream
        token = request.meta.get("progressToken")
        if isinstance(token, str | int) and stream.takes_events:
            self._tokens[token] = stream

    def cancel(self, id_: object) -> None:
        """End the exchange of a request that the client no longer wants: most servers say nothing more about it."""
        stream = self._waiting.pop(id_, None) if isinstance(id_, str | int) else None
        if stream is not None and isinstance(id_, str | int):
            stream.put(failure(id_, CANCELLED, "the request was cancelled"), answers=id_)

    def listen(self) -> Stream | None:
        """Return the stream of what belongs to no request; None where there is one already."""
        if self._listening is not None:
            return None
        self._listening = Stream(None)
        while self._early:
            self._listening.put(self._early.popleft())
        return self._listening

    def stop_listening(self) -> None:
        """Note that the client no longer listens."""
        self._listening = None

    def put(self, line: bytes) -> None:
        """See ``Client.put``."""
        try:
            message = read(line)
        except NoMessage as error:
            _log.warning("left out a message that is none: %s", error)
            return
        if isinstance(message, Response):
            self._answer(message, line)
            return
        stream = self._stream_of(message)
        if stream is None:
            self._early.append(line)
        else:
            stream.put(line)

    async def room(self) -> None:
        """See ``Client.room``: streams bound by themselves what is unread."""

    def finish(self, reason: str) -> None:
        """Answer what is unanswered with an error, and let nothing more come."""
        for id_, stream in self._waiting.items():
            stream.put(failure(id_, UPSTREAM_LOST, reason), answers=id_)
        self._waiting.clear()
        if self._listening is not None:
            self._listening.close()

    def _answer(self, message: Response, line: bytes) -> None:
        stream = self._waiting.pop(message.id, None)
        if stream is None:
            return
        self._tokens = {token: one for token, one in self._tokens.items() if one is not stream or stream.is_open}
        version = objects(message.result).get("protocolVersion")
        if self.version is None and isinstance(version, str):
            self.version = version
        stream.put(line, answers=message.id)

    def _stream_of(self, message: Request | Notification) -> Stream | None:
        token = message.params.get("progressToken")
        if message.method == "notifications/progress" and isinstance(token, str | int) and token in self._tokens:
            return self._tokens[token]
        if self._listening is not None and message.method.startswith(_UNRELATED):
            return self._listening
        # What the server says beside an open request is most likely about the latest.
        related = (one for one in reversed(self._waiting.values()) if one.takes_events and one.is_open)
        return next(related, self._listening)


class TooManySessions(Exception):
    """No room for another session."""


class Sessions:
    """The sessions at one address."""

    def __init__(
        self, opening: Opening, *, most: int, idle_seconds: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Have at most ``most`` sessions, and end those that nothing was heard of for ``idle_seconds``."""
        self._opening = opening
        self._most = most
        self._idle_seconds = idle_seconds
        self._clock = clock
        self._sessions: dict[str, HttpSession] = {}
        self._ending: set[asyncio.Task[None]] = set()

    def __len__(self) -> int:
        return len(self._sessions)

    def get(self, id_: str) -> HttpSession | None:
        """Return the session ``id_``, which is used now; None where there is none, or its server is gone."""
        session = self._sessions.get(id_)
        if session is None or (session.conversation is not None and session.conversation.is_over):
            return None
        session.used = self._clock()
        return session

    async def open(self) -> HttpSession:
        """Begin a session. Raises: TooManySessions; what the opening raises."""
        if len(self._sessions) >= self._most:
            await self.expire()
        if len(self._sessions) >= self._most:
            raise TooManySessions
        session = HttpSession()
        session.used = self._clock()
        self._sessions[session.id] = session
        try:
            session.conversation = await self._opening(session)
        except BaseException:
            del self._sessions[session.id]
            raise
        task = asyncio.create_task(self._end_when_over(session, session.conversation))
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)
        return session

    async def close(self, session: HttpSession, reason: str = "the session was ended") -> None:
        """End a session; its servers are gone afterwards."""
        self._sessions.pop(session.id, None)
        session.finish(reason)
        if session.conversation is not None:
            await session.conversation.close()

    async def expire(self) -> None:
        """End what was idle for too long."""
        now = self._clock()
        oldest = now - self._idle_seconds
        for session in self._sessions.values():
            if session.is_busy:
                session.used = now
        idle = [one for one in self._sessions.values() if one.used < oldest and one.conversation]
        for session in idle:
            await self.close(session)

    async def close_all(self) -> None:
        """End all sessions."""
        await asyncio.gather(*(self.close(one, "the gateway stops") for one in list(self._sessions.values())))
        await asyncio.gather(*self._ending, return_exceptions=True)

    async def _end_when_over(self, session: HttpSession, conversation: Conversation) -> None:
        try:
            await conversation.over()
        finally:
            await self.close(session, "the server is gone")
