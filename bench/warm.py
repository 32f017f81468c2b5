"""Measure what a crawl costs beside the bare starts of the same programs, once every package is kept in the cache.

    python bench/warm.py [NUMBER OF PACKAGES]

First each known server is looked at once, which fills the user's own package cache and shows the program that lists its
tools (its environment, arguments and dependencies). Then, interleaved and at the same concurrency: bare starts of those
programs until the tools are listed, and a crawl of the same packages, pinned to the versions found, by ``crawl`` as
``catalog sync --fresh`` calls it, with a real SQLite database. The least of several rounds counts.
"""

import asyncio
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from catalog.crawl.crawler import crawl
from catalog.crawl.events import silent
from catalog.crawl.gates import Gates
from catalog.crawl.ladder import Ladder
from catalog.crawl.look import Looker
from catalog.crawl.parts import Parts
from catalog.crawl.report import Tally
from catalog.crawl.work import own_folder
from catalog.install.bytecode import Bytecode
from catalog.install.cache import PackageCache
from catalog.install.npm import NpmInstaller
from catalog.install.pypi import PypiInstaller
from catalog.install.runtimes import find_uv
from catalog.model import Listed, ServerRef
from catalog.origin import Package
from catalog.probe.base import ProbeLimits
from catalog.probe.listing import list_tools
from catalog.probe.stdio import StdioSession
from catalog.sandbox.base import Limits, Process, Program, Sandbox
from catalog.sandbox.bubblewrap import Bubblewrap
from catalog.settings import load
from catalog.sources.known import load_known_servers
from catalog.store.repository import Store
from catalog.target import Target

PACKAGES = 60
CONCURRENCY = 2
ROUNDS = 3
GOAL = 1.1


class Recorder:
    """A sandbox that remembers the last program that it started."""

    name = "recorder"

    def __init__(self, inner: Sandbox) -> None:
        self.inner = inner
        self.last: Program | None = None
        self.starts = 0

    def place(self, source: Path, target: str) -> str:
        """See ``Sandbox.place``."""
        return self.inner.place(source, target)

    @asynccontextmanager
    async def start(self, program: Program, limits: Limits) -> AsyncIterator[Process]:
        """See ``Sandbox.start``."""
        self.last, self.starts = program, self.starts + 1
        async with self.inner.start(program, limits) as process:
            yield process


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A server whose tools were listed, and how."""

    server: ServerRef
    """Pinned to the version found."""
    program: Program
    starts: int


async def at_most(number: int, work: Sequence[Callable[[], Awaitable[None]]]) -> float:
    """Run ``work`` with ``number`` of it at the same time and return the wall seconds."""
    gate = asyncio.Semaphore(number)

    async def one(job: Callable[[], Awaitable[None]]) -> None:
        async with gate:
            await job()

    began = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for job in work:
            group.create_task(one(job))
    return time.perf_counter() - began


async def look_once(parts: Parts, number: int) -> list[Known]:
    """Fill the cache and return the servers that listed tools."""
    found: list[Known] = []
    packages = [server for server in load_known_servers().servers if isinstance(server.origin, Package)]

    async def look(server: ServerRef) -> None:
        recorder = Recorder(parts.sandbox)
        observation = await Ladder(replace(parts, sandbox=recorder), Target(server=server), silent).climb()
        listed = isinstance(observation.outcome, Listed)
        print(f"{server.slug}: {'listed' if listed else 'not listed'}, {recorder.starts} starts", flush=True)
        if listed and recorder.last is not None and isinstance(server.origin, Package):
            pinned = replace(server, origin=replace(server.origin, version=observation.version))
            found.append(Known(server=pinned, program=recorder.last, starts=recorder.starts))

    await at_most(CONCURRENCY, [lambda server=server: look(server) for server in packages[:number]])
    return found


async def bare_starts(sandbox: Sandbox, known: Sequence[Known]) -> float:
    """Return the seconds of one start of each program until its tools are listed."""

    async def start(program: Program) -> None:
        async with sandbox.start(program, Limits()) as process:
            await list_tools(StdioSession(process, ProbeLimits()), ProbeLimits(), "bench")

    return await at_most(CONCURRENCY, [lambda one=one: start(one.program) for one in known])


async def crawled(parts: Parts, known: Sequence[Known]) -> float:
    """Return the seconds of a crawl into an empty database. Raises: SystemExit where it listed less than before."""
    targets, tally = [Target(server=one.server) for one in known], Tally()
    with tempfile.TemporaryDirectory() as folder, Store.open(f"sqlite:///{folder}/catalog.db") as store:
        began = time.perf_counter()
        await crawl(targets, Looker(parts), record=store.record, sink=tally, concurrency=2 * CONCURRENCY)
        seconds = time.perf_counter() - began
    if tally.outcomes() != {"listed": len(known)}:
        raise SystemExit(f"the crawl did not list all: {dict(tally.outcomes())}")
    return seconds


async def measure(parts: Parts, number: int) -> None:
    """Print what each costs and the goal."""
    began = time.perf_counter()
    known = await look_once(parts, number)
    print(f"first: {number} packages in {time.perf_counter() - began:.0f} s, {len(known)} listed", flush=True)
    bare, ours = [], []
    for round_ in range(ROUNDS + 1):
        # In turn first and second, so that neither is always the one with the warmer machine.
        if round_ % 2:
            crawling, starting = await crawled(parts, known), await bare_starts(parts.sandbox, known)
        else:
            starting, crawling = await bare_starts(parts.sandbox, known), await crawled(parts, known)
        print(f"round {round_}: bare starts {starting:.2f} s, crawl {crawling:.2f} s", flush=True)
        if round_:  # the first one reads the disk
            bare.append(starting)
            ours.append(crawling)
    ratio = min(ours) / min(bare)
    print(f"warm: {len(known)} packages, bare {min(bare):.1f} s, crawl {min(ours):.1f} s, ratio {ratio:.2f}")
    print(f"goal: at most {GOAL} times: {'met' if ratio <= GOAL else 'MISSED'}")


def main() -> None:
    """Measure with the user's own package cache."""
    number = int(sys.argv[1]) if len(sys.argv) > 1 else PACKAGES
    cache = load().cache
    sandbox, kept = Bubblewrap.find(), PackageCache(cache)
    with own_folder(cache / "work") as work:
        parts = Parts(
            sandbox=sandbox,
            installers={
                "pypi": PypiInstaller(sandbox, find_uv(), kept.environments, Bytecode(kept.layers, sandbox)),
                "npm": NpmInstaller(sandbox, kept.environments),
            },
            profiles=load_known_servers().profiles,
            work=work,
            version="bench",
            gates=Gates.of(CONCURRENCY),
        )
        asyncio.run(measure(parts, number))


if __name__ == "__main__":
    main()
