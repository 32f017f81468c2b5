"""Crawls that began and ended: one that was killed goes on where it was."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, insert, select, update

from catalog.store.tables import CRAWL, OBSERVATION, SERVER

# What a crawl saw longer ago is not a part of today's.
RESUMED_FOR = timedelta(days=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class CrawlProgress:
    """A crawl and how far it is."""

    id: int
    started_at: datetime
    done: frozenset[str]
    """Slugs of the servers that it has looked at; empty for a new one."""


def begin(connection: Connection, request: str, now: datetime, *, fresh: bool) -> CrawlProgress:
    """Return the newest unfinished crawl of this request, or a new one."""
    unfinished = (
        select(CRAWL.c.id, CRAWL.c.started_at)
        .where(CRAWL.c.request == request, CRAWL.c.finished_at.is_(None), CRAWL.c.started_at > now - RESUMED_FOR)
        .order_by(CRAWL.c.id.desc())
        .limit(1)
    )
    if not fresh and (found := connection.execute(unfinished).first()) is not None:
        done = select(SERVER.c.slug).join(OBSERVATION, OBSERVATION.c.server_id == SERVER.c.id)
        slugs = connection.execute(done.where(OBSERVATION.c.crawl == found.id)).scalars()
        return CrawlProgress(id=found.id, started_at=found.started_at, done=frozenset(slugs))
    made = insert(CRAWL).values(request=request, started_at=now, finished_at=None).returning(CRAWL.c.id)
    return CrawlProgress(id=connection.execute(made).scalar_one(), started_at=now, done=frozenset())


def end(connection: Connection, crawl: int, now: datetime) -> None:
    """Mark ``crawl`` as finished."""
    connection.execute(update(CRAWL).where(CRAWL.c.id == crawl).values(finished_at=now))
