"""What a request of protocol version 2026-07-28 says in HTTP headers besides its body: method, name, some arguments.

Others on the way route by these headers, so they must say what the body says: the front refuses where they do not, and
towards a server they are made from the body that the policy let through.
"""

import base64
import binascii
import re
from collections.abc import Iterator, Mapping

from catalog.gateway.messages import MODERN, Json, Request, objects

HANDSHAKE_VERSIONS = ("2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25")
"""The protocol versions whose sessions begin with ``initialize``."""

VERSION_HEADER = "mcp-protocol-version"
META_VERSION = "io.modelcontextprotocol/protocolVersion"
META_CAPABILITIES = "io.modelcontextprotocol/clientCapabilities"

HEADER_MISMATCH = -32020
UNSUPPORTED_VERSION = -32022

_NAMED = {"tools/call": "name", "prompts/get": "name", "resources/read": "uri"}
_WRAPPED = re.compile(r"=\?base64\?(.*)\?=")
_PLAIN = re.compile(r"[\x20-\x7e]*")
_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_MOST_HEADERS = 64

Parameters = Mapping[tuple[str, ...], str]
"""The header's name by the path of the argument that it repeats."""


def headers_of(request: Request, parameters: Parameters) -> dict[str, str]:
    """Return the headers that go with ``request``; ``parameters`` are those of the tool that it calls."""
    found = {VERSION_HEADER: str(request.meta.get(META_VERSION, MODERN)), "mcp-method": _wrapped(request.method)}
    name = request.params.get(_NAMED.get(request.method, ""))
    if isinstance(name, str):
        found["mcp-name"] = _wrapped(name)
    arguments = request.params.get("arguments")
    for path, header in parameters.items():
        text = _text(_at(arguments, path))
        if text is not None:
            found[f"mcp-param-{header}"] = _wrapped(text)
    return found


def mismatch(request: Request, headers: Mapping[str, str]) -> str:
    """Return how ``headers`` (names in lower case) say another thing than ``request``; nothing where they agree."""
    if headers.get(VERSION_HEADER) != request.meta.get(META_VERSION):
        return f"the {VERSION_HEADER} header is not the protocol version in the request's _meta"
    if _unwrapped(headers.get("mcp-method")) != request.method:
        return "the mcp-method header is not the method of the request"
    key = _NAMED.get(request.method)
    name = request.params.get(key) if key else None
    if name is not None and _unwrapped(headers.get("mcp-name")) != name:
        return f"the mcp-name header is not the {key} of the request"
    return ""


def parameters_of(tool: Json) -> Parameters:
    """Return which arguments of a tool are repeated in headers; none where its schema says so in a wrong way."""
    found: dict[tuple[str, ...], str] = {}
    for path, schema in _properties(tool.get("inputSchema"), ()):
        if "x-mcp-header" not in schema:
            continue
        header = schema["x-mcp-header"]
        if not isinstance(header, str) or not _TOKEN.fullmatch(header) or len(found) >= _MOST_HEADERS:
            return {}
        found[path] = header.lower()
    return found if len(set(found.values())) == len(found) else {}


def _properties(schema: object, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Json]]:
    todo = [(schema, path)]
    while todo:
        one, path = todo.pop()
        for name, inner in objects(objects(one).get("properties")).items():
            if isinstance(inner, dict):
                yield (*path, name), inner
                todo.append((inner, (*path, name)))


def _at(value: object, path: tuple[str, ...]) -> object:
    for key in path:
        value = objects(value).get(key)
    return value


def _text(value: object) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        try:
            return str(value)
        except ValueError:  # more digits than Python writes
            return None
    return value if isinstance(value, str) else None


def _wrapped(text: str) -> str:
    """Return text as it can stand in a header."""
    if _PLAIN.fullmatch(text) and text == text.strip() and not _WRAPPED.fullmatch(text):
        return text
    return f"=?base64?{base64.b64encode(text.encode('utf-8', 'surrogatepass')).decode('ascii')}?="


def _unwrapped(value: str | None) -> str | None:
    found = _WRAPPED.fullmatch(value) if value is not None else None
    if found is None:
        return value
    try:
        return base64.b64decode(found[1], validate=True).decode()
    except (binascii.Error, ValueError):
        return None
