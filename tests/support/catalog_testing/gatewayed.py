"""The gateway as a process between the tests and a server that writes down what reaches it."""

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from catalog.policy.model import Policy
from catalog.policy.writing import policies_json
from catalog_testing import servers

if TYPE_CHECKING:
    from mcp import Client

RECORDER = Path(servers.__path__[0]) / "recorder.py"
CATALOG = str(Path(sys.executable).with_name("catalog"))


@dataclass(frozen=True)
class Behind:
    """A policy file, a server behind it, and what reached that server."""

    folder: Path
    tools: Sequence[str]

    @property
    def policy(self) -> Path:
        """Return the policy file."""
        return self.folder / "policy.json"

    @property
    def log(self) -> Path:
        """Return the audit log."""
        return self.folder / "audit.jsonl"

    def enforce(self, policy: Policy) -> None:
        """Write the policy file anew."""
        self.policy.write_text(json.dumps(policies_json([policy])))

    @property
    def server(self) -> list[str]:
        """Return the server's command line."""
        return [sys.executable, str(RECORDER), str(self.folder / "calls.jsonl"), *self.tools]

    def command(self, server: Sequence[str] | None = None, more: Sequence[str] = ()) -> list[str]:
        """Return the gateway's command line, with ``more`` options."""
        options = ["--policy", str(self.policy), "--log", str(self.log), "--counters", str(self.folder / "counters.db")]
        return [CATALOG, "gateway", *options, *more, "--", *(server or self.server)]

    @property
    def reached(self) -> list[str]:
        """Return the names of the calls that reached the server."""
        return [str(call["name"]) for call in _lines(self.folder / "calls.jsonl")]

    @property
    def events(self) -> list[Mapping[str, object]]:
        """Return what the audit log says."""
        return _lines(self.log)

    def client(self, server: Sequence[str] | None = None, **options: Any) -> "Client":
        """Return the official client, to be entered: it starts the gateway and the server behind it."""
        from mcp import Client, StdioServerParameters

        program, *arguments = self.command(server)
        return Client(StdioServerParameters(command=program, args=arguments), **options)

    @contextmanager
    def raw(
        self,
        server: Sequence[str] | None = None,
        *,
        options: Sequence[str] = (),
        environment: Mapping[str, str] | None = None,
    ) -> Iterator["Raw"]:
        """Run the gateway for a client that writes whatever it likes, after its handshake."""
        process = subprocess.Popen(
            self.command(server, options),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, **(environment or {})},
        )
        raw = Raw(process)
        try:
            yield raw
        finally:
            raw.leave()


class Raw:
    """A client that writes and reads lines."""

    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        """Shake hands with a gateway that runs."""
        assert process.stdin is not None
        assert process.stdout is not None
        self.process = process
        self._input, self._output = process.stdin, process.stdout
        params = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "raw", "version": "1"}}
        assert "result" in self.ask("initialize", params, id_="hello")
        self.write(b'{"jsonrpc":"2.0","method":"notifications/initialized"}')

    def write(self, line: bytes) -> None:
        """Write one line."""
        self._input.write(line + b"\n")
        self._input.flush()

    def read(self) -> dict[str, Any]:
        """Return the next message."""
        found: dict[str, Any] = json.loads(self._output.readline())
        return found

    def ask(self, method: str, params: Mapping[str, object], *, id_: object = 1) -> dict[str, Any]:
        """Return the answer to a request, which is the next message."""
        self.write(json.dumps({"jsonrpc": "2.0", "id": id_, "method": method, "params": params}).encode())
        answer = self.read()
        assert answer["id"] == id_
        return answer

    def call(self, tool: str, **arguments: object) -> dict[str, Any]:
        """Return the answer to a tool call."""
        return self.ask("tools/call", {"name": tool, "arguments": arguments})

    def leave(self) -> int:
        """Close the client's side, and return the gateway's exit code."""
        with contextlib.suppress(OSError):
            self._input.close()
        code = self.process.wait(60)
        self._output.close()
        return code


def _lines(path: Path) -> list[Mapping[str, object]]:
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
