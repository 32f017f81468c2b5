"""A tools/list result that somebody recorded: one page or many, with or without the JSON-RPC messages around them."""

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from catalog.definitions import collect_tools
from catalog.errors import InputError
from catalog.model import Entry, Listed, Problem, Provenance
from catalog.origin import Recording
from catalog.terminal import visible_name
from catalog.tool_lists import load_each
from classifier.definition import JsonValue

# Bytes of a recording that are read: as much as of a running server's answers.
RECORDING_BYTES = 64 * 1024 * 1024

# Tools of a recording; no agent can use that many.
MOST_TOOLS = 20_000

# Lists and messages within each other: a list of messages that hold a result that holds a list.
DEPTH = 5

RUN = "recorded"
"""What stands for the rung on every entry."""

_HINT = "record the answer to tools/list: a result with 'tools', the messages one a line, or a JSON array of tools"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """A list of tools and where it was read."""

    origin: Recording
    listed: Listed


@dataclass(slots=True, kw_only=True)
class _Found:
    pages: int = 0
    tools: int = 0
    entries: dict[str, Entry] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    said: dict[str, str] = field(default_factory=dict)
    following: str | None = None
    """The cursor that the page read last ends with."""
    refused: bool = False
    """A message is a JSON-RPC error."""


def read_recording(path: Path | Literal["-"]) -> Recorded:
    """Read a file, or standard input (``-``); what is no tool is a problem of the list.

    Raises: InputError where it cannot be read, or holds no list of tools.
    """
    source = "stdin" if path == "-" else repr(str(path))
    found = _Found()
    loose: list[JsonValue] = []
    for load, where in load_each(_text(path, source), source):
        try:
            for value in _values(load(), DEPTH):
                _take(value, found, loose)
        except InputError as error:
            if where == "the whole":
                raise
            found.problems.append(Problem(where=where, message=str(error)))
    if loose:
        _collect(loose, "the list", found)
    if not found.entries and (found.pages == 0 or found.problems):
        first = f" ({found.problems[0].where}: {found.problems[0].message})" if found.problems else ""
        refused = " but an error of the server" if found.refused else ""
        raise InputError(f"{source}: no tools in it{refused}{first}; {_HINT}")
    if found.following:
        found.problems.append(Problem(where="the last page", message="names a next one; the list may be partial"))
    return Recorded(
        origin=Recording(name="stdin" if path == "-" else visible_name(path.name[:200])),
        listed=Listed(
            server_name=found.said.get("name", ""),
            server_version=found.said.get("version", ""),
            protocol_version=found.said.get("protocolVersion", ""),
            entries=tuple(found.entries.values()),
            problems=tuple(found.problems),
        ),
    )


def _text(path: Path | Literal["-"], source: str) -> str:
    try:
        if path == "-":
            data = sys.stdin.buffer.read(RECORDING_BYTES + 1)
        else:
            with path.open("rb") as file:
                data = file.read(RECORDING_BYTES + 1)
    except OSError as error:
        raise InputError(f"cannot read {source}: {error.strerror}; {_HINT}") from error
    except ValueError as error:  # a NUL in the name
        raise InputError(f"{source} names no file; {_HINT}") from error
    if len(data) > RECORDING_BYTES:
        raise InputError(f"{source} is larger than {RECORDING_BYTES // 1024**2} MiB; no server's list is; {_HINT}")
    try:
        return data.decode("utf-16" if data[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{source} is no text from byte {error.start} on; save it as UTF-8 JSON") from error


def _values(value: Any, depth: int) -> Iterator[Any]:
    """Yield the results, pages, messages and tools of ``value``, whatever lists and messages they stand in."""
    inner = value
    if isinstance(value, Mapping) and "name" not in value:
        inner = value.get("pages") or value.get("messages") or value.get("result")
    if isinstance(inner, list) and depth:
        for one in inner:
            yield from _values(one, depth - 1)
    elif isinstance(inner, Mapping) and inner is not value and depth:
        yield from _values(inner, depth - 1)
    else:
        yield value


def _take(value: Any, found: _Found, loose: list[JsonValue]) -> None:
    """Take what one value tells of the server: a page of tools, its own name, or a tool by itself."""
    if not isinstance(value, Mapping):
        loose.append(value)
    elif isinstance(value.get("tools"), list):
        found.pages += 1
        _collect(value["tools"], f"page {found.pages}", found)
        following = value.get("nextCursor")
        found.following = following if isinstance(following, str) else None
    elif isinstance(value.get("protocolVersion"), str) and "serverInfo" in value:
        info = value["serverInfo"] if isinstance(value["serverInfo"], Mapping) else {}
        said = {"protocolVersion": value["protocolVersion"], "name": info.get("name"), "version": info.get("version")}
        found.said |= {name: text[:200] for name, text in said.items() if isinstance(text, str)}
    elif "error" in value:
        found.refused = True
    elif "method" not in value and "jsonrpc" not in value:
        loose.append(value)


def _collect(tools: list[JsonValue], where: str, found: _Found) -> None:
    found.tools += len(tools)
    if found.tools > MOST_TOOLS:
        raise InputError(f"more than {MOST_TOOLS} tools; no agent can use that many: record one server at a time")
    collect_tools(tools, found.entries, found.problems, where=where, provenance=Provenance.RECORDED, run=RUN)
