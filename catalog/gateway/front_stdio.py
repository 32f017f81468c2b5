"""The client at standard input and output: lines in and out, without blocking the loop that carries them."""

import asyncio
import contextlib
import threading
from typing import BinaryIO

from catalog.gateway.bounds import MIB, REQUEST_BYTES
from catalog.gateway.conversation import Conversation
from catalog.gateway.messages import INVALID_REQUEST, failure

# Lines of the client that are read ahead, and messages that wait until it takes them.
_MOST_WAITING = 1_000


class StdioClient:
    """Implements conversation.Client on two files; each is read or written by a thread, since files block."""

    def __init__(self, source: BinaryIO, target: BinaryIO) -> None:
        """Begin to read ``source``."""
        self._source = source
        self._target = target
        self._loop = asyncio.get_running_loop()
        self._read: asyncio.Queue[bytes | None] = asyncio.Queue(_MOST_WAITING)
        self._written: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._taken = asyncio.Event()
        self._writing = asyncio.create_task(self._write())
        # A thread that waits for input cannot be stopped; as a daemon it keeps nothing from ending.
        threading.Thread(target=self._read_lines, daemon=True).start()

    def put(self, line: bytes) -> None:
        """See ``Client.put``."""
        self._written.put_nowait(line)

    async def room(self) -> None:
        """See ``Client.room``."""
        while self._written.qsize() > _MOST_WAITING and not self._writing.done():
            self._taken.clear()
            await self._taken.wait()

    async def serve(self, conversation: Conversation) -> None:
        """Carry what the client says until it closes its end, or no server is left."""
        over = asyncio.create_task(conversation.over())
        try:
            while (line := await self._next(over)) is not None:
                if len(line) > REQUEST_BYTES:
                    self.put(failure(None, INVALID_REQUEST, f"a message may have {REQUEST_BYTES // MIB} MiB"))
                elif line.strip():
                    await conversation.from_client(line.strip())
        finally:
            over.cancel()

    async def close(self) -> None:
        """Write what is left."""
        self._written.put_nowait(None)
        await self._writing

    async def _next(self, over: "asyncio.Task[None]") -> bytes | None:
        """Return the next line; None at the end."""
        reading = asyncio.create_task(self._read.get())
        await asyncio.wait([reading, over, self._writing], return_when=asyncio.FIRST_COMPLETED)
        if reading.done():
            return reading.result()
        reading.cancel()
        return None

    async def _write(self) -> None:
        while (line := await self._written.get()) is not None:
            try:
                await asyncio.to_thread(self._write_line, line)
            except (OSError, ValueError):  # the client is gone
                return
            finally:
                self._taken.set()

    def _write_line(self, line: bytes) -> None:
        self._target.write(line + b"\n")
        self._target.flush()

    def _read_lines(self) -> None:
        with contextlib.suppress(OSError, ValueError, RuntimeError):  # the file or the loop was closed
            rest = False
            while line := self._source.readline(REQUEST_BYTES + 1):
                # Of a line that is too long the first part is enough to say so.
                if not rest:
                    asyncio.run_coroutine_threadsafe(self._read.put(line), self._loop).result()
                rest = not line.endswith(b"\n")
            asyncio.run_coroutine_threadsafe(self._read.put(None), self._loop).result()
