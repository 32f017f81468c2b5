"""Whether a server need not be looked at: nothing about it can have changed since it was last seen. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from catalog.origin import Bundle, Package
from catalog.target import Target
from catalog.view import ServerRow

# What could not be listed may be listed tomorrow: a mirror catches up, Catalog learns, a newer Python is installed.
FAILURES_LAST = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Freshness:
    """What the user wants to have looked at anew."""

    fresh: bool = False
    """Everything."""
    max_age: timedelta | None = None
    """All that was seen longer ago, and nothing that was seen since."""


def need_not_look(
    target: Target, last: ServerRow | None, newest: str | None, wanted: Freshness, now: datetime
) -> str | None:
    """Return why ``target`` need not be looked at, or None.

    Args:
        target: The server; one that gets values of the user's is always looked at, since they may change its list.
        last: The server as last known.
        newest: The version of its package that the registry serves now; None where that is not known.
        wanted: What the user said.
        now: UTC. A last look in the future, by a clock that jumped, counts as none.
    """
    if wanted.fresh or last is None or last.origin != target.server.origin or target.environment or target.headers:
        return None
    age = now - last.latest.finished_at
    if age < timedelta(0):
        return None
    if wanted.max_age is not None:
        return f"seen {last.latest.finished_at:%Y-%m-%d %H:%M} UTC" if age < wanted.max_age else None
    if not last.latest.listed and age > FAILURES_LAST:
        return None
    origin = target.server.origin
    if isinstance(origin, Bundle):
        same = origin.sha256 is not None
    else:
        same = isinstance(origin, Package) and last.latest.version is not None and newest == last.latest.version
    if not same:
        return None
    return f"{last.latest.version} is unchanged" if last.latest.version else "unchanged"
