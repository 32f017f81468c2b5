"""Several processes on one database: nothing is lost, nothing is doubled, and a killed one leaves what was there."""

import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, create_engine, text

from catalog.store.repository import Store
from catalog_testing import database_writer
from catalog_testing.database import postgresql_database, rows
from catalog_testing.samples import classification, entry, listed_observation

SUPPORT = Path(__file__).parents[2] / "support"
OPEN_TWICE = "SELECT server_id, key FROM presence WHERE closed_by IS NULL GROUP BY server_id, key HAVING count(*) > 1"
OVERLAPPING = (
    "SELECT a.id, b.id FROM presence a JOIN presence b ON a.server_id = b.server_id AND a.key = b.key AND a.id < b.id "
    "WHERE a.closed_by IS NULL OR b.opened_by < a.closed_by"
)


@pytest.fixture
def postgresql_url(postgresql_server: str) -> Iterator[str]:
    with postgresql_database(postgresql_server) as url:
        yield url


@pytest.fixture
def postgresql_store(postgresql_url: str) -> Iterator[Store]:
    with Store.open(postgresql_url) as opened:
        yield opened


def start(url: str, *arguments: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-W", "error", "-m", "catalog_testing.database_writer", url, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": str(SUPPORT)},
    )


def wait_until_here(process: "subprocess.Popen[str]") -> None:
    assert process.stdout is not None
    assert process.stdout.readline() == "here\n", process.communicate()


def run_at_once(*processes: "subprocess.Popen[str]") -> None:
    for process in processes:
        wait_until_here(process)
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    for process in processes:
        _, said = process.communicate()
        assert process.returncode == 0, said


def test_processes_that_record_at_once_lose_and_double_nothing(database_url: str) -> None:
    Store.open(database_url).close()

    run_at_once(*(start(database_url, "record", own) for own in ("apple", "quince", "fig")))

    seen = dict(
        rows(database_url, "SELECT slug, count(*) FROM observation JOIN server ON server.id = server_id GROUP BY slug")
    )
    rounds = database_writer.ROUNDS
    assert seen == {"apple": rounds, "quince": rounds, "fig": rounds, "common": 3 * rounds}
    assert rows(database_url, OPEN_TWICE) == []
    assert rows(database_url, OVERLAPPING) == []
    assert rows(database_url, "SELECT count(*) FROM presence WHERE key LIKE 'only%' AND closed_by IS NULL") == [(1,)]
    assert rows(database_url, "SELECT count(*) FROM presence WHERE key LIKE 'only%'") == [(3 * rounds,)]
    assert rows(database_url, "SELECT count(*) FROM presence WHERE key = 'same'") == [(1,)]
    with Store.open(database_url) as store:
        for own in ("apple", "quince", "fig"):
            assert [found.key for found in store.present(own).entries] == sorted(database_writer.SHARED)


@pytest.mark.parametrize(
    "statement", ["INSERT INTO observation", "UPDATE presence", "INSERT INTO presence", "UPDATE server"]
)
def test_a_process_killed_inside_a_transaction_leaves_the_state_before(database_url: str, statement: str) -> None:
    with Store.open(database_url) as store:
        store.record(listed_observation([entry("count_apples"), entry("pick_apple")]))
        judged = store.present("orchard")
        store.judge(judged, "1", {found.key: classification() for found in judged.entries})
        before = (store.servers(), store.entries("orchard"), store.unjudged("1"))

        process = start(database_url, "stop", statement)
        wait_until_here(process)
        assert (store.servers(), store.entries("orchard"), store.unjudged("1")) == before  # readers do not wait
        process.kill()
        process.communicate()

        assert (store.servers(), store.entries("orchard"), store.unjudged("1")) == before
        store.record(listed_observation([entry("plant_tree")], day=1))
        assert [found.key for found in store.present("orchard").entries] == ["plant_tree"]
    assert rows(database_url, "SELECT count(*) FROM observation") == [(2,)]


@contextmanager
def another_transaction(url: str) -> Iterator[Connection]:
    engine = create_engine(url)
    with engine.begin() as connection:
        yield connection
    engine.dispose()


def wait_until_blocked(url: str, work: "Future[Any]") -> None:
    """Return when ``work`` waits for another transaction, or is done."""
    while not work.done() and rows(url, "SELECT count(*) FROM pg_locks WHERE NOT granted") == [(0,)]:
        pass


def test_writers_of_the_same_new_definitions_cannot_deadlock(postgresql_store: Store, postgresql_url: str) -> None:
    entries = sorted((entry(f"tool_{number}") for number in range(5)), key=lambda one: one.definition.hash)
    insert = text("INSERT INTO definition VALUES (:hash, '{}')")

    with ThreadPoolExecutor(1) as pool:
        with another_transaction(postgresql_url) as other:
            other.execute(insert, {"hash": entries[0].definition.hash})
            work = pool.submit(postgresql_store.record, listed_observation(entries[::-1]))
            wait_until_blocked(postgresql_url, work)
            other.execute(insert, {"hash": entries[-1].definition.hash})
        work.result()

    assert len(postgresql_store.present("orchard").entries) == 5


def test_verdicts_wait_for_a_change_that_is_being_recorded_and_are_then_refused(
    postgresql_store: Store, postgresql_url: str
) -> None:
    postgresql_store.record(listed_observation([entry("count_apples")]))
    judged = postgresql_store.present("orchard")

    with ThreadPoolExecutor(1) as pool:
        with another_transaction(postgresql_url) as other:
            other.execute(text("UPDATE server SET entries_as_of = entries_as_of + 1"))
            work = pool.submit(postgresql_store.judge, judged, "1", {"count_apples": classification()})
            wait_until_blocked(postgresql_url, work)
        assert work.result() is False


def test_a_database_that_several_processes_open_for_the_first_time_is_made_once(database_url: str) -> None:
    run_at_once(*(start(database_url, "open") for _ in range(4)))

    with Store.open(database_url) as store:
        assert store.servers() == []
    assert rows(database_url, "SELECT count(*) FROM catalog_revision") == [(1,)]
