"""FastMCP's proxy, with a stand-in server behind it that tells which calls reach it."""

import json
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from catalog.policy.model import Decision
from catalog.policy.target import Export
from catalog.verify.base import Call
from catalog.verify.engines.installed import installed
from catalog.verify.engines.recording import recording_server

ENVIRONMENT = "CATALOG_FASTMCP"
"""The environment variable that names a virtual environment with FastMCP."""

_CLIENT = Path(__file__).with_name("fastmcp_client.py")

_TIMEOUT = 600
"""Seconds for all calls to one server, on a busy machine."""


class FastMcpEngine:
    """Lets a call pass if it reaches the server behind the proxy."""

    format = "fastmcp"
    title = "FastMCP's proxy"

    def version(self) -> str:
        """See `Engine.version`."""
        asked = "from importlib.metadata import version; print(version('fastmcp'))"
        return subprocess.run(
            [_python(), "-c", asked], capture_output=True, encoding="utf-8", check=True
        ).stdout.strip()

    def decide(self, export: Export, calls: Sequence[Call]) -> Sequence[Decision]:
        """See `Engine.decide`."""
        servers = json.loads(export.text)["mcpServers"]
        decided = {server: iter(_decide(servers[server], server, of)) for server, of in _by_server(calls)}
        return [next(decided[call.server]) for call in calls]


def _by_server(calls: Sequence[Call]) -> Iterator[tuple[str, Sequence[Call]]]:
    for server in dict.fromkeys(call.server for call in calls):
        yield server, [call for call in calls if call.server == server]


def _decide(entry: dict[str, object], server: str, calls: Sequence[Call]) -> Sequence[Decision]:
    with TemporaryDirectory() as folder:
        config, asked = Path(folder, "mcp.json"), Path(folder, "calls.json")
        started, log = recording_server(Path(folder), calls)
        config.write_text(json.dumps({"mcpServers": {server: {**started, **entry}}}), encoding="utf-8")
        asked.write_text(json.dumps([[call.tool, dict(call.arguments)] for call in calls]), encoding="utf-8")
        done = subprocess.run(
            [_python(), "-I", _CLIENT, config, asked, log],  # -I: what stands beside the program is not imported
            capture_output=True,
            encoding="utf-8",
            timeout=_TIMEOUT,
            check=False,
        )
    if done.returncode:
        raise ValueError(f"FastMCP does not take the configuration: {done.stderr[-500:]}")
    return [Decision.ALLOW if reached else Decision.DENY for reached in json.loads(done.stdout)]


def _python() -> Path:
    how = "'make conformance'"
    return installed(ENVIRONMENT, "fastmcp", "bin/fastmcp", how) / "bin" / "python"
