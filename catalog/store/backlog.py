"""The servers that wait to be looked at, on PostgreSQL: many in one statement, where Procrastinate has one for each.

Procrastinate (its tables, its functions, its worker) runs the jobs; here they are added, counted, cancelled and handed
on. No server waits twice, or waits while it runs: whoever adds waiting jobs holds one lock and the rows in question.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import Final, Self

from sqlalchemy import Connection, text

from catalog.errors import UsageError
from catalog.model import ServerRef
from catalog.store import due
from catalog.store.database import Database

QUEUE: Final = "catalog"
"""The queue of jobs that look at a server."""

LOOK: Final = "catalog.look"
"""The task that looks at a server."""

SUSPECTS: Final = "catalog.suspects"
"""The lock of servers whose worker died: one at a time everywhere, so that none brings down its neighbours twice."""

# Minutes over which the rate of ended jobs is counted: long enough for a steady number, short enough to see a stop.
RATE_MINUTES: Final = 5

# Servers that one statement adds: some hundred kilobytes.
_BATCH: Final = 1000

# Servers added at once that change how the database should look for the next job.
_MANY: Final = 100

# Any constant will do: whoever makes Procrastinate's tables, or adds waiting jobs, holds this advisory lock.
_LOCK: Final = 0x7175_6575_65


@dataclass(frozen=True, slots=True, kw_only=True)
class Entrant:
    """A server that is to wait in the queue."""

    slug: str
    text: str
    """What the worker reads (catalog.crawl.jobs.job)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """What filling the queue did."""

    added: int
    present: int
    """Waited or ran already; one that waited has the higher of both priorities now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BacklogStatus:
    """How the queue is doing. Jobs that ended are forgotten after some days (catalog.crawl.jobs.policy)."""

    waiting: int
    later: int
    """Those of ``waiting`` that are tried again at a later time."""
    running: int
    stalled: int
    """Those of ``running`` whose worker is gone or silent; another worker takes them over."""
    done: int
    failed: int
    cancelled: int
    per_minute: float
    """Jobs that ended within the last RATE_MINUTES."""
    oldest: datetime | None
    """When the server that waits longest was added; None where none waits."""
    workers: int
    """Workers that gave a sign of life lately."""


class Backlog:
    """The queue in one PostgreSQL database. Every method may raise StoreError where the database cannot be used."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @classmethod
    def open(cls, url: str, schema: Callable[[], str]) -> Self:
        """Open the queue at an SQLAlchemy URL; make Procrastinate's tables where they are missing.

        Two programs at once make them once. ``schema`` gives the statements that do it, and is asked only then.

        Raises:
            UsageError: the database is not PostgreSQL.
            StoreError: it cannot be reached, or its driver is not installed.
        """
        database = Database(url)
        try:
            if database.is_sqlite:
                raise UsageError(
                    f"the queue needs PostgreSQL, and {database.place} is SQLite: "
                    "catalog --db postgresql://USER@HOST/DATABASE …; on one machine catalog sync needs no queue"
                )
            with database.writing() as connection:
                _hold(connection)
                if connection.execute(text("SELECT to_regclass('procrastinate_jobs')")).scalar() is None:
                    # Several statements, with percent signs that are no parameters.
                    connection.execution_options(no_parameters=True).exec_driver_sql(schema())
        except BaseException:
            database.close()
            raise
        return cls(database)

    def close(self) -> None:
        """Close all connections."""
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def fill(self, entrants: Sequence[Entrant], priority: int = 0) -> Filled:
        """Let servers wait; one that waits or runs already is not added. A higher ``priority`` is looked at first."""
        added = 0
        for first in range(0, len(entrants), _BATCH):
            with self._database.writing() as connection:
                _hold(connection)
                added += _add(connection, entrants[first : first + _BATCH], priority)
        return Filled(added=added, present=len(entrants) - added)

    def status(self, stalled_seconds: float) -> BacklogStatus:
        """Count the jobs; a worker silent for longer than ``stalled_seconds`` counts as dead."""
        with self._database.reading() as connection:
            row = connection.execute(_STATUS, {"task": LOOK, "silent": stalled_seconds, "minutes": RATE_MINUTES}).one()
        counts = row._asdict()
        return BacklogStatus(**counts | {"per_minute": counts["per_minute"] / RATE_MINUTES})

    def is_empty(self) -> bool:
        """Say whether no server waits, now or later, and none is being looked at."""
        with self._database.reading() as connection:
            return not connection.execute(_BUSY, {"queue": QUEUE}).scalar_one()

    def retry(self, slugs: Sequence[str] | None = None) -> int:
        """Let failed jobs wait again, with all their tries; all, or those of ``slugs``. Returns how many."""
        with self._database.writing() as connection:
            _hold(connection)
            return connection.execute(_RETRY, {"task": LOOK, "slugs": _list(slugs)}).rowcount

    def cancel(self, slugs: Sequence[str] | None = None) -> int:
        """Take waiting jobs out, all or those of ``slugs``; what runs goes on. Returns how many."""
        with self._database.writing() as connection:
            _hold(connection)
            return len(connection.execute(_CANCEL, {"task": LOOK, "slugs": _list(slugs)}).all())

    def rescue(self, stalled_seconds: float) -> Sequence[str]:
        """Let jobs wait again whose worker is gone, or silent for longer than ``stalled_seconds``; return their slugs.

        That counts as a try. Of two workers that do this at once, each takes other jobs.
        """
        with self._database.writing() as connection:
            found = connection.execute(_RESCUE, {"task": LOOK, "silent": stalled_seconds, "lock": SUSPECTS})
            return [row.queueing_lock for row in found]

    def forgive(self, jobs: Sequence[int]) -> None:
        """Do not count the last try of ``jobs`` (ids): they were handed back by a worker that was told to stop."""
        with self._database.writing() as connection:
            connection.execute(_FORGIVE, {"jobs": list(jobs)})

    def due(self, before: datetime) -> Sequence[ServerRef]:
        """Return the servers last looked at before ``before`` that any machine can reach, longest ago first."""
        with self._database.reading() as connection:
            return due.due(connection, before)

    def seen_since(self, slug: str, moment: datetime) -> bool:
        """Say whether an attempt on a server that began after ``moment`` is stored."""
        with self._database.reading() as connection:
            return due.seen_since(connection, slug, moment)


