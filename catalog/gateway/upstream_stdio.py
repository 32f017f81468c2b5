"""A server that is a program: started here, spoken to in lines, gone with all that it started when the channel closes.

It is the user's own configured command, so it runs as they would run it: with their environment, outside any sandbox.
"""

import asyncio
import contextlib
import os
import shlex
import signal
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence

import psutil

from catalog.errors import UsageError
from catalog.gateway.base import ChannelClosed
from catalog.gateway.bounds import MESSAGE_BYTES, MIB
from catalog.sandbox.process import family

# Bytes that are read at a time.
_CHUNK = 256 * 1024

# Seconds a server gets to leave once its input is closed, and again after SIGTERM; then it is killed.
LEAVE_SECONDS = 1.0


class StdioChannel:
    """Implements gateway.base.Channel on a running program."""

    def __init__(self, process: asyncio.subprocess.Process, *, most: int, leave_seconds: float) -> None:
        """Take a process with pipes at its input and output; ``most`` bounds the bytes of one line."""
        if process.stdin is None or process.stdout is None:
            raise TypeError("a process without pipes")
        self._process = process
        # Remembered with the time it started at: numbers are used again.
        self._server = psutil.Process(process.pid) if psutil.pid_exists(process.pid) else None
        self._closing: asyncio.Task[None] | None = None
        self._input = process.stdin
        self._output = process.stdout
        self._most = most
        self._leave_seconds = leave_seconds
        self._trouble = ""

    async def send(self, line: bytes) -> None:
        """See ``Channel.send``."""
        if self._process.returncode is not None or self._input.is_closing():
            raise ChannelClosed(self._how_it_ended())
        try:
            self._input.write(line + b"\n")
            await self._input.drain()
        except (BrokenPipeError, ConnectionResetError) as error:
            raise ChannelClosed(self._how_it_ended()) from error

    async def messages(self) -> AsyncIterator[bytes]:
        """See ``Channel.messages``. A line that is too long ends the server: nobody knows where it would end.

        Raises: ChannelClosed.
        """
        buffer = bytearray()
        while chunk := await self._output.read(_CHUNK):
            searched = len(buffer)
            buffer += chunk
            start = 0
            while (end := buffer.find(b"\n", max(start, searched))) >= 0:
                line = bytes(buffer[start:end]).strip()
                start = end + 1
                if line:
                    yield line
            del buffer[:start]
            if len(buffer) > self._most:
                self._trouble = f"it wrote a line of more than {self._most // MIB} MiB"
                break
        if self._trouble:
            await self.close()
        await self._leaves()
        raise ChannelClosed(self._how_it_ended())

    async def close(self) -> None:
        """See ``Channel.close``. Goes on to the end once begun, whoever stops waiting."""
        if self._closing is None:
            self._closing = asyncio.create_task(self._end())
        await asyncio.shield(self._closing)

    async def _end(self) -> None:
        started = await asyncio.to_thread(self._family)
        self._input.close()
        if not await self._leaves():
            _each(started, psutil.Process.terminate)
            await self._leaves()
        _each(started, psutil.Process.kill)
        await self._process.wait()
        others = [process for process in started if process.pid != self._process.pid]
        await asyncio.to_thread(psutil.wait_procs, others, self._leave_seconds)
        # A pipe that nobody reads to its end stays open. Where somebody reads it still, they get there.
        with contextlib.suppress(TimeoutError, RuntimeError):
            async with asyncio.timeout(self._leave_seconds):
                while await self._output.read(_CHUNK):
                    pass

    def _family(self) -> list[psutil.Process]:
        """Return the server and what it started, found before it goes: afterwards less leads from one to another."""
        if self._server is None or (not self._server.is_running() and psutil.pid_exists(self._process.pid)):
            return []
        descendants = {self._server, *family(self._server)}
        # Those whose parent has gone are found by the session that the server is the first process of.
        for pid in psutil.pids():
            with contextlib.suppress(OSError, psutil.Error):
                if os.getsid(pid) == self._process.pid:
                    descendants.add(psutil.Process(pid))
        return list(descendants)

    async def _leaves(self) -> bool:
        try:
            async with asyncio.timeout(self._leave_seconds):
                await self._process.wait()
        except TimeoutError:
            return False
        return True

    def _how_it_ended(self) -> str:
        code = self._process.returncode
        if self._trouble:
            return f"the server was ended: {self._trouble}"
        if code is None:
            return "the server closed its input"
        return (
            f"the server was killed by {signal.Signals(-code).name}" if code < 0 else f"it ended with exit code {code}"
        )


def stdio_server(
    command: Sequence[str],
    *,
    environment: Mapping[str, str] | None = None,
    most: int = MESSAGE_BYTES,
    leave_seconds: float = LEAVE_SECONDS,
) -> Callable[[], Coroutine[object, object, StdioChannel]]:
    """Return what starts ``command`` anew for each session; ``environment`` is its whole environment where given."""

    async def start() -> StdioChannel:
        try:
            process = await asyncio.create_subprocess_exec(
                *command,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                env=None if environment is None else dict(environment),
                # Ctrl-C is for the gateway, which ends the server in order.
                start_new_session=True,
            )
        except (OSError, ValueError) as error:
            raise UsageError(f"{shlex.join(command)!r} cannot be started ({error}): check the command") from error
        return StdioChannel(process, most=most, leave_seconds=leave_seconds)

    return start


def _each(processes: Sequence[psutil.Process], act: Callable[[psutil.Process], None]) -> None:
    for process in processes:
        with contextlib.suppress(psutil.Error):
            act(process)
