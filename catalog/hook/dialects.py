"""The words in which each client asks and wants to be answered; everything else in the hook program is the same."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from catalog.hook.request import Answer, Refusal, Request
from catalog.policy.clientnames import CLAUDE_CODE, CODEX, COPILOT_CLI, Called, ClientNames, Unknown, called, shown
from catalog.policy.model import Policy

Json = Mapping[str, object]

BLOCKING = 2
"""The exit code by which every client takes a hook for one that blocks the call."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """What Claude Code says, and Codex after it; the others differ in what they override."""

    names: ClientNames = CLAUDE_CODE
    asks: bool = True
    """Whether a hook's answer can have a person asked."""
    failed: int = BLOCKING
    """What the program exits with when it could not decide. A plain denial is an answer like any other: 0."""

    def read(self, data: Json) -> Request | None:
        """Return what the client asks; None for a tool of the client itself. Raises: Refusal for any other shape."""
        _event(data, "PreToolUse")
        name = _text(data, "tool_name")
        if not name.startswith("mcp__"):
            return None
        return Request(name=name, arguments=_arguments(data, "tool_input"), session=_session(data, "session_id"))

    def find(self, request: Request, policies: Mapping[str, Policy]) -> Called | Unknown:
        """Return the policy and the tool that the request is about."""
        return called(self.names, policies, request.name)

    def write(self, answer: Answer) -> str:
        """Return what to print."""
        decision = {"permissionDecision": answer.word, "permissionDecisionReason": answer.reason}
        return json.dumps({"hookSpecificOutput": {"hookEventName": "PreToolUse", **decision}})


@dataclass(frozen=True, slots=True, kw_only=True)
class Codex(Dialect):
    """Codex takes anything but a denial for a broken hook, and then makes the call; so it is told nothing else."""

    names: ClientNames = CODEX
    asks: bool = False

    def write(self, answer: Answer) -> str:
        """See `Dialect.write`."""
        return Dialect.write(self, answer) if answer.word == "deny" else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CopilotCli(Dialect):
    """Copilot CLI: a denial is always written, and the exit code 0; older versions skip a hook that exits otherwise."""

    names: ClientNames = COPILOT_CLI
    failed: int = 0

    def read(self, data: Json) -> Request | None:
        """See `Dialect.read`."""
        name = _text(data, "toolName")
        if self.names.between not in name:  # none of its own tools has one in its name
            return None
        return Request(name=name, arguments=_arguments(data, "toolArgs"), session=_session(data, "sessionId"))

    def write(self, answer: Answer) -> str:
        """See `Dialect.write`."""
        return json.dumps({"permissionDecision": answer.word, "permissionDecisionReason": answer.reason})


@dataclass(frozen=True, slots=True, kw_only=True)
class Cursor(Dialect):
    """Cursor has an event for calls of MCP tools alone, and says the server's name apart."""

    def read(self, data: Json) -> Request | None:
        """See `Dialect.read`."""
        _event(data, "beforeMCPExecution")
        if data.get("mcp_server_name") is None:
            raise Refusal("this version of Cursor does not say which server a tool is of; a newer one does")
        return Request(
            name=_text(data, "tool_name"),
            server=_text(data, "mcp_server_name"),
            arguments=_arguments(data, "tool_input"),
            session=_session(data, "conversation_id"),
        )

    def find(self, request: Request, policies: Mapping[str, Policy]) -> Called | Unknown:
        """See `Dialect.find`."""
        policy = policies.get(request.server or "")
        if policy is None:
            return Unknown(reason=f"the policy file names no server {shown(request.server or '')}")
        return Called(policy=policy, tool=request.name)

    def write(self, answer: Answer) -> str:
        """See `Dialect.write`."""
        return json.dumps({"permission": answer.word, "user_message": answer.reason, "agent_message": answer.reason})


DIALECTS: Mapping[str, Dialect] = {
    "claude-code": Dialect(),
    "codex": Codex(),
    "copilot-cli": CopilotCli(),
    "cursor": Cursor(),
}


def read_json(text: bytes | str) -> Json:
    """Return an object in JSON. Raises: Refusal for anything else, and where a key stands twice in one object."""
    try:
        data = json.loads(text, object_pairs_hook=_no_repeats, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise Refusal(f"what the client sent is not JSON: {error}") from error
    if not isinstance(data, dict):
        raise Refusal("what the client sent is not an object in JSON")
    return data


def _no_repeats(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Refusal("what the client sent has a key twice in one object")
    return found


def _no_constant(text: str) -> None:
    raise Refusal(f"what the client sent is not JSON: {text} is no number there")


def _event(data: Json, expected: str) -> None:
    event = data.get("hook_event_name")
    if event is not None and event != expected:
        raise Refusal(f"the hook program answers {expected} alone; it is registered for {shown(str(event))}")


def _text(data: Json, key: str) -> str:
    value = data.get(key)
    if not isinstance(value, str) or not value:
        raise Refusal(f"what the client sent has no text under {key!r}")
    return value


def _session(data: Json, key: str) -> str | None:
    return None if data.get(key) is None else _text(data, key)


def _arguments(data: Json, key: str) -> Json:
    """Return a call's arguments; some clients send them as JSON in a text."""
    value = data.get(key)
    if isinstance(value, str) and value.strip():
        return read_json(value)
    if value is None or value == "":
        return {}
    if not isinstance(value, dict):
        raise Refusal(f"what the client sent has no object under {key!r}")
    return value
