"""A conversation with a server that is not there: it answers tools/call from what a test wrote down."""

import json
from collections.abc import Mapping, Sequence

from catalog.model import Definition, Entry, Listed, Provenance
from catalog.probe.base import ProbeLimits, RequestRefusedError
from catalog.probe.dispatcher import expand
from catalog_testing.crawling import run
from classifier.definition import JsonObject, JsonValue


class ToldSession:
    """A Session whose answers are given by the arguments of the call, as JSON with sorted keys."""

    def __init__(self, answers: Mapping[str, JsonValue]) -> None:
        self.answers = answers
        self.calls: list[JsonObject] = []

    async def request(self, method: str, params: JsonObject, *, seconds: float) -> JsonValue:
        """See `Session.request`."""
        assert method == "tools/call"
        assert seconds > 0
        self.calls.append(params)
        arguments = json.dumps(params["arguments"], sort_keys=True)
        if arguments not in self.answers:
            raise RequestRefusedError(method, -32602, "no such arguments")
        answer = self.answers[arguments]
        return {"content": [{"type": "text", "text": answer}]} if isinstance(answer, str) else answer

    async def notify(self, method: str) -> None:
        """See `Session.notify`."""
        raise AssertionError(method)


def listed(*tools: JsonObject) -> Listed:
    """Return what a server that publishes ``tools`` is listed as."""
    entries = tuple(Entry(definition=Definition(raw=tool), provenance=Provenance.LIVE) for tool in tools)
    return Listed(server_name="s", server_version="1", protocol_version="2025-11-25", entries=entries)


def tool(
    name: str,
    properties: JsonObject,
    description: str = "",
    required: Sequence[str] = (),
    more: JsonObject | None = None,
) -> JsonObject:
    """Return a tool definition; ``more`` are further members of its input schema."""
    schema: JsonObject = {"type": "object", "properties": properties, "required": list(required), **(more or {})}
    return {"name": name, "description": description, "inputSchema": schema}


def expanded(
    definition: JsonObject,
    answers: Mapping[str, JsonValue] | None = None,
    *,
    limits: ProbeLimits | None = None,
    calls: bool = True,
) -> tuple[Listed, ToldSession]:
    """Return what is listed of a server with this one tool, and the conversation that was had."""
    session = ToldSession(answers or {})
    found = run(expand(session, listed(definition), [], limits or ProbeLimits(), calls=calls))
    return found, session


def actions(found: Listed) -> dict[str, Entry]:
    """Return the actions by what comes after the tool in their key."""
    return {one.key.partition("/")[2]: one for one in found.entries if one.dispatch is not None}
