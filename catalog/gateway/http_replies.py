"""What the gateway itself answers over HTTP: JSON-RPC messages with the status that goes with them."""

from collections.abc import Sequence

import orjson
from starlette.requests import Request as HttpRequest
from starlette.responses import Response

from catalog.gateway.messages import (
    INVALID_PARAMS,
    INVALID_REQUEST,
    METHOD_NOT_FOUND,
    PARSE_ERROR,
    UPSTREAM_LOST,
    Id,
    Message,
    NoMessage,
    Request,
    failure,
    read_strictly,
    written,
)
from catalog.gateway.mirrored import HEADER_MISMATCH, UNSUPPORTED_VERSION

SESSION_HEADER = "mcp-session-id"

# Requests of one session that may be unanswered at once.
MOST_PENDING = 1_000

_LACKS_CAPABILITY = -32021

_STATUS = {
    PARSE_ERROR: 400,
    INVALID_REQUEST: 400,
    INVALID_PARAMS: 400,
    HEADER_MISMATCH: 400,
    UNSUPPORTED_VERSION: 400,
    _LACKS_CAPABILITY: 400,
    METHOD_NOT_FOUND: 404,
}


class Json(Response):
    """A response of JSON that is written already."""

    media_type = "application/json"


def message_of(body: bytes) -> Message:
    """Return the message of a client. Raises: NoMessage."""
    message = read_strictly(body)
    if isinstance(message, Request) and isinstance(message.id, float):
        raise NoMessage("an id is text or a whole number")
    return message


def on_one_line(body: bytes) -> bytes:
    """Return JSON without line breaks: it has none that mean anything."""
    return body.replace(b"\r", b" ").replace(b"\n", b" ").strip()


def refused(id_: Id | None, code: int, text: str, *, status: int | None = None, data: object = None) -> Response:
    """Return an error; its status is that of ``code`` unless given."""
    if data is None:
        line = failure(id_, code, text)
    else:
        line = written({"jsonrpc": "2.0", "id": id_, "error": {"code": code, "message": text, "data": data}})
    return Json(line, status_code=status or _STATUS.get(code, 400))


def lost() -> Response:
    """Return the response to a request whose answer the client left unread for too long."""
    return refused(None, UPSTREAM_LOST, "there was more to say than could be kept", status=502)


def with_status(lines: Sequence[bytes]) -> Response:
    """Return the one answer to a request without a session: an error has a status of its own in this version."""
    if not lines:
        return lost()
    error = orjson.loads(lines[0]).get("error")
    code = error.get("code") if isinstance(error, dict) else None
    return Json(lines[0], status_code=_STATUS.get(code, 200) if isinstance(code, int) else 200)


def takes_events(request: HttpRequest) -> bool:
    """Say whether the client reads a stream of events."""
    accepted = request.headers.get("accept", "*/*")
    return any(kind in accepted for kind in ("text/event-stream", "text/*", "*/*"))
