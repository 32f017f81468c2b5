"""Look at many servers, a few at a time; what was seen is stored as soon as it is seen."""

import asyncio
import logging
import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from catalog.crawl.events import Observed, Sink
from catalog.crawl.ladder import Ladder, Parts
from catalog.errors import CatalogError
from catalog.model import NotListed, Observation, Reason, ServerRef

# No server is looked at for an hour: what is a day old was left by a crawl that was killed.
LEFT_OVER_SECONDS = 24 * 3600.0

logger = logging.getLogger(__name__)


async def crawl(
    servers: Sequence[ServerRef],
    parts: Parts,
    *,
    environment: Mapping[str, str],
    record: Callable[[Observation], None],
    sink: Sink,
    concurrency: int,
) -> list[Observation]:
    """Look at ``servers`` and return the observations in the order of ``servers``; each one is recorded at once.

    Raises: CatalogError (no sandbox, no database); everything recorded before stays.
    """
    gate = asyncio.Semaphore(concurrency)
    await asyncio.to_thread(sweep, parts.work)

    async def look(server: ServerRef) -> Observation:
        ladder = Ladder(parts, server, environment, sink)
        try:
            async with gate:
                observation = await _isolated(ladder, server, parts)
                # Storing takes milliseconds; in this thread, so that an SQLite connection stays with its own.
                record(observation)
                sink(Observed(observation=observation))
        finally:
            await ladder.discard()
        return observation

    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(look(server)) for server in servers]
    except ExceptionGroup as failures:
        raise failures.exceptions[0] from failures
    return [task.result() for task in tasks]


def sweep(work: Path) -> None:
    """Delete what a killed crawl left in the folder for packages; a running one touches nothing that is older."""
    oldest = time.time() - LEFT_OVER_SECONDS
    for folder in work.iterdir() if work.is_dir() else ():
        if folder.is_dir() and not folder.is_symlink() and folder.stat().st_mtime < oldest:
            shutil.rmtree(folder, ignore_errors=True)


async def _isolated(ladder: Ladder, server: ServerRef, parts: Parts) -> Observation:
    """Look at one server; a mistake of ours on it must not stop the crawl."""
    started = datetime.now(UTC)
    try:
        return await ladder.climb()
    except CatalogError:
        raise
    except OSError as error:
        return _failed(server, parts, started, f"{type(error).__name__}: {error}", "free disk space or permissions")
    except Exception:  # the one place that isolates a server
        logger.exception("Failed to look at %s", server.slug)
        return _failed(server, parts, started, "an error in Catalog itself; see the log", "report it, with the log")


def _failed(server: ServerRef, parts: Parts, started: datetime, detail: str, hint: str) -> Observation:
    return Observation(
        server=server,
        started_at=started,
        finished_at=datetime.now(UTC),
        outcome=NotListed(reason=Reason.CRASHED, detail=detail, hint=hint),
        sandbox=parts.sandbox.name,
    )
