"""What a place for counters is, and the calendar windows that it counts in."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from catalog.policy.evaluate import Charge
from catalog.policy.model import Window


class CountersUnavailable(Exception):
    """Counters can be neither read nor written, so no call that must be counted may pass; says why."""


class Counters(Protocol):
    """Counts calls; every method is one transaction."""

    def charge(self, owner: str, charges: Sequence[Charge], now: datetime) -> Charge | None:
        """Count a call where every charge fits, and return None; else count nothing and return one that does not fit.

        ``owner`` keeps the counters of servers apart. ``now`` is in UTC. Raises: CountersUnavailable.
        """
        ...

    def refund(self, owner: str, charges: Sequence[Charge], charged_at: datetime) -> None:
        """Take back what a call that never reached its server was charged. Raises: CountersUnavailable."""
        ...

    def close(self) -> None:
        """Give back what the counters hold open."""
        ...


def window_start(window: Window, now: datetime) -> int:
    """Return when the calendar window that ``now`` (UTC) lies in began, in seconds since 1970."""
    seconds = int(now.timestamp())
    return seconds - seconds % SECONDS[window]


SECONDS = {"minute": 60, "hour": 3_600, "day": 86_400}
"""The length of each window. Days are 86,400 s in Unix time, so they begin at midnight UTC."""


def of_session(charge: Charge, session: str) -> Charge:
    """Return the charge on the counter that it is for: a session's own where the limit is the session's."""
    return replace(charge, counter=f"{session}\n{charge.counter}") if charge.limit.scope == "session" else charge
