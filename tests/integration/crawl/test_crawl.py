"""Many servers at once: each for itself, stored as it is seen, a few at a time, and nothing left behind."""

import asyncio
import contextlib
import secrets
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from catalog.crawl.crawler import crawl
from catalog.crawl.events import Event, Observed, silent
from catalog.crawl.gates import Gates
from catalog.crawl.look import Looker
from catalog.crawl.parts import Parts
from catalog.errors import InputError, SandboxUnavailable, StoreError
from catalog.install.base import NEWEST, Installed, InstallError, Resolution
from catalog.model import Changes, NotListed, Observation, Reason, ServerRef
from catalog.origin import Package
from catalog.sandbox.base import Limits, Process, Program, Sandbox
from catalog.target import Target
from catalog_testing.crawling import processes_with, run


def look_at(
    servers: Sequence[ServerRef],
    parts: Parts,
    *,
    record: Callable[[Observation], Changes] = lambda _: Changes(),
    sink: Callable[[Event], None] = silent,
    concurrency: int = 2,
) -> list[Observation]:
    """Return the observations in the order of ``servers``."""
    seen: dict[str, Observation] = {}

    def both(event: Event) -> None:
        if isinstance(event, Observed):
            seen[event.observation.server.slug] = event.observation
        sink(event)

    parts = replace(parts, gates=Gates.of(concurrency))
    targets = [Target(server=server) for server in servers]
    run(crawl(targets, Looker(parts), record=record, sink=both, concurrency=2 * concurrency))
    return [seen[server.slug] for server in servers]


def summary(observation: Observation) -> list[str] | Reason:
    outcome = observation.outcome
    return outcome.reason if isinstance(outcome, NotListed) else [entry.key for entry in outcome.entries]


class Watched:
    """A sandbox that counts the programs that run in it, and lets ``before`` decide when one may start."""

    name = "watched"

    def __init__(self, inner: Sandbox, before: Callable[[Program], Any]) -> None:
        self.inner = inner
        self.before = before
        self.running = 0
        self.most = 0

    def place(self, source: Path, target: str) -> str:
        return self.inner.place(source, target)

    @asynccontextmanager
    async def start(self, program: Program, limits: Limits) -> AsyncIterator[Process]:
        self.running += 1
        self.most = max(self.most, self.running)
        await self.before(program)
        async with self.inner.start(program, limits) as process:
            yield process
        self.running -= 1


def test_a_server_that_fails_does_not_stop_the_others(parts: Parts, serve: Any) -> None:
    servers = [serve("a"), serve("b", exit=3), serve("c", initialize=[]), serve("d")]
    servers.append(replace(serve("e"), origin=replace(serve("e").origin, argv=("no-such-command",))))
    observations = look_at(servers, parts)
    assert [observation.server.slug for observation in observations] == ["a", "b", "c", "d", "e"]
    assert [summary(observation) for observation in observations] == [
        ["hello"],
        Reason.CRASHED,
        Reason.PROTOCOL_ERROR,
        ["hello"],
        Reason.NOT_FOUND,
    ]


def test_each_server_is_recorded_as_soon_as_it_is_seen(parts: Parts, serve: Any) -> None:
    """The first server may start only when the second one is recorded."""
    recorded: list[str] = []
    second_is_recorded = asyncio.Event()

    async def before(program: Program) -> None:
        if program.argv[-1] == "first":
            await second_is_recorded.wait()

    def record(observation: Observation) -> Changes:
        recorded.append(observation.server.slug)
        second_is_recorded.set()
        return Changes()

    told: list[str] = []

    def sink(event: Event) -> None:
        if isinstance(event, Observed):
            told.append(event.observation.server.slug)

    watched = replace(parts, sandbox=Watched(parts.sandbox, before))
    observations = look_at([serve("first"), serve("second")], watched, record=record, sink=sink)
    assert recorded == told == ["second", "first"]
    assert [observation.server.slug for observation in observations] == ["first", "second"]


def test_a_few_run_at_a_time_and_no_more(parts: Parts, serve: Any) -> None:
    """Each waits until two are there: with one at a time none would ever start."""
    two = asyncio.Barrier(2)
    sandbox = Watched(parts.sandbox, lambda _: two.wait())
    observations = look_at([serve(slug) for slug in "abcdef"], replace(parts, sandbox=sandbox), concurrency=2)
    assert [summary(observation) for observation in observations] == [["hello"]] * 6
    assert sandbox.most == 2