def _hold(connection: Connection) -> None:
    connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})


def _list(slugs: Sequence[str] | None) -> list[str] | None:
    return None if slugs is None else list(slugs)


def _add(connection: Connection, entrants: Sequence[Entrant], priority: int) -> int:
    """Add those of ``entrants`` that neither wait nor run; return how many."""
    texts = {entrant.slug: entrant.text for entrant in entrants}
    busy = {row.queueing_lock for row in connection.execute(_HELD, {"slugs": list(texts)})}
    connection.execute(_RAISE, {"slugs": sorted(busy), "priority": priority})
    new = [slug for slug in texts if slug not in busy]
    values = {"queue": QUEUE, "task": LOOK, "priority": priority, "slugs": new, "texts": [texts[slug] for slug in new]}
    added = connection.execute(_INSERT, values).rowcount
    if added >= _MANY:
        # Until autovacuum comes by, the planner takes the table for a short one and compares each job with each: the
        # first of 43,000 jobs took minutes to take instead of milliseconds (docs/scale.md).
        connection.execute(text("ANALYZE procrastinate_jobs"))
    return added


# While these rows are held no worker can take, end or hand back one of them.
_HELD = text("""
    SELECT queueing_lock FROM procrastinate_jobs
     WHERE queueing_lock = ANY(:slugs) AND status IN ('todo', 'doing')
       FOR UPDATE""")

_RAISE = text("""
    UPDATE procrastinate_jobs SET priority = :priority
     WHERE queueing_lock = ANY(:slugs) AND status = 'todo' AND priority < :priority""")

