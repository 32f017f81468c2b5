"""``catalog worker``: look at the servers that wait in the queue, on this machine, until told to stop."""

from typing import TYPE_CHECKING, Annotated

import typer

from catalog.errors import UsageError

if TYPE_CHECKING:
    from catalog.crawl.events import Event, Sink
    from catalog.crawl.jobs.worker import Recrawl
    from catalog.model import Observation
    from catalog.target import Target

EPILOG = """\b
Examples:
  catalog --db postgresql://db.example/catalog worker --jobs 4
  catalog worker --until-empty                            (CATALOG_DATABASE_URL names the database)
  catalog worker --recrawl "0 3 * * *" --max-age 7d       (every night: what was last looked at a week ago)

SIGTERM or Ctrl-C: takes no further server, gives those that run --grace seconds, then hands them back.

Exit codes: 0 stopped as told, or nothing more to do; 1 this machine cannot go on; 2 usage."""


def worker(
    jobs: Annotated[int, typer.Option("--jobs", "-j", min=1, max=64, help="Servers looked at at the same time.")] = 2,
    until_empty: Annotated[
        bool, typer.Option("--until-empty", help="Leave when no server waits or is looked at any more.")
    ] = False,
    name: Annotated[str, typer.Option(help="Shown before each line (default: the machine and the process).")] = "",
    recrawl: Annotated[
        str | None, typer.Option(metavar="CRON", help="When to look again at what is too old, UTC.")
    ] = None,
    max_age: Annotated[str, typer.Option(metavar="AGE", help="What is too old, for example 90m, 12h or 7d.")] = "7d",
    grace: Annotated[float, typer.Option(min=0, max=3600, help="Seconds that running servers get at the end.")] = 60.0,
    stalled_after: Annotated[
        float, typer.Option(min=1, max=3600, help="Seconds without a sign of life after which a worker counts as dead.")
    ] = 60.0,
) -> None:
    """Look at the servers that wait in the queue (catalog queue fill), in a sandbox, and store their tools.

    Any number of workers, anywhere the database can be reached; each server is looked at by one of them.
    """
    import asyncio
    import os
    import signal
    import socket

    from catalog.cli import crawling
    from catalog.cli.queueing import open_backlog, require_procrastinate
    from catalog.cli.wiring import open_store, settings
    from catalog.crawl.crawler import isolated
    from catalog.crawl.events import silent
    from catalog.crawl.look import Looker
    from catalog.crawl.work import sweep
    from catalog.sources.known import load_known_servers

    shown = name or f"{socket.gethostname()}-{os.getpid()}"
    with (
        open_backlog() as backlog,
        open_store() as store,
        crawling.work_folder(settings().cache) as work_folder,
    ):
        require_procrastinate()
        from catalog.crawl.jobs.policy import Policy
        from catalog.crawl.jobs.tasks import Work
        from catalog.crawl.jobs.worker import Worker

        again = _recrawl(recrawl, max_age)
        sweep(work_folder.parent)
        parts = crawling.parts(crawling.sandbox(no_sandbox=False), load_known_servers(), work_folder, [], jobs)
        looker = Looker(parts)
        policy = Policy(
            grace_seconds=grace,
            stalled_seconds=stalled_after,
            heartbeat_seconds=stalled_after / 4,
            poll_seconds=min(Policy().poll_seconds, stalled_after / 4),
        )

        async def look(target: "Target") -> "Observation":
            return await isolated(target, looker, silent)

        async def work() -> None:
            sink = _lines(shown)
            worker = Worker(
                settings().database_url,
                Work(backlog=backlog, look=look, record=store.record, sink=sink, policy=policy),
                jobs=jobs,
                name=shown,
                recrawl=again,
            )
            for number in (signal.SIGTERM, signal.SIGINT):
                asyncio.get_running_loop().add_signal_handler(number, worker.stop)
            await worker.run(until_empty=until_empty)

        asyncio.run(work())


def _lines(name: str) -> "Sink":
    """Return a sink that prints a line on stderr for each server."""
    from catalog.cli.progress import summary
    from catalog.crawl.events import Observed
    from catalog.terminal import visible

    def line(event: "Event") -> None:
        if isinstance(event, Observed):
            typer.echo(f"{visible(name)}: {summary(event.observation)}", err=True)

    return line


def _recrawl(cron: str | None, max_age: str) -> "Recrawl | None":
    """Read --recrawl and --max-age. Raises: UsageError that says how to write them."""
    from croniter import croniter  # type: ignore[import-untyped]  # it ships no types

    from catalog.cli.age import age
    from catalog.crawl.jobs.worker import Recrawl

    too_old = age(max_age, "--max-age")
    if cron is None:
        return None
    if not croniter.is_valid(cron):
        raise UsageError(
            f"--recrawl {cron!r} is no time; write minute, hour, day, month, weekday: --recrawl '0 3 * * *'"
        )
    return Recrawl(cron=cron, max_age=too_old)
