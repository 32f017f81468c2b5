"""Requests as clients send them to the hook program, and what its replies say."""

import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from catalog.hook.program import Reply, reply
from catalog.policy.model import Policy
from catalog.policy.writing import policies_json

DIALECTS = ("claude-code", "codex", "copilot-cli", "cursor")


def request(
    dialect: str, server: str, tool: str, arguments: object, *, session: str | None = "session-1"
) -> dict[str, object]:
    """Return what a client sends before it calls a plainly named tool."""
    match dialect:
        case "claude-code" | "codex":
            sent = {"tool_name": f"mcp__{server}__{tool}", "tool_input": arguments, "hook_event_name": "PreToolUse"}
            return {**sent, **({} if session is None else {"session_id": session})}
        case "copilot-cli":
            sent = {"toolName": f"{server}-{tool}", "toolArgs": arguments, "timestamp": 1}
            return {**sent, **({} if session is None else {"sessionId": session})}
        case _:
            sent = {"tool_name": tool, "mcp_server_name": server, "tool_input": arguments}
            return {**sent, **({} if session is None else {"conversation_id": session})}


def write_policies(folder: Path, *policies: Policy) -> Path:
    """Write a policy file and return its path."""
    path = folder / "catalog-policy.json"
    path.write_text(json.dumps(policies_json(policies)), encoding="utf-8")
    return path


def asked(dialect: str, policy: Path, sent: object, *options: str) -> Reply:
    """Return the program's reply to a request, or to bytes as they are; its state is kept beside the policy file."""
    data = sent if isinstance(sent, bytes) else json.dumps(sent).encode()
    state = policy.parent / "state.db"
    given = ["--dialect", dialect, "--policy", str(policy), "--state", str(state), *options]
    return reply(given, io.BytesIO(data))


def word(dialect: str, replied: Reply) -> str:
    """Return ``allow``, ``ask``, ``deny`` or ``no opinion`` as the client takes a reply."""
    if replied.code == 2:
        return "deny"
    if not replied.stdout:
        return "no opinion"
    said: Mapping[str, object] = json.loads(replied.stdout)
    if dialect in {"claude-code", "codex"}:
        inner = said["hookSpecificOutput"]
        assert isinstance(inner, dict)
        said = inner
    return str(said["permission" if dialect == "cursor" else "permissionDecision"])


def words(dialect: str, policy: Path, calls: Sequence[tuple[str, str, object]], *options: str) -> list[str]:
    """Return what is said to one call after the other, each a server, a tool and arguments."""
    return [word(dialect, asked(dialect, policy, request(dialect, *call), *options)) for call in calls]
