"""Measure what the queue costs: jobs a second with 1, 2 and 4 worker processes, and what PostgreSQL does for them.

Two loads on a PostgreSQL of its own, over a unix socket: looks that return at once (what the queue itself costs), and
the real worker program with a tiny real server in the sandbox. It stops when the jobs are done.

    python bench/scale.py [JOBS [JOBS_IN_THE_SANDBOX]]          (default 5000 500)

Not called queue.py: a script's folder comes first on the import path, and would hide Python's own module ``queue``.
"""

import asyncio
import contextlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import psutil
import psycopg
from procrastinate.schema import SchemaManager
from sqlalchemy import make_url

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "support"))

from catalog.crawl.jobs.filling import fill
from catalog.crawl.jobs.tasks import Work
from catalog.crawl.jobs.worker import Worker
from catalog.model import Definition, Entry, Listed, Observation, Provenance, ServerRef
from catalog.origin import Command, Package
from catalog.sources.commands import command_server
from catalog.store.backlog import Backlog
from catalog.store.repository import Store
from catalog.target import Target
from catalog_testing.commandline import write_server
from catalog_testing.database import postgresql_database, postgresql_server

WORKERS = (1, 2, 4)
CONCURRENCY = 4
TOOLS = 9  # the median of the servers that were measured (docs/crawl.md)
SERVERS = 43_000
PROGRAM = str(Path(sys.executable).parent / "catalog")


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What PostgreSQL has done so far."""

    transactions: int
    bytes: int
    cpu: float

    @classmethod
    def of(cls, server: str, name: str) -> "Load":
        """Read it, from another database of the same server."""
        with psycopg.connect(server, autocommit=True) as connection:
            row = connection.execute(
                "SELECT xact_commit, pg_database_size(datname) FROM pg_stat_database WHERE datname = %s", [name]
            ).fetchone()
            master = psutil.Process(connection.info.backend_pid).parent()
        assert row is not None
        assert master is not None
        times = master.cpu_times()
        cpu = times.user + times.system + times.children_user + times.children_system
        for backend in master.children():
            with contextlib.suppress(psutil.NoSuchProcess):  # it ended; the master has its times
                cpu += sum(backend.cpu_times()[:2])
        return cls(transactions=row[0], bytes=row[1], cpu=cpu)


def definition(slug: str, number: int) -> Definition:
    """Return a tool of an ordinary size: 800 bytes, most of them its schema's."""
    properties = {f"argument_{at}": {"type": "string", "description": "What it is about. " * 4} for at in range(6)}
    schema = {"type": "object", "properties": properties}
    return Definition(raw={"name": f"{slug}_{number}", "description": "Does one thing.", "inputSchema": schema})


async def look_at_once(target: Target) -> Observation:
    """Return a list without looking."""
    slug, now = target.server.slug, datetime.now(UTC)
    entries = tuple(Entry(definition=definition(slug, n), provenance=Provenance.LIVE) for n in range(TOOLS))
    outcome = Listed(server_name=slug, server_version="1", protocol_version="2025-11-25", entries=entries)
    return Observation(server=target.server, started_at=now, finished_at=now, outcome=outcome)


def work(url: str) -> None:
    """Be one worker process whose looks cost nothing."""
    with Backlog.open(url, SchemaManager.get_schema) as backlog, Store.open(url) as store:
        duties = Work(backlog=backlog, look=look_at_once, record=store.record)
        asyncio.run(Worker(url, duties, jobs=CONCURRENCY).run(until_empty=True))


def measure(server: str, note: str, servers: Sequence[ServerRef], argv: Sequence[str], workers: int) -> None:
    """Let ``workers`` processes do all ``servers``, in a database of their own; print what it took."""
    with postgresql_database(server) as url:
        name = make_url(url).database or ""
        Store.open(url).close()
        with Backlog.open(url, SchemaManager.get_schema) as backlog:
            began = time.perf_counter()
            fill(backlog, servers)
            filled = time.perf_counter() - began
        before = Load.of(server, name)
        began = time.perf_counter()
        environment = os.environ | {"CATALOG_DATABASE_URL": url}
        processes = [subprocess.Popen(argv, env=environment, stderr=subprocess.DEVNULL) for _ in range(workers)]
        cpu = 0.0
        for process in processes:
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            cpu += usage.ru_utime + usage.ru_stime
        seconds = time.perf_counter() - began
        assert all(process.returncode == 0 for process in processes)
        after = Load.of(server, name)
        with Backlog.open(url, SchemaManager.get_schema) as backlog:
            status = backlog.status(60)
        assert status.done == len(servers), status
        jobs = len(servers)
        print(
            f"{note}, {workers} workers: {jobs} jobs in {seconds:.1f} s, {jobs / seconds:.1f}/s "
            f"(filled in {filled:.1f} s); a job: {(after.transactions - before.transactions) / jobs:.1f} transactions, "
            f"{(after.bytes - before.bytes) / jobs / 1024:.1f} KiB, CPU ms {1000 * cpu / jobs:.1f} worker "
            f"{1000 * (after.cpu - before.cpu) / jobs:.1f} PostgreSQL",
            flush=True,
        )


def long_queue(server: str) -> None:
    """Print what it costs to take a job while all servers there are wait."""
    some = [package(number) for number in range(SERVERS)]
    with postgresql_database(server) as url, Backlog.open(url, SchemaManager.get_schema) as backlog:
        began = time.perf_counter()
        fill(backlog, some)
        filled = time.perf_counter() - began
        with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
            connection.execute("SELECT * FROM procrastinate_register_worker_v1()")
            began = time.perf_counter()
            for _ in range(200):
                connection.execute("SELECT id FROM procrastinate_fetch_job_v2(ARRAY['catalog'], 1)")
            taken = (time.perf_counter() - began) / 200
    print(f"{SERVERS} servers wait: filled in {filled:.1f} s, {1000 * taken:.1f} ms to take a job", flush=True)


def package(number: int) -> ServerRef:
    """Return a server that nothing runs."""
    return ServerRef(slug=f"npm-server-{number}", title=f"server-{number}", origin=Package(ecosystem="npm", name="s"))


def command(script: Path, number: int) -> ServerRef:
    """Return a tiny server that the sandbox can run."""
    server = command_server([sys.executable, "-S", str(script), str(number)])
    assert isinstance(server.origin, Command)
    return server


def main() -> None:
    """Run both loads with each number of workers."""
    given = [int(word) for word in sys.argv[1:3]]
    jobs, sandboxed = (*given, *(5000, 500)[len(given) :])
    tools = [dict(definition("tiny", number).raw) for number in range(TOOLS)]
    with postgresql_server() as server, tempfile.TemporaryDirectory() as folder:
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute("ALTER SYSTEM SET fsync = on")  # the tests turn it off
            connection.execute("SELECT pg_reload_conf()")
        long_queue(server)
        script = write_server(Path(folder), tools)
        for workers in WORKERS:
            measure(server, "at once", [package(n) for n in range(jobs)], [sys.executable, __file__, "work"], workers)
        argv = [PROGRAM, "worker", "--until-empty", "--jobs", "2"]
        for workers in WORKERS:
            measure(server, "sandbox", [command(script, n) for n in range(sandboxed)], argv, workers)


if __name__ == "__main__":
    if sys.argv[1:] == ["work"]:
        work(os.environ["CATALOG_DATABASE_URL"])
    else:
        main()
