"""A child process whose streams are bounded, whose tree is watched, and which cannot outlive its context."""

import asyncio
import contextlib
import itertools
import signal
from collections import deque
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Protocol

import psutil

from catalog.facts import Finding, FindingKind
from catalog.sandbox.base import MIB, Limits
from catalog.sandbox.notes import Notes
from catalog.sandbox.tree import children, is_at_work, resident, tree

# Bytes of standard error that are kept: enough for a traceback, little enough to store.
STDERR_TAIL = 16 * 1024

# Seconds between two looks at the process tree: a fork bomb makes some hundred processes in it, memory grows < 1 GB.
WATCH_INTERVAL = 0.05

# Looks at the process tree to each look for other traces: these cost more, and what they find stays.
LOOK_EVERY = 10

# Looks at the tree before the first one: its sandbox is set up by then.
FIRST_LOOK = 2

# Seconds a server gets to leave by itself once its standard input is closed (MCP stdio shutdown); then it is killed.
LEAVE_GRACE = 0.2

# Seconds that one which is still at work gets in addition: to leave is work, and the machine may be busy.
WORK_GRACE = 1.0

# Exit codes of a program that a limit ended: bubblewrap passes a signal on as 128 and its number.
_TOO_LARGE = (-signal.SIGXFSZ, 128 + signal.SIGXFSZ)

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


class Child(Protocol):
    """What is needed of a child; ``asyncio.subprocess.Process`` is one."""

    @property
    def stdin(self) -> asyncio.StreamWriter | None:
        """Its standard input."""
        ...

    @property
    def stdout(self) -> asyncio.StreamReader | None:
        """Its standard output."""
        ...

    @property
    def stderr(self) -> asyncio.StreamReader | None:
        """Its standard error."""
        ...

    @property
    def returncode(self) -> int | None:
        """Its exit code; None while it runs."""
        ...

    async def wait(self) -> int:
        """Wait until it ended and return its exit code."""
        ...

    def kill(self) -> None:
        """Kill it."""
        ...


class ChildProcess:
    """Implements sandbox.base.Process on a child."""

    def __init__(
        self,
        child: Child,
        limits: Limits,
        *,
        mark: str | None = None,
        notes: Notes | None = None,
        resources: AsyncExitStack | None = None,
    ) -> None:
        """Read the standard error of ``child``.

        ``mark`` is the value of its variable MARK, which no other process has: what left the tree is found by it.
        ``notes`` are its findings, which others may add to; ``resources`` are closed when it is gone.
        """
        self._child = child
        self._limits = limits
        self._mark = mark
        self._notes = notes or Notes()
        self._looks: tuple[Callable[[], None], ...] = ()
        self._resources = resources or AsyncExitStack()
        self._root: psutil.Process | None = None
        self._stderr: deque[bytes] = deque()
        self._stderr_size = 0
        self._breach: str | None = None
        self._drain = asyncio.create_task(self._drain_stderr())
        self._watch: asyncio.Task[None] | None = None

    def watch(self, root: int, *, looks: Sequence[Callable[[], None]] = ()) -> None:
        """Enforce the limits on ``root`` and its descendants: PID 1 of the sandbox's namespace, or the child itself.

        Its death ends all others in a namespace. The process is remembered, not its number: numbers are used again.
        ``looks`` note what can be seen from outside, now and then and before it is killed.
        """
        self._looks = tuple(looks)
        with contextlib.suppress(psutil.Error):
            self._root = psutil.Process(root)
            self._watch = asyncio.create_task(self._enforce(self._root))

    @property
    def breach(self) -> str | None:
        """See ``Process.breach``."""
        return self._breach

    def findings(self) -> tuple[Finding, ...]:
        """See ``Process.findings``."""
        self._look()
        return self._notes.findings()

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
        try:
            await self._end()
        finally:
            self._looks = ()  # what they look at is closed now
            await self._resources.aclose()

    async def _end(self) -> None:
        try:
            self._look()
            self._note_detached()
            if self._child.stdin is not None:
                self._child.stdin.close()
            if not await self._ends_soon() and not await self._ends_after_work():
                self._notes.add(FindingKind.STAYED, "did not end after its input closed")
        finally:
            self._look()
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
            if self._child.returncode in _TOO_LARGE:
                size = self._limits.file_size // MIB
                self._notes.add(FindingKind.LIMIT, f"wrote more than {size} MiB to a file")

    async def _ends_soon(self, seconds: float = LEAVE_GRACE) -> bool:
        try:
            async with asyncio.timeout(seconds):
                await self._child.wait()
        except TimeoutError:
            return False
        return True

    async def _ends_after_work(self) -> bool:
        """Wait on for one that is at work: one that sleeps waits for something that will not come."""
        at_work = self._root is not None and any(
            is_at_work(pid) for pid in tree(self._root.pid, self._limits.processes)
        )
        return at_work and await self._ends_soon(WORK_GRACE)

    def _note_detached(self) -> None:
        """Note processes that outlived the one that started them: the first of a namespace is their parent now."""
        if self._root is None or self._mark is not None:
            return
        with contextlib.suppress(OSError):
            _program, *detached = children(self._root.pid) or [0]
            if detached:
                self._notes.add(FindingKind.STAYED, f"processes whose parent is gone: {len(detached)}")

    def _look(self) -> None:
        for look in self._looks:
            with contextlib.suppress(OSError):  # what cannot be seen is no finding, and no reason to leave it running
                look()

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
        for turn in itertools.count():
            if self._child.returncode is not None or not root.is_running():
                return
            sizes = list(resident(root.pid, self._limits.processes + 1))
            if len(sizes) > self._limits.processes:
                self._breach = f"more than {self._limits.processes} processes"
            elif sum(sizes) > self._limits.memory:
                self._breach = f"more than {self._limits.memory // (1024 * 1024)} MiB of memory"
            if turn % LOOK_EVERY == FIRST_LOOK:
                self._look()
            if self._breach:
                self._notes.add(FindingKind.LIMIT, self._breach)
                self._kill()
                return
            await asyncio.sleep(WATCH_INTERVAL)


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
