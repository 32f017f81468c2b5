"""Run calls through the reference evaluator as a gateway would meet them: counted, and in sessions that get tainted."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from catalog.counters.base import Counters, of_session
from catalog.errors import InputError
from catalog.policy.evaluate import Ruling
from catalog.policy.least import LoggedCall, ruling
from catalog.policy.model import REFUSING, Decision, Policy
from catalog.policy.reason import rate


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulated:
    """What becomes of a call."""

    asked: LoggedCall
    time: datetime
    decision: Decision
    reason: str
    ruling: Ruling


def simulate(policy: Policy, calls: Iterable[LoggedCall], counters: Counters, start: datetime) -> Iterator[Simulated]:
    """Yield what becomes of each call, in order. What wants approval counts as approved; so does its taint.

    Raises: InputError where a call is earlier than the one before it, or its time is none.
    """
    now, first, tainted = start, True, set[str]()
    for number, asked in enumerate(calls, start=1):
        if asked.time is not None:
            at = _moment(asked)
            if at < now and not first:
                raise InputError(f"call {number} is at {at.isoformat()}, before the call above it; sort by time")
            now, first = at, False
        said = ruling(policy, asked, tainted=asked.session in tainted)
        decision, reason = said.decision, said.reason
        if decision not in REFUSING and said.charges:
            charges = [of_session(charge, asked.session) for charge in said.charges]
            full = counters.charge(policy.server, charges, now)
            if full is not None:
                decision, reason = Decision.DENY, f"the limit is reached: {rate(full.limit)}"
        if decision not in REFUSING and said.taints:
            tainted.add(asked.session)
        yield Simulated(asked=asked, time=now, decision=decision, reason=reason, ruling=said)


def _moment(asked: LoggedCall) -> datetime:
    value = asked.time
    try:
        if isinstance(value, int | float) and not isinstance(value, bool):
            return datetime.fromtimestamp(value, UTC)
        if isinstance(value, str):
            read = datetime.fromisoformat(value)
            return read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        pass  # told below
    wanted = "2026-01-31T12:00:00Z, or seconds since 1970"
    raise InputError(f"line {asked.line}: time must be like {wanted}, not {value!r}")
