"""Ask a server for its tools: initialize, then tools/list page by page, each tool validated by itself."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from catalog.definitions import collect_tools
from catalog.model import Entry, Listed, Problem, Provenance, Reason
from catalog.probe.base import ProbeError, ProbeLimits, RequestRefusedError, Session
from classifier.definition import JsonObject, JsonValue

# The newest version with the initialize handshake. Servers answer with the version they speak (MCP, lifecycle).
PROTOCOL_VERSION = "2025-11-25"

CLIENT_NAME = "mcp-catalog"

METHOD_NOT_FOUND = -32601


@dataclass(frozen=True, slots=True, kw_only=True)
class Handshake:
    """What a server said of itself in its answer to initialize."""

    name: str
    version: str
    protocol_version: str
    offers_tools: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Page:
    tools: Sequence[JsonValue]
    following: str | None
    """The cursor of the next page. An empty one is one, too (MCP 2026-07-28, pagination)."""


async def list_tools(session: Session, limits: ProbeLimits, client_version: str) -> Listed:
    """Return the server's tools over all pages.

    Raises: ProbeError where the server cannot be asked or its answers make no list.
    """
    handshake = await _initialize(session, limits, client_version)
    problems: list[Problem] = []
    entries: dict[str, Entry] = {}
    cursor: str | None = None
    seen: set[str] = set()
    listed, cut_short = 0, True
    for number in range(1, limits.pages + 1):
        page = await _page(session, limits, cursor, handshake)
        if page is None or (cursor == "" and _starts_over(page, entries)):
            cut_short = False
            break
        listed += len(page.tools)
        if listed > limits.tools:
            raise ProbeError(
                Reason.TOO_LARGE,
                f"more than {limits.tools} tools",
                "no agent can use that many; report it to the author",
            )
        collect_tools(page.tools, entries, problems, where=f"page {number}", provenance=Provenance.LIVE)
        if page.following is None:
            cut_short = False
            break
        if page.following in seen:
            problems.append(
                Problem(where=f"page {number}", message="the same cursor came twice; the list may be partial")
            )
            break
        cursor = page.following
        seen.add(cursor)
    else:
        problems.append(Problem(where=f"page {limits.pages}", message="more pages were not read; the list is partial"))
    return Listed(
        server_name=handshake.name,
        server_version=handshake.version,
        protocol_version=handshake.protocol_version,
        entries=tuple(entries.values()),
        problems=tuple(problems),
        maybe_partial=cut_short,
    )


async def _initialize(session: Session, limits: ProbeLimits, client_version: str) -> Handshake:
    params: JsonObject = {
        "protocolVersion": PROTOCOL_VERSION,
        "capabilities": {},
        "clientInfo": {"name": CLIENT_NAME, "version": client_version},
    }
    try:
        result = await session.request("initialize", params, seconds=limits.initialize_seconds)
    except RequestRefusedError as error:
        raise ProbeError(
            Reason.PROTOCOL_ERROR, str(error), "the server refuses the handshake; see whether it speaks this version"
        ) from error
    if not isinstance(result, Mapping) or not isinstance(result.get("protocolVersion"), str):
        raise ProbeError(
            Reason.PROTOCOL_ERROR, "initialize was answered without a protocolVersion", "report it upstream"
        )
    await session.notify("notifications/initialized")
    info, capabilities = result.get("serverInfo"), result.get("capabilities")
    info = info if isinstance(info, Mapping) else {}
    return Handshake(
        name=_short(info.get("name")),
        version=_short(info.get("version")),
        protocol_version=_short(result["protocolVersion"]),
        offers_tools=isinstance(capabilities, Mapping) and "tools" in capabilities,
    )


async def _page(session: Session, limits: ProbeLimits, cursor: str | None, handshake: Handshake) -> _Page | None:
    """Return one page; None where a server that declares no tools does not know the method: it truly has none.

    None, too, where it refuses an empty cursor: older servers mean the end by it.
    """
    params: JsonObject = {} if cursor is None else {"cursor": cursor}
    try:
        result = await session.request("tools/list", params, seconds=limits.request_seconds)
    except RequestRefusedError as error:
        if cursor == "" or (error.code == METHOD_NOT_FOUND and not handshake.offers_tools and cursor is None):
            return None
        raise ProbeError(Reason.PROTOCOL_ERROR, str(error), "the server refuses to list its tools") from error
    tools = result.get("tools") if isinstance(result, Mapping) else None
    if not isinstance(result, Mapping) or not isinstance(tools, list):
        raise ProbeError(Reason.PROTOCOL_ERROR, "tools/list was answered without a list of tools", "report it upstream")
    following = result.get("nextCursor")
    return _Page(tools=tools, following=following if isinstance(following, str) else None)


def _starts_over(page: _Page, entries: Mapping[str, Entry]) -> bool:
    """Say whether the answer to an empty cursor is the first page again."""
    return list(page.tools) == [entry.definition.raw for entry in entries.values()][: len(page.tools)]


def _short(value: JsonValue) -> str:
    return value[:200] if isinstance(value, str) else ""
