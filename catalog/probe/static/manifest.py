"""Read the tools that a manifest lists: an MCP bundle's ``manifest.json``, ``tools.json`` and the like."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from catalog.definitions import unfit
from catalog.probe.static.collector import Collector, FoundTool, is_tool_name
from classifier.definition import JsonObject

# Levels of a schema in a manifest; deeper ones are left out, as in live lists.
_DEPTH = 64


def read_manifest(text: str, where: str, collector: Collector) -> None:
    """Add the tools of a JSON file that has a list of them, at its top or one level below."""
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        collector.problem(where, f"not JSON: {str(error)[:100]}")
        return
    for raw in _tools(data):
        tool = _tool(raw)
        if tool is not None and not collector.full:
            collector.add(tool, where)


def _tools(data: Any) -> Iterator[Any]:  # JSON is any data until it has been looked at
    if isinstance(data, list):
        yield from (raw for raw in data if isinstance(raw, Mapping) and _has_schema(raw))
    elif isinstance(data, Mapping):
        inner = (value for value in data.values() if isinstance(value, Mapping))
        for holder in (data, *inner):
            tools = holder.get("tools")
            if isinstance(tools, list):
                yield from tools


def _has_schema(raw: Mapping[str, Any]) -> bool:
    return isinstance(raw.get("inputSchema", raw.get("input_schema")), Mapping)


def _tool(raw: Any) -> FoundTool | None:
    if not isinstance(raw, Mapping) or not is_tool_name(raw.get("name")):
        return None
    description, title = raw.get("description"), raw.get("title")
    return FoundTool(
        name=raw["name"],
        description=description if isinstance(description, str) else None,
        title=title if isinstance(title, str) else None,
        schema=_object(raw.get("inputSchema", raw.get("input_schema", raw.get("parameters")))),
        annotations=_object(raw.get("annotations")),
    )


def _object(value: Any) -> JsonObject | None:
    """Return ``value`` where it is an object that can be kept."""
    return value if isinstance(value, Mapping) and unfit(value, _DEPTH) is None else None
