"""``catalog hook``: read one request, decide, answer. Whatever goes wrong, the call is denied.

A client starts it before each call of a tool, so it imports almost nothing (bench/hook.py measures it).
"""

import gc
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from catalog.hook.decide import Sessions, State, decide
from catalog.hook.dialects import BLOCKING, DIALECTS, Dialect, read_json
from catalog.hook.options import Options, read_options
from catalog.hook.request import Answer, Refusal, Request
from catalog.policy.clientnames import Unknown, shown
from catalog.policy.document import PolicyFileError, read_policies

if TYPE_CHECKING:
    from datetime import datetime

    from catalog.counters.base import Counters
    from catalog.hook.sessions import SqliteSessions
    from catalog.policy.model import Policy

LARGEST_REQUEST = 8 * 1024 * 1024
"""Bytes that a request may have; a larger one is denied unread."""

SECONDS = 10
"""After so long the program gives up and denies; clients let a call through when they have to give up on a hook."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What the program prints and exits with."""

    stdout: str = ""
    stderr: str = ""
    code: int = 0


def reply(arguments: Sequence[str], stdin: BinaryIO | None) -> Reply:
    """Return the reply to one request. Raises nothing."""
    dialect: Dialect | None = None
    try:
        options = read_options(arguments)
        dialect = DIALECTS[options.dialect]
        answer = _answer(options, dialect, stdin)
        return Reply(stdout="" if answer is None else dialect.write(answer))
    except Refusal as error:
        return _failed(dialect, str(error))
    except Exception as error:  # noqa: BLE001  # a client makes the call when its hook breaks, so nothing may get out
        return _failed(dialect, f"{type(error).__name__}: {error}")


def main(arguments: Sequence[str]) -> None:
    """Answer in a process of its own, and leave it."""
    gc.disable()  # nothing lives long enough to be worth looking for
    _give_up_in(SECONDS)
    answered = reply(arguments, None if sys.stdin is None else sys.stdin.buffer)
    _give_up_in(0)  # half an answer would be worse than a late one
    for stream, text in ((sys.stdout, answered.stdout), (sys.stderr, answered.stderr)):
        if text:
            stream.write(text + "\n")
            stream.flush()
    os._exit(answered.code)  # all is written and closed; to tear the interpreter down would take milliseconds more


def _failed(dialect: Dialect | None, why: str) -> Reply:
    """Deny in every way that the client knows: by what is printed and by the exit code."""
    reason = f"catalog hook: {why}".encode("ascii", "backslashreplace").decode()
    if dialect is None:
        return Reply(stderr=reason, code=BLOCKING)
    return Reply(stdout=dialect.write(Answer(word="deny", reason=reason)), stderr=reason, code=dialect.failed)


def _give_up_in(seconds: int) -> None:
    """Have a late decision become a denial; 0 lets it take its time."""
    import signal

    if hasattr(signal, "SIGALRM"):
        signal.signal(signal.SIGALRM, _too_late)
        signal.alarm(seconds)


def _too_late(_: int, __: object) -> None:
    raise Refusal(f"there was no decision within {SECONDS} seconds")


def _answer(options: Options, dialect: Dialect, stdin: BinaryIO | None) -> Answer | None:
    if stdin is None:
        raise Refusal("there is nothing to read a request from")
    sent = stdin.read(LARGEST_REQUEST + 1)
    if len(sent) > LARGEST_REQUEST:
        raise Refusal(f"what the client sent is larger than {LARGEST_REQUEST} bytes")
    request = dialect.read(read_json(sent))
    if request is None:
        return None
    policies = _policies(options.policy)
    found = dialect.find(request, policies)
    if isinstance(found, Unknown):
        answer = Answer(word="deny", reason=found.reason)
    else:
        kept = _Kept(options)
        state = State(counters=kept.counters, sessions=kept.sessions, now=_now)
        try:
            answer = decide(found, request, policies, state, can_ask=dialect.asks or options.client_asks)
        finally:
            kept.close()
    if options.log is not None:
        _log(options, request, answer)
    return answer


def _policies(path: str) -> "Mapping[str, Policy]":
    try:
        with open(path, "rb") as file:  # noqa: PTH123  # pathlib takes 15 ms to import
            return read_policies(file.read())
    except OSError as error:
        raise Refusal(f"cannot read the policy file {shown(path)}: {error.strerror}") from error
    except PolicyFileError as error:
        raise Refusal(f"the policy file {shown(path)} cannot be used: {error}") from error


class _Kept:
    """What is kept between calls, in one file; each part is opened when it is first asked for."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._counters: Counters | None = None
        self._sessions: SqliteSessions | None = None

    def counters(self) -> "Counters":
        from catalog.counters.sqlite import SqliteCounters  # only calls that are counted wait for it

        self._counters = self._counters or SqliteCounters(self._path())
        return self._counters

    def sessions(self) -> Sessions:
        from catalog.hook.sessions import SqliteSessions  # only policies that know taint wait for it

        self._sessions = self._sessions or SqliteSessions(self._path(), self._options.dialect)
        return self._sessions

    def close(self) -> None:
        for one in (self._counters, self._sessions):
            if one is not None:
                one.close()

    def _path(self) -> str:
        from catalog.hook.place import default_state

        return self._options.state or default_state()


def _now() -> "datetime":
    from datetime import UTC, datetime

    return datetime.now(UTC)


def _log(options: Options, request: Request, answer: Answer) -> None:
    """Append what was decided and why, without the arguments. Raises: OSError, and then the call is denied."""
    import json

    line = {
        "at": _now().isoformat(timespec="milliseconds"),
        "client": options.dialect,
        "session": request.session,
        "name": request.name,
        "server": answer.server or request.server,
        "tool": answer.tool,
        "answer": answer.word,
        "reason": answer.reason,
    }
    with open(options.log or "", "a", encoding="ascii") as file:  # noqa: PTH123
        file.write(json.dumps(line) + "\n")
