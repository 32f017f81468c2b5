"""Several processes on one database: nothing is lost, nothing is doubled, and a killed one leaves what was there."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from catalog.store.repository import Store
from catalog_testing import database_writer
from catalog_testing.database import rows
from catalog_testing.samples import classification, entry, listed_observation

SUPPORT = Path(__file__).parents[2] / "support"
OPEN_TWICE = "SELECT server_id, key FROM presence WHERE closed_by IS NULL GROUP BY server_id, key HAVING count(*) > 1"
OVERLAPPING = (
    "SELECT a.id, b.id FROM presence a JOIN presence b ON a.server_id = b.server_id AND a.key = b.key AND a.id < b.id "
    "WHERE a.closed_by IS NULL OR b.opened_by < a.closed_by"
)


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


def test_a_database_that_several_processes_open_for_the_first_time_is_made_once(database_url: str) -> None:
    run_at_once(*(start(database_url, "open") for _ in range(4)))

    with Store.open(database_url) as store:
        assert store.servers() == []
    assert rows(database_url, "SELECT count(*) FROM catalog_revision") == [(1,)]
