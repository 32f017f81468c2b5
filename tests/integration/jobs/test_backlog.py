"""The queue holds each server once, takes only what can be read back, and can be counted and emptied."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest
from procrastinate.schema import SchemaManager

from catalog.crawl.jobs.filling import fill
from catalog.crawl.jobs.job import JobError, decode, entrant
from catalog.errors import UsageError
from catalog.model import ServerRef
from catalog.origin import Bundle, Command, Image, Origin, Package, Recording, Remote, Source
from catalog.store.backlog import Backlog, Filled
from catalog_testing.database import execute, rows
from catalog_testing.jobs import abandon, servers
from catalog_testing.samples import server_ref

STALLED_SECONDS = 60.0
ORIGINS = (
    Package(ecosystem="npm", name="@farm/orchard", version="1.4.0"),
    Command(argv=("python3", "server.py", "--root=/")),
    Remote(url="https://orchard.example/mcp", transport="sse", typed=True),
    Bundle(location="https://orchard.example/orchard.mcpb", sha256="00ff"),
    Image(reference="ghcr.io/farm/orchard:1.2"),
    Source(path="/srv/orchard"),
    Recording(name="tools.json"),
)


@pytest.mark.parametrize("origin", ORIGINS, ids=lambda origin: type(origin).__name__)
def test_a_server_of_any_kind_is_read_back_as_it_was_written(origin: Origin) -> None:
    server = server_ref(origin=origin, product="farm")
    assert decode(entrant(server).text) == server


def test_hostile_text_survives_the_database(backlog: Backlog, url: str) -> None:
    title = "\x00\ud800\x1b[31m\N{RIGHT-TO-LEFT OVERRIDE}'); DROP TABLE server; --%s %(x)s {}"
    hostile = ServerRef(slug="orchard", title=title, origin=Command(argv=("\x00", "%")), arguments=("\udcff",))

    fill(backlog, [hostile])

    [(text,)] = rows(url, "SELECT args ->> 'job' FROM procrastinate_jobs")
    assert decode(text) == hostile


@pytest.mark.parametrize(
    "changed",
    [
        {"slug": "a\x00b"},
        {"slug": "a" * 1_000_000},
        {"slug": ""},
        {"slug": "Orchard"},
        {"title": "x" * 1_000_000},
    ],
    ids=["NUL", "long slug", "empty", "capital", "long title"],
)
def test_a_server_that_fits_into_no_job_is_refused_before_anything_is_added(
    backlog: Backlog, changed: dict[str, Any]
) -> None:
    fields: dict[str, Any] = {"slug": "orchard", "title": "Orchard", "origin": ORIGINS[0]}
    with pytest.raises(UsageError) as refused:
        fill(backlog, [*servers("apple"), ServerRef(**fields | changed)])

    assert len(str(refused.value)) < 300
    assert backlog.status(STALLED_SECONDS).waiting == 0


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"version":1', '"version":2'),
        ('"version":1', '"version":1,"command":"sh"'),
        ('"title":', '"shell":"sh","title":'),
        ('"kind":"package"', '"kind":"program"'),
        ('"kind":"package"', '"kind":["package"]'),
        ('"ecosystem":"npm"', '"ecosystem":"elsewhere"'),
        ('"name":"@farm/orchard"', '"name":3'),
        ('"environment":["ORCHARD_TOKEN"]', '"environment":"ORCHARD_TOKEN"'),
    ],
)
def test_a_job_that_is_not_exactly_one_of_ours_is_not_read(old: str, new: str) -> None:
    text = entrant(server_ref()).text
    assert old in text
    with pytest.raises(JobError, match="job"):
        decode(text.replace(old, new))


def test_filling_twice_adds_nothing(backlog: Backlog) -> None:
    assert fill(backlog, servers("apple", "quince")) == Filled(added=2, present=0)
    assert fill(backlog, servers("quince", "fig")) == Filled(added=1, present=1)
    assert backlog.status(STALLED_SECONDS).waiting == 3


def test_many_programs_that_fill_at_once_add_each_server_once(backlog: Backlog) -> None:
    some = servers(*(f"server-{number}" for number in range(50)))
    with ThreadPoolExecutor(4) as pool:
        filled = list(pool.map(lambda _: fill(backlog, some), range(4)))
    assert sum(one.added for one in filled) == 50
    assert backlog.status(STALLED_SECONDS).waiting == 50


def test_more_servers_than_one_statement_takes_are_added(backlog: Backlog, url: str) -> None:
    assert fill(backlog, servers(*(f"server-{number}" for number in range(2100)))).added == 2100
    # The planner knows it: with a table that it takes for a short one, taking the next job compares each with each.
    assert rows(url, "SELECT reltuples FROM pg_class WHERE relname = 'procrastinate_jobs'") == [(2100.0,)]


def test_a_server_that_is_being_looked_at_does_not_wait_too(backlog: Backlog, url: str) -> None:
    fill(backlog, servers("apple"))
    abandon(url)

    assert fill(backlog, servers("apple")) == Filled(added=0, present=1)

    assert backlog.rescue(STALLED_SECONDS) == ["apple"]
    assert backlog.rescue(STALLED_SECONDS) == []
    assert backlog.status(STALLED_SECONDS).waiting == 1


def test_a_server_that_is_done_can_wait_again(backlog: Backlog, url: str) -> None:
    fill(backlog, servers("apple"))
    execute(url, "UPDATE procrastinate_jobs SET status = 'succeeded'")
    assert fill(backlog, servers("apple")).added == 1


def test_waiting_servers_are_cancelled_and_what_runs_goes_on(backlog: Backlog, url: str) -> None:
    fill(backlog, servers("runs", "apple", "quince", "fig"))
    abandon(url)

    assert backlog.cancel(["apple", "runs", "unknown"]) == 1
    assert backlog.cancel() == 2

    status = backlog.status(STALLED_SECONDS)
    assert (status.waiting, status.running, status.cancelled) == (0, 1, 3)
    assert not backlog.is_empty()


def test_a_failed_server_waits_again_once_however_often_it_failed(backlog: Backlog, url: str) -> None:
    for _ in range(2):
        fill(backlog, servers("apple", "quince"))
        execute(url, "UPDATE procrastinate_jobs SET status = 'failed', attempts = 3 WHERE status = 'todo'")

    assert backlog.retry(["apple"]) == 1
    assert backlog.retry() == 1
    assert backlog.retry() == 0
    assert rows(url, "SELECT attempts FROM procrastinate_jobs WHERE status = 'todo'") == [(0,), (0,)]


def test_the_oldest_of_those_that_wait_is_told(backlog: Backlog, url: str) -> None:
    assert backlog.status(STALLED_SECONDS).oldest is None
    fill(backlog, servers("apple", "quince"))
    execute(url, "UPDATE procrastinate_events SET at = '2026-03-01 12:00+00' WHERE job_id = 1")
    assert backlog.status(STALLED_SECONDS).oldest == datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_the_tables_are_made_once_by_whoever_comes_first(url: str) -> None:
    def opened(_: int) -> bool:
        with Backlog.open(url, SchemaManager.get_schema) as one:
            return one.is_empty()

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(opened, range(4))) == [True] * 4


def test_a_queue_on_sqlite_is_refused() -> None:
    with pytest.raises(UsageError, match=r"needs PostgreSQL.*--db postgresql://"):
        Backlog.open("sqlite:///catalog.db", SchemaManager.get_schema)
