"""Copilot CLI under exported flags, lists and hooks, where nobody can be asked: what would be asked is refused."""

import json
import shlex
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from catalog.policy.model import Decision
from catalog.policy.target import Export
from catalog.verify.base import Call
from catalog.verify.clients.programs import program
from catalog.verify.clients.session import Place, converse, install, place
from catalog.verify.clients.standin import Wanted


class CopilotCli:
    """See `catalog.verify.base.Engine`."""

    format = "copilot-cli"
    title = "Copilot CLI, against a stand-in for its model"

    def version(self) -> str:
        """See `Engine.version`."""
        done = subprocess.run([_program(), "--version"], capture_output=True, text=True, check=True, timeout=60)
        return done.stdout.splitlines()[0].split()[-1].rstrip(".")

    def decide(self, export: Export, calls: Sequence[Call]) -> Sequence[Decision]:
        """See `Engine.decide`."""
        with place(calls) as where:
            servers = {call.server: {"type": "local", **where.server, "tools": ["*"]} for call in calls}
            # The user's own settings: a project's count only where a person has trusted the project.
            install(where.home, export, self.format, {_SERVERS: json.dumps({"mcpServers": servers})})
            flags = [word for file in export.files if file.filename.endswith(_FLAGS) for word in shlex.split(file.text)]
            wanted = [Wanted(name=f"{call.server}-{call.tool}", arguments=call.arguments) for call in calls]
            outcomes = converse(where, wanted, lambda port: self._command(where, flags, port))
        return [outcome.decision(*_ASKS) for outcome in outcomes]

    def _command(self, where: Place, flags: Sequence[str], port: int) -> tuple[Sequence[str], Mapping[str, str]]:
        argv = [str(_program()), "-p", "go", "--disable-builtin-mcps", *flags]
        environment = where.environment(
            COPILOT_PROVIDER_BASE_URL=f"http://127.0.0.1:{port}",
            COPILOT_PROVIDER_TYPE="anthropic",
            COPILOT_PROVIDER_API_KEY="none",
            COPILOT_MODEL="claude-sonnet-4-5",
            COPILOT_OFFLINE="true",
        )
        return argv, environment


_SERVERS = ".copilot/mcp-config.json"
_FLAGS = "catalog-flags.txt"

_ASKS = ("no interactive user", "unable to ask user")


def _program() -> Path:
    return program("@github/copilot-linux-x64", "copilot")
