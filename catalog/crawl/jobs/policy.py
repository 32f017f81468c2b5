"""How long a worker waits for what, how often a server is tried, and which outcomes may pass by themselves."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from catalog.model import NotListed, Observation, Reason

# Hours that ended jobs are kept to be counted; what was seen is kept in the store for good.
KEPT_HOURS = 72

# How much longer the wait before each further try is.
_BACKOFF_FACTOR = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """A worker's bounds; all times in seconds."""

    tries: int = 3
    """How often a server is looked at while its outcome may pass, or while its worker dies of it."""
    backoff_seconds: float = 60.0
    """Until the second try: an index that fails is often back in a minute. Each further wait is four times as long."""
    heartbeat_seconds: float = 10.0
    """Between two signs of life in the database."""
    stalled_seconds: float = 60.0
    """Without a sign of life after which a worker counts as dead: long against a stall of the database, short against
    the minutes that a server may take."""
    poll_seconds: float = 5.0
    """Between two looks for jobs whose time has come and for workers that died; new jobs are announced at once."""
    grace_seconds: float = 60.0
    """That running jobs get to finish after SIGTERM or SIGINT; then they are handed back."""

    def next_try(self, attempts: int) -> datetime | None:
        """Return when a server is tried again after ``attempts`` earlier tries and this one, or None: not again."""
        if attempts + 1 >= self.tries:
            return None
        return datetime.now(UTC) + timedelta(seconds=self.backoff_seconds * _BACKOFF_FACTOR**attempts)


def may_pass(observation: Observation) -> bool:
    """Say whether the next try may end better although nobody does anything: unreachable, or out of time."""
    outcome = observation.outcome
    return isinstance(outcome, NotListed) and outcome.reason in (Reason.TIMED_OUT, Reason.UNREACHABLE)
