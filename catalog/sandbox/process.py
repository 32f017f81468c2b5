"""A child process whose streams are bounded, whose tree is watched, and which cannot outlive its context."""

import asyncio
import contextlib
import os
import signal
from collections import deque
from collections.abc import Iterator

import psutil

from catalog.sandbox.base import Limits

# Bytes of standard error that are kept: enough for a traceback, little enough to store.
STDERR_TAIL = 16 * 1024

# Seconds between two looks at the process tree: a fork bomb makes some hundred processes in it, memory grows < 1 GB.
WATCH_INTERVAL = 0.1

# Seconds a server gets to leave by itself once its standard input is closed (MCP stdio shutdown); then it is killed.
LEAVE_GRACE = 0.2


class ChildProcess:
    """Implements sandbox.base.Process on an asyncio subprocess.

    ``root`` is the process whose death ends all others: PID 1 of the sandbox's namespace, or the child itself.
    """

    def __init__(self, child: asyncio.subprocess.Process, root: int, limits: Limits) -> None:
        self._child = child
        self._root = root
        self._limits = limits
        self._stderr: deque[bytes] = deque()
        self._stderr_size = 0
        self._breach: str | None = None
        self._tasks = (asyncio.create_task(self._drain_stderr()), asyncio.create_task(self._watch()))

    @property
    def breach(self) -> str | None:
        """See ``Process.breach``."""
        return self._breach

    async def write(self, data: bytes) -> None:
        """See ``Process.write``."""
        stdin = self._child.stdin
        if stdin is None:
            raise BrokenPipeError
        stdin.write(data)
        await stdin.drain()

    async def read(self, size: int) -> bytes:
        """See ``Process.read``."""
        stdout = self._child.stdout
        return b"" if stdout is None else await stdout.read(size)

    async def ended(self) -> int:
        """See ``Process.ended``."""
        return await self._child.wait()

    def stderr_tail(self) -> str:
        """See ``Process.stderr_tail``."""
        return b"".join(self._stderr).decode("utf-8", "replace")[-STDERR_TAIL:]

    async def close(self) -> None:
        """End the whole tree: standard input closes, a short grace, then SIGKILL."""
        if self._child.stdin is not None:
            self._child.stdin.close()
        try:
            async with asyncio.timeout(LEAVE_GRACE):
                await self._child.wait()
        except TimeoutError:
            pass
        finally:
            self._kill()
            await self._child.wait()
            watch = self._tasks[1]
            watch.cancel()
            # The tree is dead, so standard error ends; what it still holds belongs to the diagnosis.
            await asyncio.wait(self._tasks, timeout=LEAVE_GRACE)
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    def _kill(self) -> None:
        for process in reversed(list(tree(self._root))):
            with contextlib.suppress(psutil.Error):
                process.kill()
        if self._child.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._child.kill()
        if self._root == self._child.pid:
            # Children that left their parent are still in the group of their own session's leader.
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._root, signal.SIGKILL)

    async def _drain_stderr(self) -> None:
        stream = self._child.stderr
        while stream is not None and (chunk := await stream.read(64 * 1024)):
            self._stderr.append(chunk[-STDERR_TAIL:])
            self._stderr_size += len(self._stderr[-1])
            while self._stderr_size - len(self._stderr[0]) >= STDERR_TAIL:
                self._stderr_size -= len(self._stderr.popleft())

    async def _watch(self) -> None:
        while self._child.returncode is None:
            processes = list(tree(self._root))
            if len(processes) > self._limits.processes:
                self._breach = f"more than {self._limits.processes} processes"
            elif sum(map(resident, processes)) > self._limits.memory:
                self._breach = f"more than {self._limits.memory // (1024 * 1024)} MiB of memory"
            if self._breach:
                self._kill()
                return
            await asyncio.sleep(WATCH_INTERVAL)


def tree(root: int) -> Iterator[psutil.Process]:
    """Yield ``root`` and all that descends from it, parents first; nothing where it is gone."""
    try:
        process = psutil.Process(root)
        yield process
        yield from process.children(recursive=True)
    except psutil.Error:
        return


def resident(process: psutil.Process) -> int:
    """Return a process's resident bytes, 0 where it is gone."""
    try:
        return int(process.memory_info().rss)
    except psutil.Error:
        return 0
