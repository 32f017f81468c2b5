"""Put servers into the queue."""

import logging
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from catalog.crawl.jobs.job import JobError, entrant
from catalog.errors import UsageError
from catalog.model import ServerRef
from catalog.store.backlog import Backlog, Filled

logger = logging.getLogger(__name__)


def fill(backlog: Backlog, servers: Iterable[ServerRef], *, priority: int = 0) -> Filled:
    """Let ``servers`` wait to be looked at, those of a higher ``priority`` first; doing it twice adds nothing.

    Raises: UsageError for a server that fits into no job, before anything is added; StoreError.
    """
    try:
        entrants = [entrant(server) for server in servers]
    except JobError as error:
        raise UsageError(f"cannot be queued: {error}") from error
    return backlog.fill(entrants, priority)


def fill_due(backlog: Backlog, max_age: timedelta) -> Filled:
    """Let every server wait that was last looked at longer than ``max_age`` ago. Raises: StoreError."""
    entrants = []
    for server in backlog.due(datetime.now(UTC) - max_age):
        try:
            entrants.append(entrant(server))
        except JobError as error:
            logger.warning("A server is not looked at again: %s", error)
    return backlog.fill(entrants)
