"""JSON-RPC messages as they come over HTTP: read from bodies and event streams, the server's own requests declined."""

import json
from collections.abc import AsyncGenerator
from contextlib import aclosing

import httpx
from httpx_sse import EventSource, ServerSentEvent

from catalog.model import Reason
from catalog.probe.base import RequestRefusedError
from catalog.probe.http.bodies import Meter
from catalog.probe.http.failures import RemoteError
from classifier.definition import JsonObject, JsonValue

METHOD_NOT_FOUND = -32601

EVENT_STREAM = "text/event-stream"

# Values in one body or event: each takes some 64 to 250 bytes in memory, so that a short text can fill it.
MOST_VALUES = 500_000

# Requests of a server's own (ping, roots, sampling, elicitation) that are answered in one conversation.
MOST_REPLIES = 20


def media_type(response: httpx.Response) -> str:
    """Return for example ``application/json``, in lower case, bounded."""
    return str(response.headers.get("content-type", "")).partition(";")[0].strip().lower()[:80]


def parsed(text: bytes) -> list[dict[str, JsonValue]]:
    """Return the JSON-RPC messages in ``text``: one, the ones of a batch (MCP 2025-03-26), or none.

    Raises: RemoteError for more than MOST_VALUES values.
    """
    # Each value but the first follows one of these. Counted before anything is made of them; those inside of strings
    # count too, which errs on the safe side.
    if sum(map(text.count, (b"[", b"{", b",", b":"))) > MOST_VALUES:
        raise RemoteError(
            Reason.TOO_LARGE,
            f"one answer of more than {MOST_VALUES:,} values",
            "no honest tool list is that large; report it to who runs the server",
        )
    try:
        # Python writes NaN and Infinity, which are no JSON; JavaScript writes null for them.
        value = json.loads(text, parse_constant=_null)
    except (ValueError, RecursionError):
        return []
    values = value if isinstance(value, list) else [value]
    return [one for one in values if isinstance(one, dict) and one.get("jsonrpc") == "2.0"]


def encoded(message: JsonObject) -> bytes:
    """Return the message as it is sent."""
    return json.dumps(message, separators=(",", ":")).encode()


def request(identifier: int, method: str, params: JsonObject) -> JsonObject:
    """Return a JSON-RPC request."""
    return {"jsonrpc": "2.0", "id": identifier, "method": method, "params": params}


def notification(method: str) -> JsonObject:
    """Return a JSON-RPC notification."""
    return {"jsonrpc": "2.0", "method": method}


def reply(message: JsonObject) -> JsonObject | None:
    """Return the answer to a server's own request, None where it wants none: ping is answered, the rest declined."""
    if "id" not in message:
        return None
    answer: dict[str, JsonValue] = {"jsonrpc": "2.0", "id": message["id"]}
    if message["method"] == "ping":
        answer["result"] = {}
    else:
        answer["error"] = {"code": METHOD_NOT_FOUND, "message": "not offered by this client"}
    return answer


def result(message: JsonObject, method: str) -> JsonValue:
    """Return the result in an answer to ``method``. Raises: RequestRefusedError for a JSON-RPC error."""
    error = message.get("error")
    if isinstance(error, dict):
        code = error.get("code")
        raise RequestRefusedError(method, code if isinstance(code, int) else 0, str(error.get("message")))
    return message.get("result")


async def events(response: httpx.Response, meter: Meter) -> AsyncGenerator[ServerSentEvent, None]:
    """Yield the events of a stream, each one bounded by ``meter``."""
    async with aclosing(EventSource(response).aiter_sse()) as stream:
        async for event in stream:
            meter.next_message()
            yield event


def protocol_version(answer: JsonValue) -> str | None:
    """Return the version in an answer to initialize, where it is one that can stand in a header."""
    version = answer.get("protocolVersion") if isinstance(answer, dict) else None
    if isinstance(version, str) and len(version) == 10 and version.isascii() and version.replace("-", "").isdigit():
        return version
    return None


def too_talkative() -> RemoteError:
    """Say that a server asks more than it answers."""
    return RemoteError(
        Reason.PROTOCOL_ERROR,
        f"it asked this client more than {MOST_REPLIES} things before it answered",
        "report it to who runs the server",
    )


def _null(constant: str) -> None:
    del constant
