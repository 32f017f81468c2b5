"""Run the real ``catalog`` program in a process of its own, and small servers for it to look at."""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

PROGRAM = str(Path(sys.executable).parent / "catalog")

# Seconds for one command; far more than any needs, so that a hang ends a test instead of a run.
TIMEOUT = 120

SERVER = """
import json, os, sys

TOOLS = json.loads({tools!r})

for line in sys.stdin:
    message = json.loads(line)
    if "id" not in message:
        continue
    if message["method"] == "initialize":
        result = {{"protocolVersion": "2025-11-25", "capabilities": {{"tools": {{}}}},
                  "serverInfo": {{"name": "demo", "version": "1.2.3"}}}}
    else:
        result = {{"tools": TOOLS}}
    print(json.dumps({{"jsonrpc": "2.0", "id": message["id"], "result": result}}), flush=True)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """How a command ended."""

    code: int
    out: str
    err: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandLine:
    """The program with a database and a cache of its own."""

    folder: Path
    environment: Mapping[str, str]

    @classmethod
    def at(cls, folder: Path) -> "CommandLine":
        """Return a command line whose data stays below ``folder``."""
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder / "home"),
            "XDG_CACHE_HOME": str(folder / "cache"),
            "XDG_DATA_HOME": str(folder / "data"),
            "UV_OFFLINE": "1",  # nothing in a test may depend on a registry
            "npm_config_offline": "true",
        }
        (folder / "home").mkdir(exist_ok=True)
        return cls(folder=folder, environment=environment)

    @property
    def database(self) -> Path:
        """Return where the database is by default."""
        return self.folder / "data" / "mcp-catalog" / "catalog.db"

    def run(self, *arguments: str | Path, extra: Mapping[str, str] | None = None, stdin: str | None = None) -> Ran:
        """Run ``catalog`` with these arguments and wait for it."""
        done = subprocess.run(
            [PROGRAM, *map(str, arguments)],
            env={**self.environment, **(extra or {})},
            input=stdin,
            capture_output=True,
            text=True,
            timeout=TIMEOUT,
            check=False,
            cwd=self.folder,
        )
        return Ran(code=done.returncode, out=done.stdout, err=done.stderr)


def write_server(folder: Path, tools: Sequence[Mapping[str, object]]) -> Path:
    """Write a server that lists ``tools`` and return its script."""
    import json

    folder.mkdir(parents=True, exist_ok=True)
    script = folder / "server.py"
    script.write_text(SERVER.format(tools=json.dumps(list(tools))), encoding="utf-8")
    return script
