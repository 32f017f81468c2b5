"""The real programs on a real database: filling, workers that share, a worker that is killed, one that is stopped."""

import json
import signal
import subprocess
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import make_url

from catalog.crawl.jobs.filling import fill
from catalog.sources.commands import command_server
from catalog.store.backlog import Backlog
from catalog.store.repository import Store
from catalog_testing.commandline import PROGRAM, CommandLine, write_server
from catalog_testing.crawling import processes_with
from catalog_testing.database import execute, rows
from catalog_testing.jobs import outcomes
from catalog_testing.waiting import DEADLINE, wait_until

STALLED_SECONDS = 60.0

HANGING = "import signal\nsignal.pause()\n"


@pytest.fixture
def cli(tmp_path: Path) -> CommandLine:
    return CommandLine.at(tmp_path)


@contextmanager
def worker(cli: CommandLine, url: str, *arguments: str) -> Iterator["subprocess.Popen[str]"]:
    """Run ``catalog worker`` beside the test; a test that fails leaves none behind."""
    process = subprocess.Popen(
        [PROGRAM, "--db", url, "worker", *arguments],
        env=cli.environment,
        cwd=cli.folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def ended(process: "subprocess.Popen[str]") -> tuple[int, str]:
    """Return the exit code and what the worker said."""
    _, said = process.communicate(timeout=DEADLINE)
    return process.returncode, said


def tool_server(folder: Path) -> Path:
    return write_server(folder, [{"name": "count_apples", "inputSchema": {"type": "object"}}])


def test_two_workers_look_at_real_servers_and_record_each_once(
    cli: CommandLine, url: str, backlog: Backlog, tmp_path: Path
) -> None:
    script = str(tool_server(tmp_path / "orchard"))
    some = [command_server(["python3", script, str(number)]) for number in range(4)]
    fill(backlog, some)

    with worker(cli, url, "--until-empty", "--name", "one") as one, worker(cli, url, "--until-empty") as other:
        (code, said), (other_code, other_said) = ended(one), ended(other)

    assert (code, other_code) == (0, 0), said + other_said
    assert outcomes(url) == {server.slug: ["listed"] for server in some}
    lines = (said + other_said).splitlines()
    assert len(lines) == 4
    assert all(": 1 tool in " in line for line in lines)
    assert all(line.startswith("one: ") for line in said.splitlines())


def test_a_worker_that_is_killed_loses_nothing(cli: CommandLine, url: str, backlog: Backlog, tmp_path: Path) -> None:
    script = tool_server(tmp_path / "orchard")
    good = script.read_text()
    script.write_text(HANGING)
    mark = uuid.uuid4().hex
    server = command_server(["python3", str(script), mark])
    fill(backlog, [server])

    with worker(cli, url) as first:
        wait_until(lambda: processes_with(mark) != [])
        assert backlog.status(STALLED_SECONDS).running == 1
        first.send_signal(signal.SIGKILL)
        first.communicate()
    assert outcomes(url) == {}
    script.write_text(good)

    with worker(cli, url, "--until-empty", "--stalled-after", "1") as second:
        code, said = ended(second)

    assert code == 0, said
    assert "1 jobs are taken over" in said
    assert outcomes(url) == {server.slug: ["listed"]}
    wait_until(lambda: processes_with(mark) == [])


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_worker_that_is_stopped_hands_back_what_it_cannot_end(
    cli: CommandLine, url: str, backlog: Backlog, tmp_path: Path, number: signal.Signals
) -> None:
    script = tool_server(tmp_path / "orchard")
    script.write_text(HANGING)
    mark = uuid.uuid4().hex
    fill(backlog, [command_server(["python3", str(script), mark])])

    with worker(cli, url, "--grace", "0") as stopped:
        wait_until(lambda: processes_with(mark) != [])
        stopped.send_signal(number)
        code, said = ended(stopped)

    assert (code, said) == (0, "")
    assert outcomes(url) == {}
    assert rows(url, "SELECT status, attempts FROM procrastinate_jobs WHERE queue_name = 'catalog'") == [("todo", 0)]
    wait_until(lambda: processes_with(mark) == [])
    assert list((tmp_path / "cache").rglob("command-*")) == []


def test_the_queue_is_filled_counted_cancelled_and_retried(cli: CommandLine, url: str) -> None:
    def queue(*arguments: str) -> str:
        done = cli.run("--db", url, "queue", *arguments)
        assert done.code == 0, done.err
        return done.out

    def count() -> dict[str, int]:
        found: dict[str, int] = json.loads(queue("status", "--json"))
        return {name: found[name] for name in ("waiting", "done", "failed", "cancelled") if found[name]}

    assert queue("fill", "--priority", "3", "pypi:one", "npm:two", "--", "python3", "x.py").startswith("3 added, 0 ")
    assert queue("fill", "pypi:one").startswith("0 added, 1 ")
    assert count() == {"waiting": 3}
    assert queue("cancel", "npm-two") == "1 cancelled\n"
    execute(url, "UPDATE procrastinate_jobs SET status = 'failed' WHERE queueing_lock = 'pypi-one'")
    assert count() == {"waiting": 1, "failed": 1, "cancelled": 1}
    assert "1 failed (catalog queue retry)" in " ".join(queue("status").split())
    assert queue("retry") == "1 wait again\n"
    assert count() == {"waiting": 2, "cancelled": 1}


@pytest.mark.parametrize("command", [("queue", "status"), ("queue", "fill", "--known"), ("worker",)], ids=" ".join)
def test_on_sqlite_it_says_what_to_do(cli: CommandLine, command: tuple[str, ...]) -> None:
    done = cli.run(*command)
    assert done.code == 2
    assert "needs PostgreSQL" in done.err
    assert "--db postgresql://" in done.err
    assert "Traceback" not in done.err


def test_without_the_extra_it_says_what_to_install(cli: CommandLine, url: str, tmp_path: Path) -> None:
    hidden = tmp_path / "hidden"
    hidden.mkdir()
    (hidden / "procrastinate.py").write_text("raise ModuleNotFoundError('none', name='procrastinate')\n")
    done = cli.run("--db", url, "queue", "status", extra={"PYTHONPATH": str(hidden)})
    assert done.code == 1
    assert "'procrastinate'" in done.err
    assert "pip install 'mcp-catalog[postgres]'" in done.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--recrawl", "at noon"), "--recrawl 'at noon'"),
        (("--recrawl", "0 3 * * *", "--max-age", "a week"), "--max-age 'a week'"),
        (("--max-age", "0d"), "--max-age '0d'"),
    ],
)
def test_a_time_that_is_none_is_refused(cli: CommandLine, url: str, arguments: tuple[str, ...], said: str) -> None:
    done = cli.run("--db", url, "worker", "--until-empty", *arguments)
    assert done.code == 2
    assert said in done.err


def test_a_worker_whose_database_goes_away_says_so(cli: CommandLine, url: str, postgresql_server: str) -> None:
    Store.open(url).close()
    name = make_url(url).database
    with worker(cli, url, "--stalled-after", "1") as running:
        wait_until(lambda: rows(url, "SELECT to_regclass('procrastinate_workers')") != [(None,)])
        wait_until(lambda: rows(url, "SELECT count(*) FROM procrastinate_workers") == [(1,)])
        execute(
            postgresql_server.replace("postgresql://", "postgresql+psycopg://"),
            f"ALTER DATABASE {name} WITH ALLOW_CONNECTIONS false",
            f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'",
        )
        code, said = ended(running)
    assert code == 1, said
    assert "catalog: " in said
    assert "check that" in said
    assert "Traceback" not in said
