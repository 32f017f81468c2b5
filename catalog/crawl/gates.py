"""How much happens at a time: installs and runs are bounded apart, so one server installs while another runs."""

import asyncio
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Gates:
    """Semaphores that all servers of a crawl share."""

    installs: asyncio.Semaphore
    """Package clients: they wait for the network, unpack and link."""
    runs: asyncio.Semaphore
    """Sandboxed servers: they use a processor each while they start."""

    @classmethod
    def of(cls, jobs: int) -> "Gates":
        """Return gates that let ``jobs`` installs and ``jobs`` runs through at a time."""
        return cls(asyncio.Semaphore(jobs), asyncio.Semaphore(jobs))
