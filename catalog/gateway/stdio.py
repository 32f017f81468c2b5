"""The gateway between a client and one server that both speak over pipes: two threads and as little else as may be.

The client's thread writes to the server and the server's to the client, each by itself. What goes against the stream,
an answer of the gateway's own, is left to a third thread: a side that does not read while it writes would otherwise
bring everything to a halt.
"""

import contextlib
import logging
import os
import queue
import signal
import subprocess
import threading
import time
from collections.abc import Iterator, Sequence

from catalog.gateway.bounds import MESSAGE_BYTES, MIB, REQUEST_BYTES
from catalog.gateway.guard import Guard
from catalog.gateway.hub import CANCELLED_METHOD, answered_as_cancelled
from catalog.gateway.messages import (
    INVALID_REQUEST,
    Id,
    NoMessage,
    Notification,
    Request,
    Response,
    failure,
    read,
    read_strictly,
)
from catalog.gateway.streams import Sink, TooLong, lines

_log = logging.getLogger(__name__)

# Seconds a server gets to leave once its input is closed, and again once it was asked to.
LEAVE_SECONDS = 2.0

# Seconds a server that was started anew gets to answer the handshake.
HANDSHAKE_SECONDS = 30.0

# Times a server that ended is started anew, and the seconds in which.
MOST_STARTS, STARTS_SECONDS = 5, 60.0

# Answers of the gateway's own that wait to be written; then whoever causes them waits.
_MOST_WAITING = 4_096


class StdioGateway:
    """Runs one server for one client; ``run`` returns once the client has gone."""

    def __init__(self, command: Sequence[str], guard: Guard, *, source: int = 0, sink: int = 1) -> None:
        """Take the server's command line, and the descriptors at which the client writes and reads."""
        self._command = command
        self._guard = guard
        self._source = source
        self._sink = Sink(sink)
        self._turn = threading.Condition()
        self._answers: queue.Queue[tuple[Sink, bytes] | None] = queue.Queue(_MOST_WAITING)
        self._server: _Server | None = None
        self._starts: list[float] = []
        self._leaving = False
        self._handshake: list[bytes] = []

    def run(self) -> None:
        """Pass messages until the client closes its side; the server is gone afterwards, however this ends.

        Raises: OSError where the server cannot be started.
        """
        self._server = self._start()
        try:
            self._pass()
        finally:
            if self._server is not None:
                self._server.end()

    def _pass(self) -> None:
        answering = threading.Thread(target=self._write_answers, daemon=True)
        answering.start()
        for line in lines(self._source, REQUEST_BYTES):
            if isinstance(line, TooLong):
                self._answer(failure(None, INVALID_REQUEST, _too_long(line)))
            else:
                self._from_client(line)
        self._leaving = True
        with self._turn:  # calls that wait for their definition to be looked at were made before the client left
            self._turn.wait_for(lambda: not self._guard.is_holding, LEAVE_SECONDS)
        self._answers.put(None)
        answering.join()

    def _from_client(self, line: bytes) -> None:
        with self._turn:
            outgoing = self._guard.from_client(line)
            if CANCELLED_METHOD in line and outgoing:
                answered_as_cancelled(self._guard, line)  # most servers never answer one: it is open no longer
        self._remember(line)
        for one in outgoing:
            if one.to == "client":
                self._answer(one.line)
            else:
                self._to_server(one.line)

    def _to_server(self, line: bytes) -> None:
        """Write to the server, started anew where it has ended."""
        server = self._server
        if server is None or server.gone:
            server = self._server = self._again()
        if server is not None:
            with contextlib.suppress(OSError):  # it is gone: its own thread answers what waits for it
                server.sink.write(line)
            if not server.gone:
                return
        self._lost("the server has ended and cannot be started again now")

    def _start(self) -> "_Server":
        server = _Server(self._command)
        self._listen(server)
        return server

    def _listen(self, server: "_Server") -> None:
        server.thread = threading.Thread(target=self._from_server, args=(server,), daemon=True)
        server.thread.start()

    def _again(self) -> "_Server | None":
        """Start the server anew and repeat the client's handshake to it; None where it has ended too often."""
        now = time.monotonic()
        self._starts = [at for at in self._starts if at > now - STARTS_SECONDS]
        if len(self._starts) >= MOST_STARTS:
            return None
        self._starts.append(now)
        try:
            server = _Server(self._command)
        except OSError as error:
            _log.error("cannot start %r: %s", self._command[0], error)
            return None
        if self._handshake and not server.greet(self._handshake):
            server.end()
            return None
        _log.warning("started the server again")
        self._listen(server)
        return server

    def _remember(self, line: bytes) -> None:
        """Keep the client's handshake, for a server that is started anew."""
        if len(self._handshake) == _HANDSHAKE_LINES or b"initialize" not in line:
            return
        with contextlib.suppress(NoMessage):
            message = read_strictly(line)
            if isinstance(message, Request) and message.method == "initialize":
                self._handshake = [line]
            elif isinstance(message, Notification) and message.method == "notifications/initialized":
                self._handshake.append(line)

    def _from_server(self, server: "_Server") -> None:
        for line in server.lines():
            if isinstance(line, TooLong):
                self._lost(f"the server's {_too_long(line)}")
                continue
            with self._turn:
                outgoing = self._guard.from_server(line)
                for one in outgoing:
                    if one.to == "server":
                        self._answers.put((server.sink, one.line))
                if self._leaving:
                    self._turn.notify_all()
            for one in outgoing:
                if one.to == "client":
                    self._to_client(one.line)
        server.gone = True
        self._lost(f"the server has ended{server.how()}")

    def _lost(self, reason: str) -> None:
        with self._turn:
            outgoing = self._guard.lost(reason)
            self._turn.notify_all()
        for one in outgoing:
            self._to_client(one.line)

    def _to_client(self, line: bytes) -> None:
        with contextlib.suppress(OSError):  # the client is gone: its own thread sees that
            self._sink.write(line)

    def _answer(self, line: bytes) -> None:
        """Write an answer of the gateway's own, or leave it to the thread that may wait for the client to read."""
        with contextlib.suppress(OSError):
            if self._answers.empty() and self._sink.write_at_once(line):
                return
        self._answers.put((self._sink, line))

    def _write_answers(self) -> None:
        while answer := self._answers.get():
            sink, line = answer
            with contextlib.suppress(OSError):
                sink.write(line)


