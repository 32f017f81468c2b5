"""A worker: takes jobs from the queue until it is told to stop, and takes over what dead workers left.

Procrastinate fetches, runs and ends the jobs and gives signs of life. A worker that cannot go on (no sandbox, no
database) stops with that error, so that whoever started it notices; its jobs go back into the queue.
"""

import asyncio
import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from procrastinate import App, PsycopgConnector
from procrastinate.exceptions import ConnectorException
from procrastinate.job_context import JobContext
from procrastinate.jobs import Job
from procrastinate.retry import BaseRetryStrategy, RetryDecision
from procrastinate.worker import Worker as JobRunner

from catalog.crawl.jobs.filling import fill_due
from catalog.crawl.jobs.policy import KEPT_HOURS
from catalog.crawl.jobs.tasks import GivenUp, TryAgain, Work, look_at
from catalog.errors import CatalogError, StoreError
from catalog.store.backlog import LOOK, QUEUE

# The queue of the jobs that look after the queue itself; nobody counts or waits for them.
UPKEEP = "catalog.upkeep"

# When jobs that ended long ago are forgotten: hourly, at an odd minute.
FORGET_CRON = "17 * * * *"

# Connections of one worker to the database besides the store's own; one more listens for new jobs.
MOST_CONNECTIONS = 4

# Seconds to wait for a database that does not answer, or for one of the worker's connections to it.
CONNECT_TIMEOUT = 10

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recrawl:
    """When servers are looked at again that were last looked at too long ago."""

    cron: str
    """For example ``0 3 * * *``: every night at three, UTC."""
    max_age: timedelta


class Worker:
    """One worker on one database."""

    def __init__(self, url: str, work: Work, *, jobs: int = 1, name: str = "worker", recrawl: Recrawl | None = None):
        """Prepare a worker on the PostgreSQL database at an SQLAlchemy URL; it looks at ``jobs`` servers at a time."""
        self._work = work
        self._trouble: CatalogError | None = None
        self._asked = False
        self._handed_back: list[int] = []
        self._app = App(
            connector=PsycopgConnector(
                conninfo=url.replace("postgresql+psycopg://", "postgresql://", 1),
                kwargs={"connect_timeout": CONNECT_TIMEOUT},
                timeout=CONNECT_TIMEOUT,
                min_size=1,
                max_size=MOST_CONNECTIONS,
            )
        )
        self._add_tasks(recrawl)
        policy = work.policy
        self._runner = JobRunner(
            app=self._app,
            queues=[UPKEEP, QUEUE],
            name=name,
            concurrency=jobs,
            fetch_job_polling_interval=policy.poll_seconds,
            shutdown_graceful_timeout=policy.grace_seconds,
            install_signal_handlers=False,
            update_heartbeat_interval=policy.heartbeat_seconds,
            stalled_worker_timeout=policy.stalled_seconds,
        )

    async def run(self, *, until_empty: bool = False) -> None:
        """Work until ``stop`` is called; with ``until_empty`` until no server waits, now or later, and no job runs.

        Raises: CatalogError where it cannot go on; nothing that was recorded is lost.
        """
        with _quiet():
            async with self._app.open_async():
                upkeep = asyncio.create_task(self._look_after(until_empty=until_empty))
                try:
                    if not self._asked:
                        await self._runner.run()  # type: ignore[no-untyped-call]  # its annotations are missing
                except ConnectorException as error:
                    self._fail(_lost(error))
                finally:
                    upkeep.cancel()
                    with suppress(asyncio.CancelledError):
                        await upkeep
            if self._handed_back:
                self._work.backlog.forgive(self._handed_back)
        if self._trouble is not None:
            raise self._trouble
        if not self._asked:
            raise _lost(None)

    def stop(self) -> None:
        """Take no further job; what runs may end within the grace, and is handed back after it."""
        self._asked = True
        self._runner.stop()  # type: ignore[no-untyped-call]  # as above

    def _fail(self, trouble: CatalogError) -> None:
        self._trouble = self._trouble or trouble
        self.stop()

    def _add_tasks(self, recrawl: Recrawl | None) -> None:
        @self._app.task(name=LOOK, queue=QUEUE, pass_context=True, retry=_Retry(self._handed_back))
        async def look(context: JobContext, *, job: str, since: float) -> None:
            try:
                await look_at(self._work, job, since=since, attempts=context.job.attempts)
            except CatalogError as error:
                self._fail(error)
                raise

        @self._app.task(name="catalog.recrawl", queue=UPKEEP)
        async def again(timestamp: int, max_age_seconds: float) -> None:
            del timestamp
            await asyncio.to_thread(fill_due, self._work.backlog, timedelta(seconds=max_age_seconds))

        @self._app.periodic(cron=FORGET_CRON)
        @self._app.task(name="catalog.forget", queue=UPKEEP)
        async def forget(timestamp: int) -> None:
            del timestamp
            await self._app.job_manager.delete_old_jobs(
                nb_hours=KEPT_HOURS, include_failed=True, include_cancelled=True, include_aborted=True
            )

        if recrawl is not None:
            seconds = recrawl.max_age.total_seconds()
            self._app.periodic(cron=recrawl.cron, task_kwargs={"max_age_seconds": seconds})(again)

    async def _look_after(self, *, until_empty: bool) -> None:
        """Take over the jobs of dead workers, and stop this worker when there is nothing more to do."""
        backlog, policy = self._work.backlog, self._work.policy
        try:
            while True:
                if rescued := await asyncio.to_thread(backlog.rescue, policy.stalled_seconds):
                    logger.warning("%d jobs are taken over from workers that died", len(rescued))
                if until_empty and await asyncio.to_thread(backlog.is_empty):
                    return self.stop()
                await asyncio.sleep(policy.poll_seconds)
        except StoreError as error:
            self._fail(error)


class _Retry(BaseRetryStrategy):
    """Says which jobs go back into the queue, and remembers those that this worker hands back unfinished."""

    def __init__(self, handed_back: list[int]) -> None:
        self._handed_back = handed_back

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        """Return when ``job`` is run again, or None: it has failed."""
        if isinstance(exception, TryAgain):
            return RetryDecision(retry_at=exception.at)
        if isinstance(exception, asyncio.CancelledError | CatalogError):
            if job.id is not None:
                self._handed_back.append(job.id)
            return RetryDecision(retry_at=datetime.now(UTC))
        if not isinstance(exception, GivenUp):
            logger.error("Job %s of the queue has failed", job.id, exc_info=exception)
        return None


def _lost(error: ConnectorException | None) -> StoreError:
    said = "" if error is None else f" ({' '.join(str(error.__cause__ or error).split())[:300]})"
    return StoreError(
        f"the worker has lost its database{said}: check that the server runs, then start the worker again; "
        "its jobs are taken over by then"
    )


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep Procrastinate's log silent: it repeats a job's arguments, which are others' text; trouble is told by us."""
    log = logging.getLogger("procrastinate")
    before = log.level
    log.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        log.setLevel(before)