_INSERT = text("""
    INSERT INTO procrastinate_jobs (queue_name, task_name, priority, lock, queueing_lock, args)
    SELECT :queue, :task, :priority, slug, slug, jsonb_build_object('job', job, 'since', extract(epoch FROM now()))
      FROM unnest(CAST(:slugs AS text[]), CAST(:texts AS text[])) AS added(slug, job)""")

_STALLED = """status = 'doing' AND NOT EXISTS (
    SELECT FROM procrastinate_workers worker
     WHERE worker.id = worker_id AND worker.last_heartbeat >= now() - make_interval(secs => :silent))"""

_STATUS = text(f"""
    SELECT count(*) FILTER (WHERE status = 'todo') AS waiting,
           count(*) FILTER (WHERE status = 'todo' AND scheduled_at > now()) AS later,
           count(*) FILTER (WHERE status = 'doing') AS running,
           count(*) FILTER (WHERE {_STALLED}) AS stalled,
           count(*) FILTER (WHERE status = 'succeeded') AS done,
           count(*) FILTER (WHERE status IN ('failed', 'aborted')) AS failed,
           count(*) FILTER (WHERE status = 'cancelled') AS cancelled,
           (SELECT count(*) FROM procrastinate_events event JOIN procrastinate_jobs ended ON ended.id = event.job_id
             WHERE ended.task_name = :task AND event.type IN ('succeeded', 'failed')
               AND event.at > now() - make_interval(mins => :minutes)) AS per_minute,
           (SELECT min(event.at)
              FROM procrastinate_events event JOIN procrastinate_jobs waits ON waits.id = event.job_id
             WHERE waits.task_name = :task AND waits.status = 'todo' AND event.type = 'deferred') AS oldest,
           (SELECT count(*) FROM procrastinate_workers
             WHERE last_heartbeat >= now() - make_interval(secs => :silent)) AS workers
      FROM procrastinate_jobs WHERE task_name = :task""")  # noqa: S608  # put together from constants of this module

_BUSY = text("""
    SELECT EXISTS (SELECT FROM procrastinate_jobs WHERE queue_name = :queue AND status = 'todo')
        OR EXISTS (SELECT FROM procrastinate_jobs WHERE queue_name = :queue AND status = 'doing')""")

# Of several failed jobs of one server the newest; none where the server waits or runs already. What was recorded before
# does not answer the new tries.
_RETRY = text("""
    UPDATE procrastinate_jobs
       SET status = 'todo', attempts = 0, scheduled_at = NULL, lock = queueing_lock,
           args = args || jsonb_build_object('since', extract(epoch FROM now()))
     WHERE id IN (SELECT max(id) FROM procrastinate_jobs
                   WHERE task_name = :task AND (CAST(:slugs AS text[]) IS NULL OR queueing_lock = ANY(:slugs))
                   GROUP BY queueing_lock
                  HAVING bool_and(status NOT IN ('todo', 'doing')))
       AND status IN ('failed', 'aborted')""")

_CANCEL = text("""
    SELECT procrastinate_cancel_job_v1(id, false, false) FROM procrastinate_jobs
     WHERE task_name = :task AND status = 'todo' AND (CAST(:slugs AS text[]) IS NULL OR queueing_lock = ANY(:slugs))""")

_RESCUE = text(f"""
    UPDATE procrastinate_jobs
       SET status = 'todo', attempts = attempts + 1, scheduled_at = NULL, lock = :lock, worker_id = NULL
     WHERE id IN (SELECT id FROM procrastinate_jobs WHERE task_name = :task AND {_STALLED} FOR UPDATE SKIP LOCKED)
    RETURNING queueing_lock""")  # noqa: S608  # put together from constants of this module

_FORGIVE = text("UPDATE procrastinate_jobs SET attempts = greatest(attempts - 1, 0) WHERE id = ANY(:jobs)")
