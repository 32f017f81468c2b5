"""Requests without a session (2026-07-28): many clients share one connection to the server, and answers never mix.

Clients choose ids and progress tokens by themselves, so those of two clients are often equal. Towards the server each
request has a number of the gateway's own. What the server says unasked without naming a request is for nobody known
here, so it is left out: it could be about another client's call.
"""

import itertools
import logging
from typing import TYPE_CHECKING, cast

from catalog.gateway.http_streams import Stream
from catalog.gateway.messages import (
    METHOD_NOT_FOUND,
    UPSTREAM_LOST,
    Id,
    NoMessage,
    Notification,
    Request,
    failure,
    objects,
    read,
    written,
)
from catalog.gateway.rewriting import loaded

if TYPE_CHECKING:
    from catalog.gateway.conversation import Conversation

_log = logging.getLogger(__name__)

_SUBSCRIPTION = "io.modelcontextprotocol/subscriptionId"


class Shared:
    """Implements conversation.Client for all clients without a session."""

    def __init__(self) -> None:
        """Begin to number."""
        self.conversation: Conversation | None = None
        self._numbers = itertools.count(1)
        self._waiting: dict[Id, tuple[Request, Stream]] = {}
        self._declined: list[bytes] = []

    @property
    def is_busy(self) -> bool:
        """Say whether a request is unanswered."""
        return bool(self._waiting)

    @property
    def pending(self) -> int:
        """The number of unanswered requests."""
        return len(self._waiting)

    def ask(self, request: Request, line: bytes, stream: Stream) -> tuple[int, bytes]:
        """Return the number of a request towards the server, and the request with it."""
        number = next(self._numbers)
        message = loaded(line)
        message["id"] = number
        params = message.get("params")
        if isinstance(params, dict) and isinstance(meta := params.get("_meta"), dict) and "progressToken" in meta:
            meta["progressToken"] = number
        self._waiting[number] = (request, stream)
        return number, written(message)

    def cancel(self, number: int) -> bytes:
        """Return what tells the server that nobody waits for the answer to request ``number`` any more."""
        self._waiting.pop(number, None)
        return written({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": number}})

    def put(self, line: bytes) -> None:
        """See ``Client.put``."""
        try:
            message = read(line)
        except NoMessage as error:
            _log.warning("left out a message that is none: %s", error)
            return
        if isinstance(message, Request):
            # This version has no requests of servers: a server asks in its answer.
            self._declined.append(failure(message.id, METHOD_NOT_FOUND, "no client can be asked"))
        elif isinstance(message, Notification):
            self._notify(message, line)
        else:
            self._answer(message.id, line)

    async def room(self) -> None:
        """See ``Client.room``. Streams bound by themselves what is unread; what the server asked is declined here."""
        declined, self._declined = self._declined, []
        for line in declined:
            if self.conversation is not None:
                await self.conversation.from_client(line)

    def finish(self, reason: str) -> None:
        """Answer all that is unanswered with an error."""
        for request, stream in self._waiting.values():
            stream.put(failure(request.id, UPSTREAM_LOST, reason), answers=request.id)
        self._waiting.clear()

    def _answer(self, number: Id, line: bytes) -> None:
        request, stream = self._waiting.pop(number, (None, None))
        if request is None or stream is None:
            return
        try:
            message = loaded(line)
            message["id"] = request.id
            _restore(message.get("result"), request)
            stream.put(written(message), answers=request.id)
        except ValueError as error:
            stream.put(failure(request.id, UPSTREAM_LOST, f"the server's answer: {error}"[:200]), answers=request.id)

    def _notify(self, notification: Notification, line: bytes) -> None:
        params = notification.params
        subscription = objects(params.get("_meta")).get(_SUBSCRIPTION)
        number = params.get("progressToken") if notification.method == "notifications/progress" else subscription
        request, stream = self._waiting.get(number, (None, None)) if isinstance(number, int) else (None, None)
        if request is None or stream is None:
            return
        message = loaded(line)
        copy = message.get("params")
        if isinstance(copy, dict) and notification.method == "notifications/progress":
            copy["progressToken"] = request.meta.get("progressToken")
        _restore(copy, request)
        stream.put(written(message))


def _restore(part: object, request: Request) -> None:
    """Name a subscription by the id that the client knows it by."""
    meta = objects(part).get("_meta")
    if isinstance(meta, dict) and _SUBSCRIPTION in meta:
        cast("dict[str, object]", meta)[_SUBSCRIPTION] = request.id
