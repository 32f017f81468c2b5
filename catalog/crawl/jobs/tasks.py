"""What a worker does with one job: look, record, and say whether the server is to be tried again.

One job records one observation, before it ends. A worker that dies in between leaves a job that runs again, finds what
was recorded, and is done.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from catalog.crawl.crawler import Record
from catalog.crawl.events import Observed, Sink, silent
from catalog.crawl.jobs.job import decode
from catalog.crawl.jobs.policy import Policy, may_pass
from catalog.model import NotListed, Observation, Reason, ServerRef
from catalog.store.backlog import Backlog
from catalog.target import Target

Look = Callable[[Target], Awaitable[Observation]]
"""Looks at one server and says what was seen. Raises CatalogError only where this machine can look at no server."""


class TryAgain(Exception):
    """The outcome may pass by itself: look again ``at`` that time."""

    def __init__(self, at: datetime) -> None:
        super().__init__(f"again at {at.isoformat()}")
        self.at = at


class GivenUp(Exception):
    """The last try had no lasting outcome; it is recorded, and ``catalog queue retry`` tries anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What a worker works with."""

    backlog: Backlog
    look: Look
    record: Record
    sink: Sink = silent
    policy: Policy = field(default_factory=Policy)


async def look_at(work: Work, text: str, *, since: float, attempts: int) -> None:
    """Do the job that ``text`` says, which waits ``since`` then (Unix time), after ``attempts`` earlier tries.

    Raises: JobError for a text that is none of ours; TryAgain; GivenUp; CatalogError where this machine cannot go on.
    """
    server = decode(text)
    if attempts:
        queued_at = datetime.fromtimestamp(since, UTC)
        if await asyncio.to_thread(work.backlog.seen_since, server.slug, queued_at):
            return
    if attempts >= work.policy.tries:
        _record(work, _died_of(server, attempts))
        raise GivenUp
    observation = await work.look(Target(server=server))
    passing = may_pass(observation)
    again = work.policy.next_try(attempts) if passing else None
    if again is not None:
        raise TryAgain(again)
    _record(work, observation)
    if passing:
        raise GivenUp


def _record(work: Work, observation: Observation) -> None:
    # In this thread and at once: a worker that is told to stop cannot hand the job back in the middle.
    work.sink(Observed(observation=observation, changes=work.record(observation)))


def _died_of(server: ServerRef, attempts: int) -> Observation:
    now = datetime.now(UTC)
    return Observation(
        server=server,
        started_at=now,
        finished_at=now,
        outcome=NotListed(
            reason=Reason.CRASHED,
            detail=f"no outcome in {attempts} tries; in the last one the worker died while it looked at the server",
            hint="look at it alone, on a machine that may fail (catalog sync), then catalog queue retry",
        ),
    )
