"""Speak MCP over standard input and output: one JSON-RPC message, or a batch, a line (MCP, transports, stdio).

The raw messages are read here, without an SDK's models: one malformed tool must not hide the others, and nothing may be
renamed on the way. Lines that are no JSON-RPC message (banners, logs) are skipped and counted.
"""

import asyncio
import json
from collections import deque

from catalog.model import Reason
from catalog.probe.base import ProbeError, ProbeLimits, RequestRefusedError
from catalog.probe.message import read_messages
from catalog.sandbox.base import Process
from classifier.definition import JsonObject, JsonValue

CHUNK = 64 * 1024

# Seconds a server's exit code may take to arrive after its output ended.
EXIT_SECONDS = 2.0

METHOD_NOT_FOUND = -32601


class StdioSession:
    """Implements probe.base.Session on a process."""

    def __init__(self, process: Process, limits: ProbeLimits) -> None:
        self._process = process
        self._limits = limits
        self._buffer = bytearray()
        self._unread: deque[dict[str, JsonValue]] = deque()
        """Messages of the latest line that nobody has asked for yet."""
        self._received = 0
        self._next_id = 0
        self.skipped_lines = 0
        """Lines of standard output that were no JSON-RPC message."""

    async def request(self, method: str, params: JsonObject, *, seconds: float) -> JsonValue:
        """See ``Session.request``."""
        self._next_id += 1
        identifier = self._next_id
        try:
            async with asyncio.timeout(seconds):
                await self._send({"jsonrpc": "2.0", "id": identifier, "method": method, "params": params})
                return await self._answer(method, identifier)
        except TimeoutError:
            raise ProbeError(
                Reason.TIMED_OUT,
                f"no answer to {method} within {seconds:g} s",
                "the server may wait for something it cannot reach in the sandbox; see its last words",
            ) from None

    async def notify(self, method: str) -> None:
        """See ``Session.notify``."""
        await self._send({"jsonrpc": "2.0", "method": method})

    async def _answer(self, method: str, identifier: int) -> JsonValue:
        while True:
            message = await self._message()
            if "method" in message:
                await self._decline(message)
            elif message.get("id") == identifier:
                error = message.get("error")
                if isinstance(error, dict):
                    code = error.get("code")
                    raise RequestRefusedError(method, code if isinstance(code, int) else 0, str(error.get("message")))
                return message.get("result")

    async def _decline(self, message: dict[str, JsonValue]) -> None:
        """Answer a server's own request: ping is answered, anything else (roots, sampling, elicitation) declined."""
        if "id" not in message:
            return
        reply: dict[str, JsonValue] = {"jsonrpc": "2.0", "id": message["id"]}
        if message["method"] == "ping":
            reply["result"] = {}
        else:
            reply["error"] = {"code": METHOD_NOT_FOUND, "message": "not offered by this client"}
        await self._send(reply)

    async def _send(self, message: JsonObject) -> None:
        try:
            await self._process.write(json.dumps(message, separators=(",", ":")).encode() + b"\n")
        except (BrokenPipeError, ConnectionResetError):
            raise await self._gone() from None

    async def _message(self) -> dict[str, JsonValue]:
        while not self._unread:
            line = await self._line()
            self._unread.extend(read_messages(line))
            if not self._unread and line.strip():
                self.skipped_lines += 1
        return self._unread.popleft()

    async def _line(self) -> bytes:
        searched = 0
        while (end := self._buffer.find(b"\n", searched)) < 0:
            searched = len(self._buffer)
            if searched > self._limits.frame_bytes:
                raise ProbeError(
                    Reason.TOO_LARGE,
                    f"one line of more than {self._limits.frame_bytes // (1024 * 1024)} MiB",
                    "no honest tool list is that large; report it to the server's author",
                )
            chunk = await self._process.read(CHUNK)
            if not chunk:
                raise await self._gone()
            self._received += len(chunk)
            if self._received > self._limits.total_bytes:
                raise ProbeError(
                    Reason.TOO_LARGE,
                    f"more than {self._limits.total_bytes // (1024 * 1024)} MiB of output",
                    "no honest tool list is that large; report it to the server's author",
                )
            self._buffer += chunk
        line = bytes(self._buffer[:end])
        del self._buffer[: end + 1]
        return line

    async def _gone(self) -> ProbeError:
        """Say how the server ended."""
        if self._process.breach:
            return ProbeError(
                Reason.CRASHED,
                f"stopped by the sandbox: {self._process.breach}",
                "it needs more than any server should",
            )
        try:
            async with asyncio.timeout(EXIT_SECONDS):
                code = await self._process.ended()
        except TimeoutError:
            return ProbeError(Reason.CRASHED, "it closed its output", "see its last words")
        if self._next_id <= 1 and code == 0:
            return ProbeError(
                Reason.NOT_MCP,
                "it ended with exit code 0 without answering",
                "it may not be an MCP server, or may need arguments: catalog sync -- COMMAND ARGUMENTS",
            )
        return ProbeError(Reason.CRASHED, f"it ended with exit code {code}", "see its last words")
