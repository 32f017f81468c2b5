"""Lines over file descriptors, bounded: what blocks is one system call, so a line passes in microseconds."""

import os
import select
import threading
from collections.abc import Iterator
from dataclasses import dataclass

# Bytes that are read at a time.
_CHUNK = 256 * 1024


@dataclass(frozen=True, slots=True)
class TooLong:
    """A line of more bytes than may be; it has been read to its end and left out."""

    most: int


def lines(descriptor: int, most: int) -> Iterator[bytes | TooLong]:
    """Yield what comes in, line by line and without blank ones, until the other side closes.

    No more than ``most`` bytes of a line, and what was read at a time, are ever held.
    """
    buffer = bytearray()
    skipping = False
    while chunk := _read(descriptor):
        buffer += chunk
        searched = len(buffer) - len(chunk)
        while (end := buffer.find(b"\n", searched)) >= 0:
            line = bytes(buffer[:end]).strip()
            del buffer[: end + 1]
            searched = 0
            if skipping or len(line) > most:
                skipping = False
                yield TooLong(most)
            elif line:
                yield line
        if len(buffer) > most:
            skipping = True
            buffer.clear()
    if line := bytes(buffer).strip():
        yield TooLong(most) if skipping else line


class Sink:
    """Writes whole lines to a file descriptor; threads take turns."""

    def __init__(self, descriptor: int) -> None:
        """Take the descriptor; it is not closed here."""
        self._descriptor = descriptor
        self._turn = threading.Lock()

    def write_at_once(self, line: bytes) -> bool:
        """Write a short line unless that could block; say whether it is written. Raises: OSError as `write`."""
        if len(line) >= select.PIPE_BUF or not self._turn.acquire(blocking=False):
            return False
        try:
            ready = select.poll()
            ready.register(self._descriptor, select.POLLOUT)
            if not ready.poll(0):
                return False
            os.write(self._descriptor, line + b"\n")  # whole: a pipe with room takes PIPE_BUF bytes at once
            return True
        finally:
            self._turn.release()

    def write(self, line: bytes) -> None:
        """Write one line. Raises: OSError once the other side is gone."""
        with self._turn:
            rest = memoryview(line + b"\n")
            while rest:
                rest = rest[os.write(self._descriptor, rest) :]


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, _CHUNK)
    except OSError:  # the other side is gone, or the descriptor was closed to end the reading
        return b""
