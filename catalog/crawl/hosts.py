"""Be polite to each host: one conversation at a time, and some time between two requests."""

import asyncio
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

# Seconds between the starts of two requests to one host; the registry's largest host has thousands of servers.
INTERVAL_SECONDS = 0.6


class Hosts:
    """What is remembered of the hosts of one crawl; belongs to one event loop."""

    def __init__(
        self,
        interval: float = INTERVAL_SECONDS,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._interval = interval
        self._clock = clock
        self._sleep = sleep
        self._busy: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._free: dict[str, float] = {}
        """When the next request may start, by the clock."""

    @asynccontextmanager
    async def visit(self, host: str) -> AsyncIterator[None]:
        """Have the host for one conversation; others wait for the end of it."""
        async with self._busy[host]:
            yield

    async def turn(self, host: str) -> None:
        """Wait until a request to ``host`` may start. Redirects and metadata lead to hosts that are not visited."""
        now = self._clock()
        start = max(now, self._free.get(host, now))
        self._free[host] = start + self._interval
        if start > now:
            await self._sleep(start - now)

    async def pause(self, seconds: float) -> None:
        """Wait as long as a host asked for."""
        await self._sleep(seconds)
