"""Servers, looks and workers for tests of the queue."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from catalog.crawl.jobs.policy import Policy
from catalog.crawl.jobs.tasks import Work
from catalog.crawl.jobs.worker import Worker
from catalog.model import Listed, NotListed, Observation, Outcome, Reason, ServerRef
from catalog.store.backlog import Backlog
from catalog.store.repository import Store
from catalog.target import Target
from catalog_testing.crawling import run
from catalog_testing.database import execute, rows
from catalog_testing.samples import entry, server_ref

FAST = Policy(backoff_seconds=0, poll_seconds=0.02)
"""A policy that waits for nothing that a test would have to wait for."""

LISTED = Listed(
    server_name="orchard-mcp", server_version="1", protocol_version="2025-11-25", entries=(entry("count_apples"),)
)


def not_listed(reason: Reason, detail: str = "") -> NotListed:
    """Return an outcome without a list."""
    return NotListed(reason=reason, detail=detail, hint="")


def servers(*slugs: str) -> Sequence[ServerRef]:
    """Return servers that differ in name alone."""
    return [server_ref(slug=slug) for slug in slugs]


class Looker:
    """Looks at servers without running any: gives the outcomes that a test chose, and remembers what it was asked."""

    def __init__(self, outcomes: Mapping[str, Sequence[Outcome]] | None = None) -> None:
        self.asked: list[str] = []
        self._outcomes = {slug: list(some) for slug, some in (outcomes or {}).items()}

    async def __call__(self, target: Target) -> Observation:
        """Return the next outcome of the target's server, or LISTED."""
        self.asked.append(target.server.slug)
        left = self._outcomes.get(target.server.slug)
        return seen(target.server, left.pop(0) if left else LISTED)


def seen(server: ServerRef, outcome: Outcome = LISTED) -> Observation:
    """Return an attempt on ``server`` that was made just now."""
    now = datetime.now(UTC)
    return Observation(server=server, started_at=now, finished_at=now, outcome=outcome)


def new_worker(url: str, backlog: Backlog, store: Store, look: Any, *, policy: Policy = FAST, **more: Any) -> Worker:
    """Return a worker that records in ``store`` what ``look`` sees."""
    return Worker(url, Work(backlog=backlog, look=look, record=store.record, policy=policy), **more)


def work_until_empty(url: str, backlog: Backlog, store: Store, look: Any, *, workers: int = 1, **more: Any) -> None:
    """Let workers do all there is to do."""

    async def together() -> None:
        async with asyncio.TaskGroup() as group:
            for _ in range(workers):
                group.create_task(new_worker(url, backlog, store, look, **more).run(until_empty=True))

    run(together())


def abandon(url: str) -> None:
    """Take the next job as a worker does that was killed an hour ago."""
    execute(
        url,
        "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '1 hour')",
        "SELECT procrastinate_fetch_job_v2(NULL, (SELECT max(id) FROM procrastinate_workers))",
    )


def outcomes(url: str) -> dict[str, list[str]]:
    """Return what is stored: the outcomes or reasons of each server, in the order of recording."""
    found: dict[str, list[str]] = {}
    query = "SELECT slug, coalesce(reason, outcome) FROM observation o JOIN server s ON s.id = server_id ORDER BY o.id"
    for slug, outcome in rows(url, query):
        found.setdefault(slug, []).append(outcome)
    return found


async def until(is_so: Callable[[], bool]) -> None:
    """Return when ``is_so``; the caller's deadline ends the wait where it never is."""
    while not await asyncio.to_thread(is_so):
        pass