def test_a_cancelled_crawl_leaves_no_process_and_no_folder(parts: Parts, serve: Any) -> None:
    mark = f"mark-{secrets.token_hex(8)}"
    two = asyncio.Barrier(3)
    servers = [serve(f"{mark}-{number}", initialize="hang", stubborn=True) for number in range(4)]

    async def cancel() -> list[Path]:
        sandbox = Watched(parts.sandbox, lambda _: two.wait())
        looking = asyncio.create_task(
            crawl(
                [Target(server=server) for server in servers],
                Looker(replace(parts, sandbox=sandbox)),
                record=lambda _: Changes(),
                sink=silent,
                concurrency=2,
            )
        )
        await two.wait()
        folders = list(parts.work.iterdir())
        looking.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await looking
        return folders

    assert len(run(cancel())) == 2
    assert processes_with(mark) == []
    assert list(parts.work.iterdir()) == []


def test_a_finished_crawl_leaves_no_folder(parts: Parts, serve: Any) -> None:
    look_at([serve("a"), serve("b", exit=3)], parts)
    assert list(parts.work.iterdir()) == []


class Broken:
    """An installer that fails in a way nobody foresaw."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    async def install(self, package: Package, into: Path, resolution: Resolution = NEWEST) -> Installed:
        del package, into, resolution
        raise self.error

    async def resolutions(self, package: Package, installed: Installed) -> tuple[Resolution, ...]:
        del package, installed
        return ()

    async def source(self, package: Package, into: Path) -> Sequence[Path]:
        del package, into
        raise self.error

    async def newest(self, package: Package) -> str | None:
        del package
        raise self.error

    async def newest_of_many(self, packages: Sequence[Package]) -> Mapping[str, str]:
        del packages
        raise self.error


@pytest.mark.parametrize(
    ("error", "reason", "hint"),
    [
        (RuntimeError("oops"), Reason.CRASHED, "report it, with the log"),
        (OSError(28, "No space left on device"), Reason.CRASHED, "free disk space"),
        (TimeoutError(), Reason.TIMED_OUT, "try again; the index may be slow"),
        (InstallError(Reason.NOT_FOUND, "detail", "a hint"), Reason.NOT_FOUND, "a hint"),
    ],
)
def test_a_broken_installer_is_an_outcome(
    parts: Parts, serve: Any, error: Exception, reason: Reason, hint: str
) -> None:
    package = ServerRef(slug="p", title="p", origin=Package(ecosystem="pypi", name="p"))
    broken = replace(parts, installers={"pypi": Broken(error)})
    failed, listed = look_at([package, serve("a")], broken)
    assert isinstance(failed.outcome, NotListed)
    assert (failed.outcome.reason, failed.outcome.hint) == (reason, hint)
    assert summary(listed) == ["hello"]


def test_without_a_sandbox_nothing_goes_on_and_what_was_recorded_stays(parts: Parts, serve: Any) -> None:
    recorded: list[str] = []
    first = asyncio.Event()

    def record(observation: Observation) -> Changes:
        recorded.append(observation.server.slug)
        first.set()
        return Changes()

    async def before(program: Program) -> None:
        if program.argv[-1] == "b":
            await first.wait()  # b may run before what was seen of a is recorded
            raise SandboxUnavailable("it is gone")

    sandbox = Watched(parts.sandbox, before)
    with pytest.raises(SandboxUnavailable, match="it is gone"):
        look_at(
            [serve("a"), serve("b"), serve("c")],
            replace(parts, sandbox=sandbox),
            record=record,
            concurrency=1,
        )
    assert recorded == ["a"]


def test_a_database_that_fails_ends_the_crawl_with_its_own_error(parts: Parts, serve: Any) -> None:
    def record(observation: Observation) -> Changes:
        raise StoreError(f"no room for {observation.server.slug}")

    with pytest.raises(StoreError, match="no room for a"):
        look_at([serve("a")], parts, record=record)


def test_an_observation_says_what_isolated_the_server(parts: Parts, serve: Any) -> None:
    (observation,) = look_at([serve("a")], parts)
    assert observation.sandbox == "bubblewrap"
    assert observation.started_at <= observation.finished_at


def test_targets_that_fail_to_come_cost_none_of_those_that_came(parts: Parts, serve: Any) -> None:
    recorded: list[str] = []

    async def some() -> AsyncIterator[Target]:
        for slug in ("a", "b", "c"):
            yield Target(server=serve(slug))
        raise InputError("the list does not end")

    def record(observation: Observation) -> Changes:
        recorded.append(observation.server.slug)
        return Changes()

    with pytest.raises(InputError, match="the list does not end"):
        run(crawl(some(), Looker(parts), record=record, sink=silent, concurrency=2))
    assert sorted(recorded) == ["a", "b", "c"]
