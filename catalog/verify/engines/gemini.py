"""Gemini CLI's own policy engine, run in Node.js: all calls in one process."""

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from catalog.policy.model import Decision
from catalog.policy.target import Export
from catalog.verify.base import Call, EngineUnavailable
from catalog.verify.engines.installed import installed

NODE_MODULES = "CATALOG_NODE_MODULES"
"""The environment variable that names a node_modules folder."""

_CORE = "@google/gemini-cli-core"
_SCRIPT = Path(__file__).with_name("gemini.mjs")
_DECISIONS = {"allow": Decision.ALLOW, "ask_user": Decision.APPROVE, "deny": Decision.DENY}

_TIMEOUT = 300
"""Seconds for all calls together, on a busy machine."""


class GeminiEngine:
    """Decides as Gemini CLI does where somebody sits before it: tools by settings.json, calls by its policy engine."""

    format = "gemini-cli"
    title = "Gemini CLI's policy engine (Node.js)"

    def version(self) -> str:
        """See `Engine.version`."""
        package = json.loads((_core() / "package.json").read_text(encoding="utf-8"))
        return str(package["version"])

    def decide(self, export: Export, calls: Sequence[Call]) -> Sequence[Decision]:
        """See `Engine.decide`."""
        core = _core()
        with TemporaryDirectory() as policies:
            servers: dict[str, object] = {}
            for file in export.files:
                name = PurePosixPath(file.filename).name
                if name == "settings.json":
                    servers |= json.loads(file.text)["mcpServers"]
                else:
                    Path(policies, name).write_text(file.text, encoding="utf-8")
            asked = [{"server": call.server, "tool": call.tool, "args": dict(call.arguments)} for call in calls]
            request = {"core": str(core), "policies": policies, "servers": servers, "calls": asked}
            answer = json.loads(_run(json.dumps(request)))
        if answer["refused"]:
            raise ValueError(f"Gemini CLI does not take the policy: {answer['refused'][0]}")
        return [_DECISIONS[decision] for decision in answer["decisions"]]


def _core() -> Path:
    how = f"'make conformance', or 'npm install --ignore-scripts {_CORE}' in a folder of its own"
    return installed(NODE_MODULES, "npm/node_modules", f"{_CORE}/package.json", how) / _CORE


def _run(request: str) -> str:
    try:
        done = subprocess.run(
            ["node", _SCRIPT], input=request, capture_output=True, encoding="utf-8", timeout=_TIMEOUT, check=False
        )
    except FileNotFoundError as error:
        raise EngineUnavailable("there is no Node.js: install it, version 20 or newer") from error
    if done.returncode:
        raise ValueError(f"Gemini CLI's policy engine ended with exit code {done.returncode}: {done.stderr[-500:]}")
    return done.stdout
