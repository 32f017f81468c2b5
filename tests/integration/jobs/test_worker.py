"""Workers share what waits, record each server once, and lose nothing when one of them stops or dies."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from catalog.crawl.jobs.filling import fill
from catalog.crawl.jobs.policy import Policy
from catalog.crawl.jobs.worker import Recrawl
from catalog.errors import SandboxUnavailable
from catalog.model import Observation, Reason
from catalog.origin import Command
from catalog.store.backlog import Backlog
from catalog.store.repository import Store
from catalog.target import Target
from catalog_testing.crawling import run
from catalog_testing.database import execute, rows
from catalog_testing.jobs import (
    FAST,
    LISTED,
    Looker,
    abandon,
    new_worker,
    not_listed,
    outcomes,
    seen,
    servers,
    until,
    work_until_empty,
)
from catalog_testing.samples import listed_observation, server_ref

STALLED_SECONDS = 60.0


def test_every_server_is_looked_at_and_recorded_once_however_many_workers_there_are(
    url: str, backlog: Backlog, stored: Store
) -> None:
    slugs = [f"server-{number}" for number in range(24)]
    fill(backlog, servers(*slugs))
    look = Looker()

    work_until_empty(url, backlog, stored, look, workers=3, jobs=2)

    assert sorted(look.asked) == sorted(slugs)
    assert outcomes(url) == {slug: ["listed"] for slug in slugs}
    status = backlog.status(STALLED_SECONDS)
    assert (status.waiting, status.running, status.done, status.failed) == (0, 0, 24, 0)
    assert status.per_minute > 0


def test_two_workers_work_at_the_same_time(url: str, backlog: Backlog, stored: Store) -> None:
    fill(backlog, servers("apple", "quince"))
    meeting = asyncio.Barrier(2)

    async def look(target: Target) -> Observation:
        await meeting.wait()  # for ever, where one worker does all the work
        return seen(target.server)

    work_until_empty(url, backlog, stored, look, workers=2)

    assert outcomes(url) == {"apple": ["listed"], "quince": ["listed"]}


def test_a_higher_priority_is_looked_at_first(url: str, backlog: Backlog, stored: Store) -> None:
    fill(backlog, servers("low"), priority=-5)
    fill(backlog, servers("first-filled", "raised"))
    fill(backlog, servers("high"), priority=10)
    assert fill(backlog, servers("raised"), priority=20).added == 0
    look = Looker()

    work_until_empty(url, backlog, stored, look)

    assert look.asked == ["raised", "high", "first-filled", "low"]


@pytest.mark.parametrize(
    "passing",
    [
        not_listed(Reason.TIMED_OUT),
        not_listed(Reason.UNREACHABLE),
        not_listed(Reason.UNREACHABLE, "error sending request for the index"),
    ],
    ids=lambda outcome: outcome.reason,
)
def test_an_outcome_that_may_pass_is_not_recorded_but_tried_again(
    url: str, backlog: Backlog, stored: Store, passing: object
) -> None:
    fill(backlog, servers("apple"))
    look = Looker({"apple": [passing, LISTED]})  # type: ignore[list-item]  # an outcome; pytest's ids know no types

    work_until_empty(url, backlog, stored, look)

    assert look.asked == ["apple", "apple"]
    assert outcomes(url) == {"apple": ["listed"]}


def test_the_next_try_waits(url: str, backlog: Backlog, stored: Store) -> None:
    fill(backlog, servers("apple"))
    look = Looker({"apple": [not_listed(Reason.TIMED_OUT)]})
    worker = new_worker(url, backlog, stored, look, policy=Policy(backoff_seconds=3600))

    async def one_try() -> None:
        running = asyncio.create_task(worker.run())
        await until(lambda: backlog.status(STALLED_SECONDS).later == 1)
        worker.stop()
        await running

    run(one_try())

    assert look.asked == ["apple"]
    assert outcomes(url) == {}


def test_an_outcome_that_does_not_pass_is_recorded_at_last_and_can_be_tried_anew(
    url: str, backlog: Backlog, stored: Store
) -> None:
    fill(backlog, servers("apple"))
    look = Looker({"apple": [not_listed(Reason.UNREACHABLE)] * (FAST.tries + 1)})

    work_until_empty(url, backlog, stored, look)

    assert look.asked == ["apple"] * FAST.tries
    assert outcomes(url) == {"apple": ["unreachable"]}
    assert backlog.status(STALLED_SECONDS).failed == 1

    assert backlog.retry() == 1
    work_until_empty(url, backlog, stored, look)
    assert look.asked == ["apple"] * (FAST.tries + 2)
    assert outcomes(url) == {"apple": ["unreachable", "listed"]}
    assert backlog.status(STALLED_SECONDS).failed == 0


def test_an_outcome_that_lasts_is_not_tried_again(url: str, backlog: Backlog, stored: Store) -> None:
    fill(backlog, servers("apple", "quince"))
    lasting = {"apple": [not_listed(Reason.CRASHED)], "quince": [not_listed(Reason.INSTALL_FAILED, "no wheels")]}
    look = Looker(lasting)

    work_until_empty(url, backlog, stored, look)

    assert look.asked == ["apple", "quince"]
    assert outcomes(url) == {"apple": ["crashed"], "quince": ["install_failed"]}
    assert backlog.status(STALLED_SECONDS).done == 2


def test_the_job_of_a_dead_worker_is_done_by_another(url: str, backlog: Backlog, stored: Store) -> None:
    fill(backlog, servers("apple"))
    abandon(url)
    assert backlog.status(STALLED_SECONDS).stalled == 1
    look = Looker()

    work_until_empty(url, backlog, stored, look)

    assert outcomes(url) == {"apple": ["listed"]}


def test_what_a_worker_recorded_before_it_died_is_not_looked_at_again(
    url: str, backlog: Backlog, stored: Store
) -> None:
    (apple,) = servers("apple")
    fill(backlog, [apple])
    abandon(url)
    stored.record(seen(apple))
    look = Looker()

    work_until_empty(url, backlog, stored, look)

    assert look.asked == []
    assert outcomes(url) == {"apple": ["listed"]}
    assert backlog.status(STALLED_SECONDS).done == 1


def test_a_server_whose_worker_dies_each_time_is_given_up_with_an_observation(
    url: str, backlog: Backlog, stored: Store
) -> None:
    fill(backlog, servers("poison"))
    for _ in range(FAST.tries):
        abandon(url)
        assert backlog.rescue(STALLED_SECONDS) == ["poison"]
    look = Looker()

    work_until_empty(url, backlog, stored, look)

    assert look.asked == []
    [server] = stored.servers()
    assert server.latest.reason is Reason.CRASHED
    assert "3 tries" in server.latest.detail
    assert "catalog queue retry" in server.latest.hint
    assert backlog.status(STALLED_SECONDS).failed == 1


def test_servers_whose_worker_died_are_looked_at_one_at_a_time(url: str, backlog: Backlog, stored: Store) -> None:
    fill(backlog, servers("apple", "quince", "fig"))
    for _ in range(3):
        abandon(url)
    at_work = most = 0

    async def look(target: Target) -> Observation:
        nonlocal at_work, most
        at_work += 1
        most = max(most, at_work)
        await asyncio.to_thread(backlog.is_empty)  # long enough for another worker to begin
        at_work -= 1
        return seen(target.server)

    work_until_empty(url, backlog, stored, look, workers=2, jobs=2)

    assert most == 1
    assert outcomes(url) == {slug: ["listed"] for slug in ("apple", "quince", "fig")}


def test_a_worker_that_is_told_to_stop_ends_what_runs_and_takes_nothing_more(
    url: str, backlog: Backlog, stored: Store
) -> None:
    fill(backlog, servers("apple", "quince"))
    begun, may_end = asyncio.Event(), asyncio.Event()

    async def look(target: Target) -> Observation:
        begun.set()
        await may_end.wait()
        return seen(target.server)

    async def stopped_meanwhile() -> None:
        worker = new_worker(url, backlog, stored, look)
        running = asyncio.create_task(worker.run())
        await begun.wait()
        worker.stop()
        may_end.set()
        await running

    run(stopped_meanwhile())

    assert outcomes(url) == {"apple": ["listed"]}
    assert backlog.status(STALLED_SECONDS).waiting == 1


def test_a_worker_that_is_told_to_stop_before_it_begins_takes_nothing(
    url: str, backlog: Backlog, stored: Store
) -> None:
    fill(backlog, servers("apple"))
    look = Looker()

    async def stopped_before() -> None:
        worker = new_worker(url, backlog, stored, look)
        worker.stop()
        await worker.run()

    run(stopped_before())

    assert look.asked == []
    assert backlog.status(STALLED_SECONDS).waiting == 1


def test_what_does_not_end_within_the_grace_is_handed_back_as_if_it_had_not_begun(
    url: str, backlog: Backlog, stored: Store
) -> None:
    fill(backlog, servers("apple"))
    begun = asyncio.Event()

    async def never(target: Target) -> Observation:
        begun.set()
        await asyncio.Event().wait()
        return seen(target.server)

    async def stopped_meanwhile() -> None:
        worker = new_worker(url, backlog, stored, never, policy=Policy(grace_seconds=0))
        running = asyncio.create_task(worker.run())
        await begun.wait()
        worker.stop()
        await running

    run(stopped_meanwhile())

    assert outcomes(url) == {}
    assert rows(url, "SELECT status, attempts FROM procrastinate_jobs WHERE queueing_lock = 'apple'") == [("todo", 0)]
    work_until_empty(url, backlog, stored, Looker())
    assert outcomes(url) == {"apple": ["listed"]}


def test_a_worker_whose_machine_cannot_look_stops_with_the_reason_and_hands_back(
    url: str, backlog: Backlog, stored: Store
) -> None:
    fill(backlog, servers("apple"))

    async def look(target: Target) -> Observation:
        raise SandboxUnavailable(f"no sandbox for {target.server.slug}")

    with pytest.raises(SandboxUnavailable, match="no sandbox for apple"):
        run(new_worker(url, backlog, stored, look).run())

    assert rows(url, "SELECT status, attempts FROM procrastinate_jobs WHERE queueing_lock = 'apple'") == [("todo", 0)]


def test_a_job_that_is_none_of_ours_fails_and_the_others_are_done(
    url: str, backlog: Backlog, stored: Store, caplog: pytest.LogCaptureFixture
) -> None:
    hostile = ["'x'", "repeat('x', 1000000)", """'{"version": 2}'""", "repeat('[', 60000)"]
    for number, value in enumerate(hostile):
        columns = "queue_name, task_name, queueing_lock, args"
        values = f"'catalog', 'catalog.look', 'hostile-{number}', jsonb_build_object('job', {value}, 'since', 0)"
        execute(url, f"INSERT INTO procrastinate_jobs ({columns}) VALUES ({values})")
    execute(url, f"INSERT INTO procrastinate_jobs ({columns}) VALUES ('catalog', 'catalog.look', 'h', '{{\"a\": 1}}')")
    fill(backlog, servers("apple"))

    work_until_empty(url, backlog, stored, Looker())

    assert outcomes(url) == {"apple": ["listed"]}
    status = backlog.status(STALLED_SECONDS)
    assert (status.done, status.failed) == (1, len(hostile) + 1)
    assert len(caplog.messages) == len(hostile) + 1
    assert max(map(len, caplog.messages)) < 100


def test_what_was_looked_at_too_long_ago_is_looked_at_again_at_the_time_that_was_set(
    url: str, backlog: Backlog, stored: Store
) -> None:
    here = server_ref(slug="here", origin=Command(argv=("python3", "server.py")))
    stored.record(listed_observation(server=server_ref(slug="old")))
    stored.record(listed_observation(server=here))
    stored.record(seen(server_ref(slug="new")))
    execute(url, "UPDATE observation SET finished_at = now() - interval '8 days' WHERE started_at < '2026-03-02'")
    looked = asyncio.Event()
    asked = []

    async def look(target: Target) -> Observation:
        asked.append(target.server)
        looked.set()
        return seen(target.server)

    async def until_looked() -> None:
        every_minute = Recrawl(cron="* * * * *", max_age=timedelta(days=7))
        worker = new_worker(url, backlog, stored, look, recrawl=every_minute)
        running = asyncio.create_task(worker.run())
        await looked.wait()
        worker.stop()
        await running

    run(until_looked())

    assert asked == [server_ref(slug="old")]
    assert backlog.due(datetime.now(UTC) - timedelta(days=7)) == []
