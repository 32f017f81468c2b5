"""Codex under an exported config.toml, where nobody can be asked: what would be asked is refused, and says so."""

import json
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

import tomlkit

from catalog.policy.clientnames import CODEX
from catalog.policy.model import Decision
from catalog.policy.target import Export
from catalog.verify.base import Call
from catalog.verify.clients.programs import program
from catalog.verify.clients.session import Place, converse, install, place
from catalog.verify.clients.standin import Wanted


class Codex:
    """See `catalog.verify.base.Engine`."""

    format = "codex"
    title = "Codex, against a stand-in for its model"

    def version(self) -> str:
        """See `Engine.version`."""
        done = subprocess.run([_program(), "--version"], capture_output=True, text=True, check=True, timeout=60)
        return done.stdout.split()[-1]

    def decide(self, export: Export, calls: Sequence[Call]) -> Sequence[Decision]:
        """See `Engine.decide`."""
        with place(calls) as where:
            # The user's own configuration: a project's is read only where a person has trusted the project.
            install(where.home, export, self.format, {".codex/config.toml": _configuration(where, calls)})
            wanted = [
                Wanted(name=call.tool, namespace=f"mcp__{CODEX.written(call.server)}", arguments=call.arguments)
                for call in calls
            ]
            outcomes = converse(where, wanted, lambda port: self._command(where, port))
        return [outcome.decision(_ASKS) for outcome in outcomes]

    def _command(self, where: Place, port: int) -> tuple[Sequence[str], Mapping[str, str]]:
        settings = {
            "model": "stand-in",
            "model_provider": "standin",
            "model_providers.standin.name": "standin",
            "model_providers.standin.base_url": f"http://127.0.0.1:{port}/v1",
            "model_providers.standin.wire_api": "responses",
            "model_providers.standin.env_key": "STANDIN_KEY",
        }
        argv = [
            str(_program()),
            "--strict-config",
            "exec",
            "--skip-git-repo-check",
            "--dangerously-bypass-hook-trust",
        ]
        for key, value in settings.items():
            argv += ["-c", f"{key}={json.dumps(value)}"]
        return [*argv, "go"], where.environment(CODEX_HOME=str(where.home / ".codex"), STANDIN_KEY="none")


def _configuration(where: Place, calls: Sequence[Call]) -> str:
    """Return the servers as whoever uses Codex has them in config.toml before a policy is merged into it."""
    servers = dict.fromkeys(call.server for call in calls)
    return tomlkit.dumps({"mcp_servers": {server: dict(where.server) for server in servers}})


_ASKS = "requires approval"


def _program() -> Path:
    return program("@openai/codex-linux-x64", "vendor/x86_64-unknown-linux-musl/bin/codex")
