"""Claude Code under exported settings, without a terminal: a server stands in for the person that it asks."""

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from catalog.policy.model import Decision
from catalog.policy.target import Export
from catalog.verify.base import Call
from catalog.verify.clients import person
from catalog.verify.clients.programs import program
from catalog.verify.clients.session import Place, converse, install, place, write
from catalog.verify.clients.standin import Wanted


class ClaudeCode:
    """See `catalog.verify.base.Engine`."""

    format = "claude-code"
    title = "Claude Code, against a stand-in for its model"

    def version(self) -> str:
        """See `Engine.version`."""
        done = subprocess.run([_program(), "--version"], capture_output=True, text=True, check=True, timeout=60)
        return done.stdout.split()[0]

    def decide(self, export: Export, calls: Sequence[Call]) -> Sequence[Decision]:
        """See `Engine.decide`."""
        with place(calls) as where:
            install(where.project, export, self.format, {})
            servers = {call.server: where.server for call in calls}
            servers[_PERSON] = {"command": sys.executable, "args": ["-I", person.__file__]}
            write(where.home, "mcp.json", json.dumps({"mcpServers": servers}))
            # What a person confirms once: a folder that is not trusted may deny, but not allow.
            trusted = {str(where.project): {"hasTrustDialogAccepted": True}}
            write(where.home, ".claude.json", json.dumps({"projects": trusted}))
            wanted = [Wanted(name=f"mcp__{call.server}__{call.tool}", arguments=call.arguments) for call in calls]
            outcomes = converse(where, wanted, lambda port: self._command(where, port))
        return [outcome.decision(person.ASKED) for outcome in outcomes]

    def _command(self, where: Place, port: int) -> tuple[Sequence[str], Mapping[str, str]]:
        argv = [str(_program()), "-p", "go", "--strict-mcp-config", "--mcp-config", str(where.home / "mcp.json")]
        argv += self._asking()
        environment = where.environment(
            ANTHROPIC_BASE_URL=f"http://127.0.0.1:{port}",
            ANTHROPIC_API_KEY="sk-ant-none",
            CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC="1",
            DISABLE_AUTOUPDATER="1",
            DISABLE_TELEMETRY="1",
            ENABLE_TOOL_SEARCH="false",
        )
        return argv, environment

    def _asking(self) -> Sequence[str]:
        """Return the options by which somebody is asked."""
        return ["--permission-prompt-tool", f"mcp__{_PERSON}__ask"]


_PERSON = "person-who-is-asked"


def _program() -> Path:
    return program("@anthropic-ai/claude-code-linux-x64", "claude")
