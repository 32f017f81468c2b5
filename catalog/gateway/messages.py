"""JSON-RPC messages as the gateway reads and writes them.

What a client sends is read strictly: an object in which a key stands twice is refused, since the server behind could
read the other one. What passes is the line as it came, so nothing is lost that the gateway does not know.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass

import orjson

Id = str | int | float
Json = Mapping[str, object]

PARSE_ERROR = -32700
INVALID_REQUEST = -32600
METHOD_NOT_FOUND = -32601
INVALID_PARAMS = -32602
DENIED = -32010
"""Refused by the policy; of the codes that MCP leaves to implementations (-32000 to -32019)."""
UPSTREAM_LOST = -32011
"""The server is gone, or answered what nobody could read."""

EXACT = 2**53
"""Up to here, whole numbers are the same in every program."""

MODERN = "2026-07-28"
"""The first protocol version without a handshake; versions are dates, so they compare as text."""

_META_VERSION = "io.modelcontextprotocol/protocolVersion"
_META_CAPABILITIES = "io.modelcontextprotocol/clientCapabilities"


@dataclass(frozen=True, slots=True)
class Request:
    """A message that wants an answer."""

    id: Id
    method: str
    params: Json

    @property
    def meta(self) -> Json:
        """Return the parameters' ``_meta``; empty where there is none."""
        return objects(self.params.get("_meta"))

    @property
    def is_modern(self) -> bool:
        """Say whether it belongs to no handshake: it carries the protocol version itself."""
        version = self.meta.get(_META_VERSION)
        return isinstance(version, str) and version >= MODERN

    @property
    def capabilities(self) -> Json:
        """Return the client's capabilities that it carries itself; empty in a session with a handshake."""
        return objects(self.meta.get(_META_CAPABILITIES))


@dataclass(frozen=True, slots=True)
class Notification:
    """A message that wants no answer."""

    method: str
    params: Json


@dataclass(frozen=True, slots=True)
class Response:
    """An answer to a request."""

    id: Id
    result: object
    """None where it is an error."""
    failed: bool


Message = Request | Notification | Response


class NoMessage(ValueError):
    """A line is no JSON-RPC message; says why, and what to answer."""

    def __init__(self, why: str, code: int = INVALID_REQUEST, id_: Id | None = None) -> None:
        """Take the reason, and the code and the id of the answer."""
        super().__init__(why)
        self.code = code
        self.id = id_


def read_strictly(line: bytes) -> Message:
    """Return the message of a peer whose reading must not differ from anyone's. Raises: NoMessage."""
    try:
        data = json.loads(line.decode("utf-8"), object_pairs_hook=_no_repeats, parse_constant=_no_constant)
    except NoMessage:
        raise
    except (ValueError, RecursionError) as error:
        raise NoMessage(f"not JSON: {error}"[:200], PARSE_ERROR) from error
    return _message(data)


def read(line: bytes) -> Message:
    """Return the message of a server, quickly: its results can be large. Raises: NoMessage."""
    try:
        return _message(orjson.loads(line))
    except orjson.JSONDecodeError as error:
        raise NoMessage(f"not JSON: {error}"[:200], PARSE_ERROR) from error


def objects(value: object) -> Json:
    """Return an object as it is, and an empty one for anything else."""
    return value if isinstance(value, dict) else {}


def written(message: Json) -> bytes:
    """Return a message as a line."""
    try:
        return json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode()
    except UnicodeEncodeError:  # half a character: JSON can say it only as an escape
        return json.dumps(message, separators=(",", ":")).encode()


def answer(id_: Id, result: Json) -> bytes:
    """Return the answer to a request."""
    return written({"jsonrpc": "2.0", "id": id_, "result": result})


def failure(id_: Id | None, code: int, message: str) -> bytes:
    """Return the error that answers a request; id None where the request's own could not be read."""
    return written({"jsonrpc": "2.0", "id": id_, "error": {"code": code, "message": message}})


def request(id_: Id, method: str, params: Json) -> bytes:
    """Return a request of the gateway's own."""
    return written({"jsonrpc": "2.0", "id": id_, "method": method, "params": params})


def tool_refusal(call: Request, reason: str) -> bytes:
    """Return the result of a tool call that is refused: the model reads why, and can do something else."""
    text = f"[policy] denied: {reason}"
    result = {"content": [{"type": "text", "text": text}], "isError": True}
    return answer(call.id, {**result, "resultType": "complete"} if call.is_modern else result)


def _message(data: object) -> Message:
    if isinstance(data, list):
        raise NoMessage("batches are not taken; send one message at a time")
    if not isinstance(data, dict):
        raise NoMessage("a message is a JSON object")
    id_ = data.get("id")
    if isinstance(id_, bool) or not isinstance(id_, str | int | float | None):
        raise NoMessage("an id is text or a number")
    if isinstance(id_, int | float) and not -EXACT <= id_ <= EXACT:
        # Programs that keep every number as a float would answer another one.
        raise NoMessage("an id that is a number has 53 bits at most")
    method = data.get("method")
    if method is None:
        if id_ is None or ("result" in data) == ("error" in data):
            raise NoMessage("neither a request nor an answer", id_=id_)
        return Response(id=id_, result=data.get("result"), failed="error" in data)
    if not isinstance(method, str):
        raise NoMessage("a method is text", id_=id_)
    params = data.get("params")
    if params is not None and not isinstance(params, dict):
        raise NoMessage("parameters are an object", id_=id_)
    if id_ is None:
        if "id" in data:
            raise NoMessage("an id is text or a number")
        return Notification(method=method, params=params or {})
    return Request(id=id_, method=method, params=params or {})


def _no_repeats(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise NoMessage("a key stands twice in one object", PARSE_ERROR)
    return found


def _no_constant(text: str) -> None:
    raise NoMessage(f"not JSON: {text}", PARSE_ERROR)
