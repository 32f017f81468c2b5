"""Read tools from text: a tools/list result, a JSON-RPC response that holds one, a JSON array, or JSONL of tools."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from catalog.errors import InputError
from classifier.definition import JsonValue, Tool

_EXPECTED = "expected a tools/list result, a JSON array of tools, or one tool a line (JSONL)"


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolRow:
    """One tool of a file."""

    id: JsonValue
    """What the row calls itself; None where it does not."""
    server: str
    """The server it belongs to; empty where the row does not say."""
    tool: Tool


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectedRow:
    """A row that is no tool; the others are read all the same."""

    id: JsonValue
    """What the row calls itself; None where it does not, or cannot be read."""
    message: str
    """What is wrong and where, as one line."""


def parse_tools(text: str, source: str) -> list[ToolRow]:
    """Read all tools of ``text``; ``source`` names it in errors.

    Raises: InputError with line and column where it is not JSON, or naming the row that is no tool.
    """
    rows, rejected = parse_rows(text, source)
    if rejected:
        raise InputError(rejected[0].message)
    return rows


def parse_rows(text: str, source: str) -> tuple[list[ToolRow], list[RejectedRow]]:
    """Read what tools there are in ``text``, and say of each other row why it is none.

    Raises: InputError with line and column where nothing can be read at all.
    """
    values = load_each(text, source)
    if len(values) > 1:
        return _read_each(values, source)
    ((load, _),) = values
    tools = enumerate(_tools(load(), source), 1)
    return _read_each(((partial(_same, raw), f"tool {number}") for number, raw in tools), source)


def load_each(text: str, source: str) -> Sequence[tuple[Callable[[], Any], str]]:
    """Return for each JSON value of ``text`` (one, or one a line) what reads it, and where it stands.

    What reads it raises InputError with line and column where it is not JSON.

    Raises: InputError where there is nothing to read.
    """
    lines = text.splitlines()
    filled = [number for number, line in enumerate(lines) if line.strip()]
    if not filled:
        raise InputError(f"{source}: nothing in it; {_EXPECTED}")
    if len(filled) > 1 and (first := _whole(lines[filled[0]])) is not None and isinstance(first, Mapping):
        return [(partial(_load, lines[number], source, number), f"line {number + 1}") for number in filled]
    return [(partial(_load, text, source), "the whole")]


def _same(raw: Any) -> Any:
    return raw


def _read_each(found: Iterable[tuple[Callable[[], Any], str]], source: str) -> tuple[list[ToolRow], list[RejectedRow]]:
    rows: list[ToolRow] = []
    rejected: list[RejectedRow] = []
    for load, where in found:
        raw: Any = None
        try:
            raw = load()
            rows.append(_row(raw, source, where))
        except InputError as error:
            own = raw.get("id") if isinstance(raw, Mapping) else None
            rejected.append(RejectedRow(id=own if isinstance(own, str | int) else None, message=str(error)))
    return rows, rejected


def _whole(line: str) -> Any:
    """Return the value of a line that is a JSON value by itself, or None."""
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return None


def _load(text: str, source: str, line: int = 0) -> Any:  # JSON is any data until it has been looked at
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        where = f"line {line + error.lineno}, column {error.colno}"
        raise InputError(f"{source}: {where}: not JSON ({error.msg}); correct it there; {_EXPECTED}") from error
    except RecursionError as error:
        raise InputError(f"{source}: line {line + 1}: JSON nested too deeply to be a list of tools") from error
    except ValueError as error:
        raise InputError(f"{source}: line {line + 1}: a number of thousands of digits; correct it there") from error


def _tools(data: Any, source: str) -> Sequence[Any]:
    if isinstance(data, Mapping):
        result = data.get("result", data)
        if isinstance(result, Mapping) and isinstance(result.get("tools"), list):
            tools: list[Any] = result["tools"]
            return tools
        if "error" in data:
            raise InputError(f"{source}: the server answered with an error instead of tools; list its tools again")
        if isinstance(data.get("name"), str):
            return [data]
    elif isinstance(data, list):
        return data
    raise InputError(f"{source}: no tools in it; {_EXPECTED}")


def _row(raw: Any, source: str, where: str) -> ToolRow:
    if not isinstance(raw, Mapping) or not isinstance(raw.get("name"), str):
        raise InputError(
            f"{source}: {where}: {json.dumps(raw)[:60]} is no tool; a tool is a JSON object with a string `name`"
        )
    try:
        json.dumps(raw.get("id"), allow_nan=False)
    except ValueError as error:
        raise InputError(f"{source}: {where}: its `id` is no JSON value; write a string or a number") from error
    server = raw.get("server")
    return ToolRow(id=raw.get("id"), server=server if isinstance(server, str) else "", tool=Tool.from_json(raw))
