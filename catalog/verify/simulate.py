"""Run calls through the reference evaluator as a gateway would meet them: counted, and in sessions that get tainted."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from catalog.counters.base import Counters, of_session
from catalog.errors import InputError
from catalog.policy.evaluate import Ruling, rule_on
from catalog.policy.model import REFUSING, Decision, Policy
from catalog.policy.reason import rate


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One call to simulate."""

    tool: str
    arguments: Mapping[str, object]
    server: str | None = None
    time: datetime | None = None
    """None: when the call before it was made."""
    session: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulated:
    """What becomes of a call."""

    asked: Asked
    time: datetime
    decision: Decision
    reason: str
    ruling: Ruling


def simulate(policy: Policy, calls: Iterable[Asked], counters: Counters, start: datetime) -> Iterator[Simulated]:
    """Yield what becomes of each call, in order. What wants approval counts as approved; so does its taint.

    Raises: InputError where a call is earlier than the one before it.
    """
    now, first, tainted = start, True, set[str]()
    for number, asked in enumerate(calls, start=1):
        if asked.time is not None:
            if asked.time < now and not first:
                raise InputError(
                    f"call {number} is at {asked.time.isoformat()}, before the call above it; sort by time"
                )
            now = asked.time
        first = first and asked.time is None
        ruling = rule_on(policy, asked.tool, asked.arguments, tainted=asked.session in tainted)
        decision, reason = ruling.decision, ruling.reason
        if decision not in REFUSING and ruling.charges:
            charges = [of_session(charge, asked.session) for charge in ruling.charges]
            full = counters.charge(policy.server, charges, now)
            if full is not None:
                decision, reason = Decision.DENY, f"the limit is reached: {rate(full.limit)}"
        if decision not in REFUSING and ruling.taints:
            tainted.add(asked.session)
        yield Simulated(asked=asked, time=now, decision=decision, reason=reason, ruling=ruling)


def read_calls(text: str, name: str) -> tuple[Asked, ...]:
    """Return the calls of a JSON lines file: ``tool`` and ``arguments``; ``time``, ``session`` and ``server`` if known.

    A gateway's audit log can be read, too, where it holds arguments; its lines on other methods are passed over.
    Raises: InputError naming the line that is no call.
    """
    lines = ((number, line) for number, line in enumerate(text.split("\n"), start=1) if line.strip())
    return tuple(call for number, line in lines if (call := _call(line, f"{name!r}, line {number}")) is not None)


def _call(line: str, where: str) -> Asked | None:
    try:
        data = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{where}: no JSON: {error}") from error
    if not isinstance(data, dict):
        raise InputError(f"{where}: must be an object with tool and arguments")
    if data.get("method", "tools/call") != "tools/call":
        return None
    arguments = data.get("arguments", {})
    texts = [data.get("tool"), data.get("session", ""), data.get("server", "")]
    if not all(isinstance(text, str) for text in texts) or not isinstance(arguments, dict):
        raise InputError(f"{where}: tool, session and server must be text, arguments an object")
    return Asked(
        tool=data["tool"],
        arguments=arguments,
        server=data.get("server"),
        time=_time(data["time"], where) if "time" in data else None,
        session=data.get("session", ""),
    )


def _time(value: object, where: str) -> datetime:
    try:
        if isinstance(value, int | float) and not isinstance(value, bool):
            return datetime.fromtimestamp(value, UTC)
        if isinstance(value, str):
            read = datetime.fromisoformat(value)
            return read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        pass
    raise InputError(f"{where}: time must be like 2026-01-31T12:00:00Z, or seconds since 1970, not {value!r}")
