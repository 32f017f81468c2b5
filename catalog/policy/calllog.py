"""What an agent called, read from a log: the gateway's audit log, JSON-RPC requests, or plain lines. Pure."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from catalog.policy.least import LoggedCall

_CALL = "tools/call"


@dataclass(frozen=True, slots=True, kw_only=True)
class CallLog:
    """The calls of a log."""

    calls: tuple[LoggedCall, ...]
    unread: tuple[str, ...]
    """Lines that hold no JSON object, or a call that is none, and why; what is unread is not covered."""


def read_calls(lines: Iterable[str]) -> CallLog:
    """Return every tool call of a log in JSON lines, whatever else it holds.

    A line is ``{"tool", "arguments", "server"?, "session"?, "time"?}``, a JSON-RPC request ``tools/call`` or a batch
    with some, or an event of the gateway's audit log. Other messages and events are passed over: they call no tool.
    """
    calls: list[LoggedCall] = []
    unread: list[str] = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            calls += _calls(json.loads(line), number)
        except RecursionError:
            unread.append(f"line {number}: is nested too deeply")
        except ValueError as error:
            unread.append(f"line {number}: {error}")
    return CallLog(calls=tuple(calls), unread=tuple(unread))


def _calls(data: object, line: int) -> Iterator[LoggedCall]:
    if isinstance(data, list) and data:
        for one in data:
            yield from _calls(one, line)
        return
    if not isinstance(data, dict):
        raise ValueError("holds no object")
    if "jsonrpc" in data:
        if data.get("method") == _CALL:
            yield _request(data.get("params"), line)
    elif "method" in data or "outcome" in data:
        if data.get("method") == _CALL:
            yield _event(data, line)
    else:
        yield _call(data, line)


def _request(params: object, line: int) -> LoggedCall:
    if not isinstance(params, dict):
        raise ValueError("is a tools/call without params")
    return LoggedCall(line=line, tool=_text(params, "name"), arguments=_object(params, "arguments"))


def _event(data: Mapping[str, object], line: int) -> LoggedCall:
    """Read an event of the audit log, whose arguments are redacted but for what selects an action."""
    arguments = data.get("arguments")
    return LoggedCall(
        line=line,
        tool=_text(data, "tool"),
        arguments={**(_unselected(arguments) if isinstance(arguments, dict) else {}), **_object(data, "selected")},
        server=_text(data, "server"),
        session=_session(data),
        time=data.get("time"),
        redacted=True,
    )


def _unselected(arguments: Mapping[str, object]) -> Mapping[str, object]:
    """Return the arguments without values: a selector that no rule names stands there as what kind of value it is."""
    return {name: None if value == "null" else value for name, value in arguments.items()}


def _call(data: Mapping[str, object], line: int) -> LoggedCall:
    return LoggedCall(
        line=line,
        tool=_text(data, "tool"),
        arguments=_object(data, "arguments"),
        server=_text(data, "server") if data.get("server") is not None else None,
        session=_session(data),
        time=data.get("time"),
    )


def _session(data: Mapping[str, object]) -> str:
    return _text(data, "session") if "session" in data else ""


def _text(data: Mapping[str, object], key: str) -> str:
    value = data.get(key)
    if not isinstance(value, str):
        raise ValueError(f"{key!r} must be text")  # of the line, not of our arguments
    return value


def _object(data: Mapping[str, object], key: str) -> Mapping[str, object]:
    value = data.get(key)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise ValueError(f"{key!r} must be an object")  # of the line, not of our arguments
    return value
