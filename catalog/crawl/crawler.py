"""Look at many servers, a few at a time; what was seen is stored as soon as it is seen.

Targets come as a stream and are taken in as room is made, so a registry of any size needs no memory. One task group
owns everything that runs; a server that fails in a way nobody foresaw is isolated in exactly one place.
"""

import asyncio
import errno
import logging
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Iterable
from datetime import UTC, datetime
from typing import Protocol

from tenacity import AsyncRetrying, RetryCallState, retry_if_result, stop_after_attempt, wait_exponential_jitter

from catalog.crawl.events import Observed, PassedOver, Planned, Retried, Sink
from catalog.errors import CatalogError
from catalog.model import Changes, NotListed, Observation, Reason
from catalog.target import Target

# Looks at a server whose trouble may pass: now, and after some seconds. Package clients try again by themselves, too.
MOST_LOOKS = 2
FIRST_PAUSE = 2.0
LONGEST_PAUSE = 60.0

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)

logger = logging.getLogger(__name__)


class Look(Protocol):
    """Looks at one server."""

    async def __call__(self, target: Target, sink: Sink) -> Observation:
        """Return what was seen. Raises: CatalogError where no server can be looked at (no sandbox)."""
        ...


Record = Callable[[Observation], Changes]

Skim = Callable[[Target], Awaitable[str | None]]
"""Says why a server need not be looked at, or None."""

Pause = Callable[[float], Awaitable[None]]


async def crawl(
    targets: Iterable[Target] | AsyncIterable[Target],
    look: Look,
    *,
    record: Record,
    sink: Sink,
    concurrency: int,
    skim: Skim | None = None,
    pause: Pause = asyncio.sleep,
) -> None:
    """Look at ``targets``, ``concurrency`` at a time; each observation is recorded and told at once.

    Raises: CatalogError (no sandbox, no database); everything recorded before stays. One of the targets themselves (a
        registry that does not end) is raised when those that came before are done.
    """
    trouble: list[CatalogError] = []
    waiting: asyncio.Queue[Target | None] = asyncio.Queue(maxsize=2 * concurrency)

    async def work() -> None:
        while (target := await waiting.get()) is not None:
            reason = await skim(target) if skim else None
            if reason is not None:
                sink(PassedOver(server=target.server, reason=reason))
                continue
            observation = await _settled(target, look, sink, pause)
            # Storing takes milliseconds; in this thread, so that an SQLite connection stays with its own.
            sink(Observed(observation=observation, changes=record(observation)))

    async def feed() -> None:
        known = 0
        try:
            async for target in _stream(targets):
                known += 1
                if isinstance(targets, AsyncIterable):
                    sink(Planned(servers=known))
                await waiting.put(target)
        except CatalogError as error:
            trouble.append(error)
        for _ in range(concurrency):
            await waiting.put(None)

    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(feed())
            for _ in range(concurrency):
                group.create_task(work())
    except ExceptionGroup as failures:
        raise failures.exceptions[0] from failures
    if trouble:
        raise trouble[0]


async def _stream(targets: Iterable[Target] | AsyncIterable[Target]) -> AsyncIterator[Target]:
    if isinstance(targets, AsyncIterable):
        async for target in targets:
            yield target
    else:
        for target in targets:
            yield target


async def _settled(target: Target, look: Look, sink: Sink, pause: Pause) -> Observation:
    """Return what was seen last: trouble that may pass is waited out, a few times."""

    def tell(state: RetryCallState) -> None:
        seen: Observation | None = state.outcome.result() if state.outcome else None
        if seen is not None and isinstance(seen.outcome, NotListed):
            sink(Retried(server=target.server, after=state.upcoming_sleep, reason=seen.outcome.reason))

    retrying = AsyncRetrying(
        retry=retry_if_result(is_unreachable),
        stop=stop_after_attempt(MOST_LOOKS),
        wait=wait_exponential_jitter(multiplier=FIRST_PAUSE, max=LONGEST_PAUSE),
        sleep=pause,
        before_sleep=tell,
        retry_error_callback=lambda state: state.outcome.result() if state.outcome else None,
    )
    observation: Observation = await retrying(isolated, target, look, sink)
    return observation


def is_unreachable(observation: Observation) -> bool:
    """Say whether a package index or a host could not be reached, which may be over in a moment."""
    outcome = observation.outcome
    return isinstance(outcome, NotListed) and outcome.reason is Reason.UNREACHABLE


async def isolated(target: Target, look: Look, sink: Sink) -> Observation:
    """Look at one server; a mistake of ours on it must not stop the crawl."""
    started = datetime.now(UTC)
    try:
        return await look(target, sink)
    except CatalogError:
        raise
    except OSError as error:
        hint = "free disk space" if error.errno in _FULL else "see whether the cache folder can be read and written"
        return _failed(target, started, f"{type(error).__name__}: {error}", hint)
    except Exception:  # the one place that isolates a server
        logger.exception("Failed to look at %s", target.server.slug)
        return _failed(target, started, "an error in Catalog itself; see the log", "report it, with the log")


def _failed(target: Target, started: datetime, detail: str, hint: str) -> Observation:
    return Observation(
        server=target.server,
        started_at=started,
        finished_at=max(started, datetime.now(UTC)),
        outcome=NotListed(reason=Reason.CRASHED, detail=detail, hint=hint),
    )
