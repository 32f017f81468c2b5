"""List the actions behind a dispatcher tool by its documented discovery calls, never by selecting an action.

A discovery profile (data/knowledge/servers) says which tool, which argument selects an action, and how to read the
answers. Without its selector a dispatcher explains itself; that is the only kind of call this module can make.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from catalog.model import Definition, DiscoveryProfile, Dispatch, Entry, Listed, Problem, Provenance, Reason
from catalog.probe.base import ProbeError, ProbeLimits, RequestRefusedError, Session
from classifier.definition import JsonObject, JsonValue

# Characters of one discovery answer that are read; a category of 49 actions takes 20,000.
ANSWER_LENGTH = 400_000

_GROUP = re.compile(r"^ {2}(?P<name>[A-Za-z0-9_.-]{1,80}) \((?P<count>\d{1,5}) actions?\) — (?P<text>.*)$")
_ACTION = re.compile(r"^ {2}(?P<name>[A-Za-z0-9_.-]{1,128}) — (?P<text>.*)$")
_PARAMETERS = re.compile(r"^ {4}(?P<kind>Required|Optional): (?P<text>.*)$")
_PARAMETER_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,127}")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Action:
    name: str
    lines: list[str]
    parameters: dict[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)
    """Name and description of each, by ``Required`` and ``Optional``."""


async def expand(session: Session, listed: Listed, profiles: Sequence[DiscoveryProfile], limits: ProbeLimits) -> Listed:
    """Return ``listed`` with the actions of every tool that a profile describes.

    An answer that cannot be read, or none, is a problem on the result, never a reason to lose the tools.
    """
    actions: list[Entry] = []
    problems: list[Problem] = []
    for entry in listed.entries:
        for profile in profiles:
            if profile.server_name == listed.server_name and profile.tool == entry.definition.name:
                try:
                    await _discover(session, profile, limits, actions, problems)
                except ProbeError as error:
                    problems.append(Problem(where=profile.tool, message=f"discovery ended early: {error.detail}"))
    known = {entry.key for entry in listed.entries}
    return replace(
        listed,
        entries=(*listed.entries, *(a for a in _unique(actions) if a.key not in known)),
        problems=(*listed.problems, *problems),
    )


async def _discover(
    session: Session, profile: DiscoveryProfile, limits: ProbeLimits, actions: list[Entry], problems: list[Problem]
) -> None:
    groups = list(_groups(await _ask(session, profile, {}, limits, problems)))
    if not groups:
        problems.append(Problem(where=profile.tool, message="its discovery answer names no group of actions"))
    for name, count in groups[: limits.discovery_calls]:
        found = list(_actions(await _ask(session, profile, {profile.group: name}, limits, problems)))
        if len(found) != count:
            message = f"the group {name!r} says it has {count} actions and lists {len(found)}"
            problems.append(Problem(where=profile.tool, message=message))
        actions.extend(_entry(profile, name, action) for action in found)
        if len(actions) > limits.tools:
            raise ProbeError(Reason.TOO_LARGE, f"more than {limits.tools} actions", "report it to the author")


async def _ask(
    session: Session,
    profile: DiscoveryProfile,
    arguments: Mapping[str, str],
    limits: ProbeLimits,
    problems: list[Problem],
) -> str:
    """Make one discovery call and return the text of its answer; empty where it failed."""
    if profile.selector in arguments:
        raise ValueError(f"a discovery call must not select an action: {arguments!r}")
    params: JsonObject = {"name": profile.tool, "arguments": dict(arguments)}
    try:
        result = await session.request("tools/call", params, seconds=limits.request_seconds)
    except RequestRefusedError as error:
        problems.append(Problem(where=profile.tool, message=f"discovery failed: {error}"))
        return ""
    return _text(result)[:ANSWER_LENGTH]


def _text(result: JsonValue) -> str:
    """Return the text blocks of a tools/call result that is no error."""
    if not isinstance(result, Mapping) or result.get("isError") is True:
        return ""
    content = result.get("content")
    blocks = content if isinstance(content, list) else []
    texts = (block.get("text") for block in blocks if isinstance(block, Mapping) and block.get("type") == "text")
    return "\n".join(text for text in texts if isinstance(text, str))


def _groups(text: str) -> Iterator[tuple[str, int]]:
    for line in text.splitlines():
        if match := _GROUP.match(line):
            yield match["name"], int(match["count"])


def _actions(text: str) -> Iterator[_Action]:
    """Read ``  name — description`` lines, each followed by its ``Required:`` and ``Optional:`` lines."""
    current: _Action | None = None
    for line in text.splitlines():
        if match := _ACTION.match(line):
            if current:
                yield current
            current = _Action(name=match["name"], lines=[match["text"].strip()])
        elif current and (match := _PARAMETERS.match(line)):
            current.parameters[match["kind"]] = tuple(_parameters(match["text"]))
        elif current and line.startswith(" ") and not current.parameters:
            current.lines.append(line.strip())
    if current:
        yield current


def _parameters(text: str) -> Iterator[tuple[str, str]]:
    """Read ``name (description), name (description)``; a description may hold brackets and commas of its own."""
    position = 0
    while match := _PARAMETER_NAME.match(text, position):
        name, position = match.group(), match.end()
        description = ""
        if text.startswith(" (", position):
            end = _closing_bracket(text, position + 1)
            description = text[position + 2 : end]
            position = end + 1
        yield name, description
        if not text.startswith(", ", position):
            return
        position += 2


def _closing_bracket(text: str, start: int) -> int:
    """Return where the bracket at ``start`` closes; brackets nest, and an unclosed one ends with the text."""
    depth = 0
    for index in range(start, len(text)):
        if text[index] == "(":
            depth += 1
        elif text[index] == ")":
            depth -= 1
            if depth == 0:
                return index
    return len(text)


def _entry(profile: DiscoveryProfile, group: str, action: _Action) -> Entry:
    """Make an action's definition from what the dispatcher said of it; types are not told, so none is claimed."""
    required, optional = (action.parameters.get(kind, ()) for kind in ("Required", "Optional"))
    properties: dict[str, JsonValue] = {
        name: {"description": description} if description else {} for name, description in (*required, *optional)
    }
    schema: dict[str, JsonValue] = {"type": "object", "properties": properties}
    if required:
        schema["required"] = [name for name, _ in required]
    raw: JsonObject = {"name": action.name, "description": "\n".join(action.lines), "inputSchema": schema}
    return Entry(
        definition=Definition(raw=raw),
        provenance=Provenance.EXPANDED,
        dispatch=Dispatch(
            tool=profile.tool,
            selector={profile.group: group, profile.selector: action.name},
            payload=profile.payload,
        ),
    )


def _unique(entries: Sequence[Entry]) -> list[Entry]:
    return list({entry.key: entry for entry in reversed(entries)}.values())[::-1]