# Lines of a client's handshake: initialize, and that it is done.
_HANDSHAKE_LINES = 2


class _Server:
    """One running server."""

    def __init__(self, command: Sequence[str]) -> None:
        """Start it. Raises: OSError."""
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,
            start_new_session=True,  # ended as a whole, and not by the Ctrl-C that ends the gateway
        )
        if self._process.stdin is None or self._process.stdout is None:
            raise TypeError("a process without pipes")
        self._input, self._output = self._process.stdin, self._process.stdout
        self.sink = Sink(self._input.fileno())
        self.thread: threading.Thread | None = None
        self.gone = False
        self._incoming = lines(self._output.fileno(), MESSAGE_BYTES)

    def lines(self) -> Iterator[bytes | TooLong]:
        """Yield what it writes, from where the handshake ended, until it ends."""
        return self._incoming

    def greet(self, handshake: Sequence[bytes]) -> bool:
        """Repeat a client's handshake, and keep the answer from it; say whether there was one in time."""
        first = read(handshake[0])
        wanted: Id | None = first.id if isinstance(first, Request) else None
        too_late = threading.Timer(HANDSHAKE_SECONDS, self._process.kill)
        too_late.start()
        try:
            self.sink.write(handshake[0])
            if not any(isinstance(line, bytes) and _answers(line, wanted) for line in self._incoming):
                return False
            for line in handshake[1:]:
                self.sink.write(line)
        except OSError:
            return False
        finally:
            too_late.cancel()
        return True

    def how(self) -> str:
        """Return how it ended, as far as is known."""
        with contextlib.suppress(subprocess.TimeoutExpired):  # its output closes a moment before it is gone
            self._process.wait(LEAVE_SECONDS)
        code = self._process.returncode
        if not code:
            return ""
        return f" by signal {signal.Signals(-code).name}" if code < 0 else f" with exit code {code}"

    def end(self) -> None:
        """End it: its input closed, then asked, then killed, with all that it started."""
        with contextlib.suppress(OSError):
            self._input.close()
        for end in (signal.SIGTERM, signal.SIGKILL):
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(LEAVE_SECONDS)
                break
            with contextlib.suppress(OSError):
                os.killpg(self._process.pid, end)
        self._process.wait()
        with contextlib.suppress(OSError):
            os.killpg(self._process.pid, signal.SIGKILL)  # what it left behind
        if self.thread:
            self.thread.join(LEAVE_SECONDS)


def _answers(line: bytes, wanted: Id | None) -> bool:
    try:
        message = read(line)
    except NoMessage:
        return False
    return isinstance(message, Response) and message.id == wanted


def _too_long(line: TooLong) -> str:
    return f"message is longer than {line.most // MIB} MiB"
