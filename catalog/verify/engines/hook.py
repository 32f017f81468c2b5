"""The hook program itself, behind what each client documents that it does with its own lists.

The program runs in this process, which is the same as in one of its own (a test holds the two together) and a hundred
times faster. What the clients do with names, lists, patterns and answers is rebuilt here from their documentation.
"""

import hashlib
import io
import json
import re
import shlex
import sqlite3
import tempfile
import tomllib
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal

from catalog.export.hooked import POLICY
from catalog.hook.program import reply
from catalog.policy.clientnames import CLAUDE_CODE, CODEX, COPILOT_CLI
from catalog.policy.model import Decision
from catalog.policy.target import Export, ExportFile
from catalog.verify.base import Call

Word = Literal["allow", "ask", "deny", "nothing"]

Json = Mapping[str, object]

Files = Mapping[str, Any]
"""What the settings files say, by the last part of their names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What the hook said to one call."""

    word: Word
    counted: bool = False

    @property
    def passed(self) -> Decision:
        """Return what a call is that goes through."""
        return Decision.LIMIT if self.counted else Decision.ALLOW


class Hook:
    """The hook program, run as settings say; each call finds nothing counted and no session tainted."""

    def __init__(self, folder: Path, export: Export) -> None:
        """Put the exported policy into a folder."""
        self._policy, self._state = folder / POLICY, folder / "hook.db"
        text = next(file.text for file in export.files if file.filename.endswith(POLICY))
        self._policy.write_text(text, encoding="utf-8")

    def ask(self, command: str, request: Json) -> Said:
        """Return what the program says that a client runs by ``command``."""
        program, subcommand, *arguments = shlex.split(command.partition("||")[0])
        if (program, subcommand) != ("catalog", "hook"):
            raise ValueError(f"the settings run {command!r}, which is not our hook")
        arguments[arguments.index("--policy") + 1] = str(self._policy)
        sent = io.BytesIO(json.dumps(request).encode())
        replied = reply([*arguments, "--state", str(self._state)], sent)
        if replied.code:
            return Said(word="deny")
        said = json.loads(replied.stdout) if replied.stdout else {}
        said = said.get("hookSpecificOutput", said)
        word: Word = said.get("permissionDecision") or said.get("permission") or "nothing"
        return Said(word=word, counted=self._counted())

    def _counted(self) -> bool:
        """Say whether the call was counted, and forget it."""
        if not self._state.exists():
            return False
        # Emptied and not deleted: to make a database takes as long as a hundred calls.
        with closing(sqlite3.connect(self._state)) as state, state:
            state.execute("PRAGMA synchronous = OFF")
            tables = [name for (name,) in state.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            counted = "counter" in tables and state.execute("DELETE FROM counter WHERE total > 0").rowcount > 0
            if "tainted" in tables:
                state.execute("DELETE FROM tainted")
        return counted


class _HookEngine:
    """See `catalog.verify.base.Engine`."""

    format = ""
    title = ""

    def version(self) -> str:
        """See `Engine.version`."""
        return version("mcp-catalog")

    def decide(self, export: Export, calls: Sequence[Call]) -> Sequence[Decision]:
        """See `Engine.decide`."""
        with tempfile.TemporaryDirectory() as folder:
            hook = Hook(Path(folder), export)
            files = {file.filename.rpartition("/")[2]: _read(file) for file in export.files}
            return [self._decide(files, hook, call) for call in calls]

    def _decide(self, files: Files, hook: Hook, call: Call) -> Decision:
        raise NotImplementedError


class ClaudeCodeHook(_HookEngine):
    """Claude Code: deny before ask before allow, and asking about what no list has; a hook's denial goes before all."""

    format = "claude-code"
    title = "Our hook program and Claude Code's documented lists"

    def _decide(self, files: Files, hook: Hook, call: Call) -> Decision:
        settings = files["settings.json"]
        name = CLAUDE_CODE.name(call.server, call.tool)
        said = _asked(settings["hooks"]["PreToolUse"], "command", hook, name, _claude_request(name, call))
        lists = settings["permissions"]
        if name in lists["deny"] or said.word == "deny":
            return Decision.DENY
        if name in lists["ask"] or said.word == "ask":
            return Decision.APPROVE
        return said.passed if said.word == "allow" or name in lists["allow"] else Decision.APPROVE


class CodexHook(_HookEngine):
    """Codex: only listed tools are there, a trusted hook can deny, and a tool's mode says whether it is asked about."""

    format = "codex"
    title = "Our hook program, trusted, and Codex' documented lists"

    def _decide(self, files: Files, hook: Hook, call: Call) -> Decision:
        settings = files["config.toml"]
        server = settings.get("mcp_servers", {}).get(call.server)
        if server is None or call.tool not in server["enabled_tools"]:
            return Decision.DENY  # a server that is not there is one that Codex does not start
        name = CODEX.name(call.server, call.tool)
        if len(name) > (CODEX.longest or len(name)):
            name = f"{name[:51]}_{hashlib.sha256(name.encode()).hexdigest()[:12]}"
        groups = settings.get("hooks", {}).get("PreToolUse", [])
        said = _asked(groups, "command", hook, name, _claude_request(name, call))
        if said.word == "deny":
            return Decision.DENY
        mode = server.get("tools", {}).get(call.tool, {}).get("approval_mode", server["default_tools_approval_mode"])
        return said.passed if mode == "approve" else Decision.APPROVE


class CopilotCliHook(_HookEngine):
    """Copilot CLI: only listed tools are there, and the hook decides; what it does not see is asked about."""

    format = "copilot-cli"
    title = "Our hook program and Copilot CLI's documented lists"

    def _decide(self, files: Files, hook: Hook, call: Call) -> Decision:
        server = files["mcp-config.json"]["mcpServers"].get(call.server, {"tools": ["*"]})
        if call.tool not in server["tools"] and "*" not in server["tools"]:
            return Decision.DENY
        name = COPILOT_CLI.name(call.server, call.tool)
        request = {"toolName": name, "toolArgs": call.arguments, "sessionId": "verify"}
        said = _asked([{"hooks": files["catalog.json"]["hooks"]["preToolUse"]}], "bash", hook, name, request)
        return {"allow": said.passed, "deny": Decision.DENY}.get(said.word, Decision.APPROVE)


class CursorHook(_HookEngine):
    """Cursor: the hook decides; what it allows is taken to be asked about unless the list has the tool."""

    format = "cursor"
    title = "Our hook program and Cursor's documented list"

    def _decide(self, files: Files, hook: Hook, call: Call) -> Decision:
        registered = files["hooks.json"]["hooks"]["beforeMCPExecution"]
        request = {
            "hook_event_name": "beforeMCPExecution",
            "conversation_id": "verify",
            "mcp_server_name": call.server,
            "tool_name": call.tool,
            "tool_input": json.dumps(call.arguments),
        }
        said = _asked([{"hooks": registered}], "command", hook, call.tool, request)
        if said.word == "deny":
            return Decision.DENY
        listed = f"{call.server}:{call.tool}" in files["permissions.json"]["mcpAllowlist"]
        return said.passed if said.word == "allow" and listed else Decision.APPROVE


def _read(file: ExportFile) -> object:
    if file.filename.endswith(".toml"):
        return tomllib.loads(file.text)
    return json.loads(file.text) if file.filename.endswith(".json") else file.text


def _claude_request(name: str, call: Call) -> Json:
    return {
        "hook_event_name": "PreToolUse",
        "session_id": "verify",
        "tool_name": name,
        "tool_input": call.arguments,
    }


def _asked(groups: Sequence[Mapping[str, object]], key: str, hook: Hook, name: str, request: Json) -> Said:
    """Return what the hooks say that are registered for a name; the strictest of several."""
    said = [Said(word="nothing")]
    for group in groups:
        hooks = group["hooks"]
        assert isinstance(hooks, list)  # noqa: S101  # we wrote it
        for one in hooks:
            pattern = str(group.get("matcher") or one.get("matcher") or ".*")
            if re.match(pattern, name, re.DOTALL):
                said.append(hook.ask(str(one[key]), request))
    return max(said, key=lambda one: (_ORDER.index(one.word), one.counted))


_ORDER: Sequence[Word] = ("nothing", "allow", "ask", "deny")
