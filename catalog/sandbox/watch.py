"""Looks at what a program tries, in a thread of its own: the kernel tells rare calls, and each goes on unchanged.

The event loop never waits for it, and a program waits only for this thread. Where it ends, calls that are told get
ENOSYS: nothing hangs.
"""

import fcntl
import os
import select
import termios
import threading
import time
from collections.abc import Sequence
from contextlib import suppress

from catalog.sandbox import attempts, listener
from catalog.sandbox.calls import Act, Call, watched
from catalog.sandbox.listener import Told
from catalog.sandbox.notes import Notes

# Calls of one run that are looked at without delay; each later one waits PAUSE seconds, so that a program that does
# nothing else costs the crawler about 2 % of a processor.
MOST_AT_ONCE = 10_000
PAUSE = 0.001

# Bytes of a path (PATH_MAX of Linux) and of an address (struct sockaddr_storage) that are read.
_PATH, _ADDRESS = 4096, 128
_PAGE = os.sysconf("SC_PAGESIZE")

# AT_FDCWD as an unsigned 32-bit argument
_HERE = 0xFFFFFF9C


class Watch:
    """Takes notes of the attempts of one program until it is stopped."""

    def __init__(self, notes: Notes, scratch: Sequence[str]) -> None:
        """Watch a program that may write to ``scratch``."""
        self._notes = notes
        self._scratch = tuple(scratch)
        self._calls = watched()
        self._lock = threading.Lock()
        self._gate: int | None = None
        self._begun = False
        self._listener = -1
        self._stopping, self._stop = os.pipe()
        self._thread = threading.Thread(target=self._serve, name="catalog-watch", daemon=True)

    @property
    def serves(self) -> bool:
        """Say whether the kernel tells it anything."""
        return self._listener >= 0

    def serve(self, told_by: int) -> None:
        """Begin with the listener ``told_by``, which is closed at the end. Raises: RuntimeError (no more threads)."""
        self._listener = told_by
        try:
            self._thread.start()
        except RuntimeError:
            self._listener = -1
            raise

    def release(self, gate: int) -> None:
        """Write the byte that bubblewrap waits for at the end of its own work to the pipe ``gate``.

        It may still be at work, so that the program begins when it has taken that byte. Raises: BrokenPipeError.
        """
        with self._lock:
            os.write(gate, b"x")
            self._gate = os.dup(gate)

    def stop(self) -> None:
        """End the thread; it is done with its present call first, which takes less than a millisecond."""
        os.close(self._stop)
        if self.serves:
            self._thread.join()
        os.close(self._stopping)
        if self._gate is not None:
            os.close(self._gate)

    def _serve(self) -> None:
        poll = select.poll()
        poll.register(self._listener, select.POLLIN)
        poll.register(self._stopping, select.POLLIN)
        seen = 0
        try:
            while self._stopping not in (events := dict(poll.poll())):
                if events[self._listener] & select.POLLHUP:
                    poll.unregister(self._listener)  # nobody is left who could make a call
                    continue
                told = listener.receive(self._listener)
                if told is None:
                    continue
                seen += 1
                if seen > MOST_AT_ONCE:
                    time.sleep(PAUSE)
                try:
                    if self._is_the_program():
                        self._look(told, self._calls[told.number])
                finally:
                    listener.let_go_on(self._listener, told)
        finally:
            os.close(self._listener)

    def _is_the_program(self) -> bool:
        """Say whether the calls are the program's now, and no longer those by which bubblewrap sets its sandbox up."""
        if not self._begun:
            with self._lock:
                if self._gate is not None:
                    waiting = fcntl.ioctl(self._gate, termios.FIONREAD, bytes(4))
                    self._begun = not any(waiting)
        return self._begun

    def _look(self, told: Told, call: Call) -> None:
        value = told.arguments[call.argument]
        # A process that ended meanwhile, or that may not be looked at: fewer findings, and nothing else.
        with suppress(OSError):
            match call.act:
                case Act.CONNECT:
                    address = _memory(told.thread, value, min(told.arguments[call.argument + 1], _ADDRESS))
                    if listener.still_waits(self._listener, told):
                        attempts.note_connection(self._notes, address)
                case Act.SIGNAL:
                    self._signal(told, _signed(value))
                case Act.TRACE | Act.MEMORY:
                    own = _own_number(told.thread)
                    if listener.still_waits(self._listener, told):
                        attempts.note_trace(self._notes, call.act, _signed(value), own=own)
                case _:
                    path, own = _path(told, call), _own_number(told.thread)
                    if listener.still_waits(self._listener, told):
                        attempts.note_write(self._notes, call.act, path, scratch=self._scratch, own=own)

    def _signal(self, told: Told, target: int) -> None:
        exists = os.path.exists(f"/proc/{told.thread}/root/proc/{target}")  # noqa: PTH110  # a link of the kernel's, no path
        # kill(process, signal), tgkill(process, thread, signal)
        signal = told.arguments[2 if self._calls[told.number].tested is not None else 1]
        if listener.still_waits(self._listener, told):
            attempts.note_signal(self._notes, target, _signed(signal), exists=exists)


def _path(told: Told, call: Call) -> str:
    """Return the absolute path that a call names, as its process sees it. Raises: OSError."""
    named = _memory(told.thread, told.arguments[call.argument], _PATH).partition(b"\0")[0].decode("utf-8", "replace")
    if named.startswith("/"):
        return named
    folder = _HERE if call.folder is None else told.arguments[call.folder] & 0xFFFFFFFF
    where = "cwd" if folder == _HERE else f"fd/{folder}"
    return f"{os.readlink(f'/proc/{told.thread}/{where}')}/{named}"  # noqa: PTH115  # a link of the kernel's, no path


def _memory(thread: int, address: int, size: int) -> bytes:
    """Return up to ``size`` bytes of a thread's memory, fewer where it ends or holds a NUL. Raises: OSError."""
    read = b""
    descriptor = os.open(f"/proc/{thread}/mem", os.O_RDONLY)
    try:
        while len(read) < size:
            here = address + len(read)
            # Page by page: what lies behind a short text may not be there.
            chunk = os.pread(descriptor, min(size - len(read), _PAGE - here % _PAGE), here)
            read += chunk
            if not chunk or (size == _PATH and b"\0" in chunk):
                break
    except OverflowError as error:  # no address of a program's
        raise OSError(str(error)) from error
    finally:
        os.close(descriptor)
    return read


def _own_number(thread: int) -> int | None:
    """Return the number of the thread's process inside its namespace; None where the kernel does not say."""
    with open(f"/proc/{thread}/status", encoding="utf-8", errors="replace") as status:  # noqa: PTH123  # as in process.py
        for line in status:
            if line.startswith("NStgid:"):
                return int(line.split()[-1])
    return None


def _signed(value: int) -> int:
    """Read the lower half of an argument as an ``int``."""
    value &= 0xFFFFFFFF
    return value - (1 << 32) if value >= 1 << 31 else value
