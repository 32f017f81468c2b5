"""A child process whose streams are bounded, whose tree is watched, and which cannot outlive its context."""

import asyncio
import contextlib
import os
from collections import deque
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import asynccontextmanager

import psutil

from catalog.sandbox.base import Limits

# Bytes of standard error that are kept: enough for a traceback, little enough to store.
STDERR_TAIL = 16 * 1024

# Seconds between two looks at the process tree: a fork bomb makes some hundred processes in it, memory grows < 1 GB.
WATCH_INTERVAL = 0.05

# Seconds a server gets to leave by itself once its standard input is closed (MCP stdio shutdown); then it is killed.
LEAVE_GRACE = 0.2

# The variable that marks what a server started outside a namespace: its value is drawn anew for each.
MARK = "MCP_CATALOG_MARK"


@asynccontextmanager
async def ended_on_leaving(start: Coroutine[object, object, "ChildProcess"]) -> AsyncIterator["ChildProcess"]:
    """Yield the process that ``start`` starts; on leaving, its whole tree is gone.

    Cancellation waits until the start is done: what is only half known could not be ended.
    """
    starting = asyncio.ensure_future(start)
    try:
        yield await asyncio.shield(starting)
    finally:
        await asyncio.shield(asyncio.ensure_future(_end(starting)))


async def _end(starting: "asyncio.Future[ChildProcess]") -> None:
    await asyncio.wait([starting])
    if not starting.cancelled() and starting.exception() is None:
        await starting.result().close()


class ChildProcess:
    """Implements sandbox.base.Process on an asyncio subprocess."""

    def __init__(self, child: asyncio.subprocess.Process, limits: Limits, *, mark: str | None = None) -> None:
        """Read the standard error of ``child``.

        ``mark`` is the value of its variable MARK, which no other process has: what left the tree is found by it.
        """
        self._child = child
        self._limits = limits
        self._mark = mark
        self._root: psutil.Process | None = None
        self._stderr: deque[bytes] = deque()
        self._stderr_size = 0
        self._breach: str | None = None
        self._drain = asyncio.create_task(self._drain_stderr())
        self._watch: asyncio.Task[None] | None = None

    def watch(self, root: int) -> None:
        """Enforce the limits on ``root`` and its descendants: PID 1 of the sandbox's namespace, or the child itself.

        Its death ends all others in a namespace. The process is remembered, not its number: numbers are used again.
        """
        with contextlib.suppress(psutil.Error):
            self._root = psutil.Process(root)
            self._watch = asyncio.create_task(self._enforce(self._root))

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
            await self._ends_soon()
        finally:
            self._kill()
            # The first process of a namespace is gone only when all others are, and bubblewrap only after it.
            if not await self._ends_soon():
                self._child.kill()
            await self._child.wait()
            # The tree is dead, so its output ends: what standard error still holds belongs to the diagnosis, and a pipe
            # that nobody reads to its end stays open.
            rest = asyncio.create_task(self._discard_output())
            tasks = [task for task in (self._watch, self._drain, rest) if task is not None]
            if self._watch is not None:
                self._watch.cancel()
            await asyncio.wait(tasks, timeout=LEAVE_GRACE)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _ends_soon(self) -> bool:
        try:
            async with asyncio.timeout(LEAVE_GRACE):
                await self._child.wait()
        except TimeoutError:
            return False
        return True

    def _kill(self) -> None:
        """Kill all but bubblewrap itself, which ends when nothing is left to wait for."""
        doomed = [self._root] if self._root is not None else []
        if self._mark is not None:
            doomed += [*family(self._root), *marked(self._mark)]
        # Parents first: the first process of a namespace takes all others with it, however many there are.
        for process in doomed:
            with contextlib.suppress(psutil.Error):
                process.kill()

    async def _discard_output(self) -> None:
        while await self.read(64 * 1024):
            pass

    async def _drain_stderr(self) -> None:
        stream = self._child.stderr
        while stream is not None and (chunk := await stream.read(64 * 1024)):
            self._stderr.append(chunk[-STDERR_TAIL:])
            self._stderr_size += len(self._stderr[-1])
            while self._stderr_size - len(self._stderr[0]) >= STDERR_TAIL:
                self._stderr_size -= len(self._stderr.popleft())

    async def _enforce(self, root: psutil.Process) -> None:
        while self._child.returncode is None and root.is_running():
            sizes = list(resident(root.pid, self._limits.processes + 1))
            if len(sizes) > self._limits.processes:
                self._breach = f"more than {self._limits.processes} processes"
            elif sum(sizes) > self._limits.memory:
                self._breach = f"more than {self._limits.memory // (1024 * 1024)} MiB of memory"
            if self._breach:
                self._kill()
                return
            await asyncio.sleep(WATCH_INTERVAL)


def resident(root: int, most: int) -> Iterator[int]:
    """Yield the resident bytes of ``root`` and its descendants, at most ``most`` numbers.

    Asks the kernel for the children of each process. psutil lists all processes of the machine, and while a fork
    bomb runs, that takes so long that it is never stopped.
    """
    waiting, page = [root], os.sysconf("SC_PAGESIZE")
    for _ in range(most):
        if not waiting:
            return
        folder = f"/proc/{waiting.pop()}"
        with contextlib.suppress(OSError):  # it is gone, which is no breach
            yield int(_read(f"{folder}/statm").split()[1]) * page
            for thread in os.listdir(f"{folder}/task"):  # noqa: PTH208  # ten times a second for every server
                waiting += map(int, _read(f"{folder}/task/{thread}/children").split())


def _read(path: str) -> bytes:
    with open(path, "rb", buffering=0) as file:  # noqa: PTH123  # as above
        return file.read()


def family(root: psutil.Process | None) -> list[psutil.Process]:
    """Return the descendants of ``root``."""
    try:
        return root.children(recursive=True) if root is not None else []
    except psutil.Error:
        return []


def marked(mark: str) -> list[psutil.Process]:
    """Return the processes whose variable MARK is ``mark``, whatever their parent is now."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if process.environ().get(MARK) == mark:
                found.append(process)
    return found
