"""Measure what a crawl costs beside the bare starts of the same programs, once every package is kept in the cache.

    python bench/warm.py [NUMBER OF PACKAGES]

First each known server is looked at once, which fills the cache and shows the program that lists its tools (its
environment, arguments and dependencies). Then, interleaved and at the same concurrency: bare starts of those programs
until the tools are listed; a crawl of the same packages, pinned to the versions found, by ``crawl`` as ``catalog
sync`` calls it; and the installs of these packages alone. The least of several rounds counts. Servers that need more
than one start are told apart: a crawl starts them again for every rung.
"""

import asyncio
import shutil
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from catalog.crawl.crawler import crawl
from catalog.crawl.events import silent
from catalog.crawl.ladder import Ladder, Parts
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
from catalog.sources.known import load_known_servers

PACKAGES = 60
CONCURRENCY = 2
ROUNDS = 2
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
    servers = [server for pair in zip(packages[::2], packages[1::2], strict=False) for server in pair][:number]

    async def look(server: ServerRef) -> None:
        recorder = Recorder(parts.sandbox)
        ladder = Ladder(replace(parts, sandbox=recorder), server, {}, silent)
        observation = await ladder.climb()
        await ladder.discard()
        listed = isinstance(observation.outcome, Listed)
        print(f"{server.slug}: {'listed' if listed else 'not listed'}, {recorder.starts} starts", flush=True)
        if listed and recorder.last is not None and isinstance(server.origin, Package):
            pinned = replace(server, origin=replace(server.origin, version=observation.version))
            found.append(Known(server=pinned, program=recorder.last, starts=recorder.starts))

    await at_most(CONCURRENCY, [lambda server=server: look(server) for server in servers])
    return found


async def bare_starts(sandbox: Sandbox, known: Sequence[Known]) -> float:
    """Return the seconds of one start of each program until its tools are listed."""

    async def start(program: Program) -> None:
        async with sandbox.start(program, Limits()) as process:
            await list_tools(StdioSession(process, ProbeLimits()), ProbeLimits(), "bench")

    return await at_most(CONCURRENCY, [lambda one=one: start(one.program) for one in known])


async def crawled(parts: Parts, known: Sequence[Known]) -> float:
    """Return the seconds of a crawl."""
    servers = [one.server for one in known]
    began = time.perf_counter()
    await crawl(servers, parts, environment={}, record=lambda _: None, sink=silent, concurrency=CONCURRENCY)
    return time.perf_counter() - began


async def installed(parts: Parts, known: Sequence[Known]) -> float:
    """Return the seconds of the installs alone, one after the other."""
    seconds = 0.0
    for package in (one.server.origin for one in known):
        if isinstance(package, Package):
            into = Path(tempfile.mkdtemp(dir=parts.work))
            began = time.perf_counter()
            await parts.installers[package.ecosystem].install(package, into)
            seconds += time.perf_counter() - began
    return seconds


async def measure(parts: Parts, number: int) -> None:
    """Print what each costs and the goal."""
    began = time.perf_counter()
    known = await look_once(parts, number)
    print(f"cold: {number} packages in {time.perf_counter() - began:.0f} s, {len(known)} listed", flush=True)
    plain = [one for one in known if one.starts == 1]
    bare, ours, all_bare, all_ours, installs = [], [], [], [], []
    for round_ in range(ROUNDS + 1):
        times = (
            await bare_starts(parts.sandbox, plain),
            await crawled(parts, plain),
            await bare_starts(parts.sandbox, known),
            await crawled(parts, known),
            await installed(parts, known),
        )
        told = ("bare", "crawl", "all: bare", "crawl", "installs")
        line = ", ".join(f"{name} {seconds:.2f} s" for name, seconds in zip(told, times, strict=True))
        print(f"round {round_}: {line}", flush=True)
        if round_:  # the first one reads the disk
            for column, seconds in zip((bare, ours, all_bare, all_ours, installs), times, strict=True):
                column.append(seconds)
    ratio, all_ratio = min(ours) / min(bare), min(all_ours) / min(all_bare)
    each, share = 1000 * min(installs) / len(known), min(installs) / min(all_bare)
    print(f"installs: {each:.1f} ms a package, {share:.1%} of the starts")
    print(f"warm: {len(plain)} packages that list at once: {ratio:.2f} times their bare starts")
    print(f"warm: {len(known)} packages: {all_ratio:.2f} times one bare start each")
    print(f"goal: at most {GOAL} times: {'met' if all_ratio <= GOAL else 'MISSED'}")


def main() -> None:
    """Measure in a folder on the disk of uv's cache, so that its files can be linked."""
    number = int(sys.argv[1]) if len(sys.argv) > 1 else PACKAGES
    cache = Path.home() / ".cache"
    cache.mkdir(exist_ok=True)
    folder = Path(tempfile.mkdtemp(dir=cache, prefix="bench-warm-"))
    sandbox, kept = Bubblewrap.find(), PackageCache(folder)
    bytecode = Bytecode(kept.layers, sandbox)
    parts = Parts(
        sandbox=sandbox,
        installers={
            "pypi": PypiInstaller(sandbox, find_uv(), kept.environments, bytecode),
            "npm": NpmInstaller(sandbox, kept.environments),
        },
        profiles=(),
        work=folder / "work",
        version="bench",
    )
    try:
        asyncio.run(measure(parts, number))
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
