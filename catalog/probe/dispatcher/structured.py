"""Read actions or groups from JSON: lists of names or objects, mappings by name, and groups of either.

Names that cannot be sent are a problem; a schema that is too deep or holds no JSON number is left out.
"""

import json
from collections.abc import Iterator, Mapping, Sequence

from catalog.definitions import unfit
from catalog.probe.dispatcher.action import Answer, Item, is_name
from catalog.probe.dispatcher.parameters import Parameter, schema_of
from classifier.definition import JsonObject, JsonValue

# Lists and mappings inside one another, down to an action: {"data": {"groups": [{"actions": [...]}]}} takes 5.
MAX_NESTING = 6
# Levels of a parameter's schema; real ones stay below 30.
MAX_DEPTH = 60
# Members of an answer that are looked at.
MAX_ITEMS = 50_000

_NAMES = ("name", "action", "operation", "command", "method", "tool", "id", "category", "group", "key")
_DESCRIPTIONS = ("description", "summary", "desc", "help", "text", "title")
_SCHEMAS = ("inputSchema", "input_schema", "parameters", "params", "arguments", "args", "schema", "properties")
_ACTIONS = (
    "actions",
    "operations",
    "commands",
    "methods",
    "tools",
    "functions",
    "available_actions",
    "available_operations",
)
_GROUPS = ("categories", "groups", "modules", "namespaces", "areas", "available_categories")
_WRAPPERS = ("result", "results", "data", "items", "response")
# A mapping with one of these reports what came of a call; its other members are no actions.
_ENVELOPE = frozenset({"error", "errors", "message", "success", "ok", "isError", "code", "detail"})
_COUNTS = ("count", "action_count", "actions_count", "total", "size", *_ACTIONS)


def read_json(text: str) -> Answer | None:
    """Read ``text`` as JSON, also inside a Markdown fence; None where it is none or tells no name."""
    body = text.strip()
    if body.startswith("```"):
        body = body.partition("\n")[2].rpartition("```")[0]
    if not body.lstrip().startswith(("{", "[")):
        return None
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return read_value(value)


def read_value(value: JsonValue) -> Answer | None:
    """Read a JSON value as ``read_json`` does."""
    reader = _Reader()
    items = tuple(reader.items(value, "", 0))
    if not items and not reader.unfit:
        return None
    problems = []
    if reader.unfit:
        problems.append(f"{reader.unfit} of its names cannot be sent as one word")
    if reader.left <= 0:
        problems.append(f"more than {MAX_ITEMS} members; the rest was not read")
    return Answer(items=items, problems=tuple(problems))


class _Reader:
    """Walks one answer within bounds."""

    def __init__(self) -> None:
        self.left = MAX_ITEMS
        self.unfit = 0

    def items(self, value: JsonValue, section: str, nesting: int) -> Iterator[Item]:
        """Yield what ``value`` names; ``section`` is the group that it was found under."""
        if nesting > MAX_NESTING:
            return
        if isinstance(value, Mapping):
            yield from self._mapping(value, section, nesting)
        elif isinstance(value, list):
            for one in value:
                yield from self._member(one, section, nesting)

    def _member(self, value: JsonValue, section: str, nesting: int) -> Iterator[Item]:
        self.left -= 1
        if self.left < 0:
            return
        if isinstance(value, str):
            yield from self._named(value, None, section)
        elif isinstance(value, Mapping):
            name = next((value[key] for key in _NAMES if isinstance(value.get(key), str)), None)
            inner = next((value[key] for key in _ACTIONS if _is_many(value.get(key))), None)
            if isinstance(name, str) and inner is not None:
                yield from self.items(inner, name, nesting + 1)
            elif isinstance(name, str):
                yield from self._named(name, value, section)

    def _mapping(self, value: JsonObject, section: str, nesting: int) -> Iterator[Item]:
        for key in (*_ACTIONS, *_GROUPS, *_WRAPPERS):
            if _is_many(value.get(key)):
                name = next((value[key] for key in _NAMES if isinstance(value.get(key), str)), section)
                yield from self.items(value[key], name if isinstance(name, str) else section, nesting + 1)
                return
        if not _ENVELOPE.isdisjoint(value):
            return
        nested = any(_is_group(told) for told in value.values())
        for name, told in value.items():
            self.left -= 1
            if self.left < 0:
                return
            if isinstance(told, str):
                yield from self._named(name, {"description": told}, section)
            elif _is_group(told):
                yield from self.items(told, name, nesting + 1)
            elif isinstance(told, Mapping) and not (nested and not told):
                yield from self._named(name, told, section)

    def _named(self, name: str, told: JsonObject | None, section: str) -> Iterator[Item]:
        if not is_name(name):
            self.unfit += 1
            return
        told = told or {}
        description = next((text for key in _DESCRIPTIONS if isinstance(text := told.get(key), str)), "")
        schema = next((told[key] for key in _SCHEMAS if key in told), None)
        count = next((one for key in _COUNTS if type(one := told.get(key)) is int), None)
        yield Item(name=name, description=description, schema=_schema(schema), count=count, section=section)


def _schema(value: JsonValue) -> JsonObject | None:
    """Return the schema that an action's parameters are told by, whichever way they are told."""
    if unfit(value, MAX_DEPTH) is not None:
        return None
    if isinstance(value, list):
        return schema_of([one for member in value for one in _parameter(member)])
    if not isinstance(value, Mapping):
        return None
    if "properties" in value or value.get("type") == "object":
        return value
    return schema_of([_told(name, told) for name, told in value.items()])


def _parameter(value: JsonValue) -> Sequence[Parameter]:
    if isinstance(value, str):
        return [Parameter(name=value.rstrip("?*"), required=value.endswith("*"))]
    name = value.get("name") if isinstance(value, Mapping) else None
    return [_told(name, value)] if isinstance(name, str) and isinstance(value, Mapping) else []


def _told(name: str, value: JsonValue) -> Parameter:
    if isinstance(value, str):
        return Parameter(name=name, schema={"description": value})
    if not isinstance(value, Mapping):
        return Parameter(name=name)
    schema = {key: inner for key, inner in value.items() if key not in ("name", "required")}
    return Parameter(name=name, schema=schema, required=value.get("required") is True)


def _is_group(value: JsonValue) -> bool:
    """Say whether the value under a name holds further names, and does not describe the name itself."""
    if isinstance(value, Mapping):
        return bool(value) and not any(key in value for key in (*_DESCRIPTIONS, *_SCHEMAS))
    return isinstance(value, list)


def _is_many(value: JsonValue) -> bool:
    return isinstance(value, (Mapping, list)) and bool(value)
