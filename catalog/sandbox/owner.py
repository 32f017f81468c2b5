"""Start a child from a thread of its own: a filter of system calls belongs to a thread, and what it starts inherits it.

The thread lives as long as the child, because the kernel kills bubblewrap (``--die-with-parent``) when the thread that
started it ends, not only when the whole process does.
"""

import asyncio
import functools
import os
import subprocess
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path

from catalog.sandbox import listener

# Bytes of standard output that wait to be read; then the child waits.
_BUFFERED = 64 * 1024

# The usual one, whatever the caller's is: what a server writes has the same modes on every machine.
_UMASK = 0o022


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """A child that runs."""

    popen: subprocess.Popen[bytes]
    ended: "Future[int]"
    """Its exit code, negative for the signal that killed it."""


def launch(
    argv: Sequence[str],
    executable: Path,
    *,
    pass_fds: Sequence[int] = (),
    tell: Callable[[int], None] | None = None,
    out: int = subprocess.PIPE,
) -> Started:
    """Start ``argv`` with an empty environment; ``tell`` gets the descriptor of a listener of its rare calls.

    Whoever is told must serve the listener in another thread at once, and close it. It is not told where the kernel
    has no such listener: what a child may do does not depend on it. Raises: OSError where there is no such program.
    """
    listening: Future[int | None] = Future()
    started: Future[Started] = Future()
    ended: Future[int] = Future()

    def own() -> None:
        listening.set_result(_listener() if tell is not None else None)
        # From here on this thread's own calls wait for the listener, too.
        try:
            popen = subprocess.Popen(
                argv, executable=executable, stdin=subprocess.PIPE, stdout=out, stderr=out,
                pass_fds=pass_fds, env={}, cwd="/", umask=_UMASK,
            )  # fmt: skip
        except OSError as error:
            started.set_exception(error)
            return
        started.set_result(Started(popen=popen, ended=ended))
        ended.set_result(popen.wait())

    threading.Thread(target=own, name="catalog-owner", daemon=True).start()
    descriptor = listening.result()
    if tell is not None and descriptor is not None:
        try:
            tell(descriptor)
        except BaseException:
            os.close(descriptor)  # so that what waits for it goes on
            started.result().popen.kill()
            raise
    return started.result()


def _listener() -> int | None:
    try:
        return listener.listen()
    except OSError:
        return None


class OwnedChild:
    """What ``asyncio.subprocess.Process`` is, of a child that a thread of its own started."""

    def __init__(
        self,
        started: Started,
        *,
        stdin: asyncio.StreamWriter,
        stdout: asyncio.StreamReader,
        stderr: asyncio.StreamReader,
        transports: Sequence[asyncio.BaseTransport],
    ) -> None:
        self.stdin, self.stdout, self.stderr = stdin, stdout, stderr
        self._popen = started.popen
        self._transports = tuple(transports)
        self._ended = asyncio.wrap_future(started.ended)

    @classmethod
    async def of(cls, started: Started) -> "OwnedChild":
        """Connect the streams of ``started`` to the running event loop."""
        popen, loop = started.popen, asyncio.get_running_loop()
        assert popen.stdin is not None and popen.stdout is not None and popen.stderr is not None  # noqa: S101, PT018  # all are pipes
        # A protocol knows its reader weakly, and this one has none to be read.
        writing = asyncio.StreamReaderProtocol(asyncio.StreamReader())
        written, _ = await loop.connect_write_pipe(lambda: writing, popen.stdin)
        transports: list[asyncio.BaseTransport] = [written]
        readers = []
        for pipe in (popen.stdout, popen.stderr):
            reader = asyncio.StreamReader(limit=_BUFFERED)
            reading, _ = await loop.connect_read_pipe(functools.partial(asyncio.StreamReaderProtocol, reader), pipe)
            readers.append(reader)
            transports.append(reading)
        writer = asyncio.StreamWriter(written, writing, None, loop)
        return cls(started, stdin=writer, stdout=readers[0], stderr=readers[1], transports=transports)

    @property
    def returncode(self) -> int | None:
        """Return its exit code; None while it runs."""
        return self._popen.returncode

    async def wait(self) -> int:
        """Wait until it ended and return its exit code."""
        return await asyncio.shield(self._ended)

    def kill(self) -> None:
        """Kill it, where it still runs."""
        self._popen.kill()

    def release(self) -> None:
        """Close its streams."""
        for transport in self._transports:
            transport.close()
