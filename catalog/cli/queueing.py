"""``catalog queue``: let servers wait for the workers of many machines (``catalog worker``)."""

from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from catalog.cli.sync import COMMAND_META, SyncCommand
from catalog.errors import StoreError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from catalog.store.backlog import Backlog, BacklogStatus

FILL_EPILOG = """\b
Examples:
  catalog --db postgresql://db.example/catalog queue fill --known
  catalog queue fill --priority 10 truenas pypi:mcp-server-fetch      (CATALOG_DATABASE_URL names the database)

A server that waits or runs already is not added again. Commands and local files must be the same on every worker."""
STATUS_EPILOG = """\b
Examples:
  catalog queue status
  catalog queue status --json | jq .waiting"""
RETRY_EPILOG = """\b
Examples:
  catalog queue retry                     (every server that failed)
  catalog queue retry pypi-mcp-server-fetch"""
CANCEL_EPILOG = """\b
Examples:
  catalog queue cancel                    (every server that waits; what runs goes on)
  catalog queue cancel pypi-mcp-server-fetch"""

Slugs = Annotated[list[str] | None, typer.Argument(metavar="[SERVER]...", help="Servers by slug (default: all).")]

app = typer.Typer(help="Servers that wait for the workers of many machines (PostgreSQL).", no_args_is_help=True)


@app.command(cls=SyncCommand, epilog=FILL_EPILOG)
def fill(
    context: typer.Context,
    targets: Annotated[
        list[str] | None,
        typer.Argument(metavar="[TARGET]... [-- COMMAND ARGS...]", help="As for catalog sync."),
    ] = None,
    known: Annotated[bool, typer.Option("--known", help="All known servers (catalog list --known).")] = False,
    priority: Annotated[
        int, typer.Option(min=-1000, max=1000, help="Higher is looked at first; also raises one that waits.")
    ] = 0,
) -> None:
    """Let servers wait to be looked at; doing it twice adds nothing. No value of a variable is put into the queue."""
    from catalog.cli.targets import Wanted, named_targets
    from catalog.crawl.jobs.filling import fill as fill_backlog
    from catalog.sources.known import load_known_servers

    wanted = Wanted(words=targets or [], command=context.meta.get(COMMAND_META), known=known)
    found, _ = named_targets(wanted, load_known_servers())
    if not found:
        raise UsageError("name what to look at, for example: catalog queue fill --known")
    with open_backlog() as backlog:
        filled = fill_backlog(backlog, [target.server for target in found], priority=priority)
    typer.echo(f"{filled.added} added, {filled.present} waited or ran already")


@app.command(epilog=STATUS_EPILOG)
def status(json_: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """Count what waits, runs, is done and has failed; how fast it goes, and how long the oldest waits."""
    from dataclasses import asdict

    from catalog.cli.console import print_json
    from catalog.crawl.jobs.policy import Policy

    with open_backlog() as backlog:
        found = backlog.status(Policy().stalled_seconds)
    if json_:
        print_json(asdict(found) | {"oldest": found.oldest and found.oldest.isoformat()})
    else:
        _print(found)


@app.command(epilog=RETRY_EPILOG)
def retry(servers: Slugs = None) -> None:
    """Let servers wait again whose last job failed: no lasting outcome after all tries, or a worker that died of it."""
    with open_backlog() as backlog:
        typer.echo(f"{backlog.retry(servers or None)} wait again")


@app.command(epilog=CANCEL_EPILOG)
def cancel(servers: Slugs = None) -> None:
    """Take waiting servers out of the queue. What runs goes on; what is stored stays."""
    with open_backlog() as backlog:
        typer.echo(f"{backlog.cancel(servers or None)} cancelled")


@contextmanager
def open_backlog() -> "Iterator[Backlog]":
    """Open the queue. Raises: UsageError where the database is not PostgreSQL; StoreError where it cannot be used."""
    from catalog.cli.wiring import settings
    from catalog.store.backlog import Backlog

    with Backlog.open(settings().database_url, _schema) as backlog:
        yield backlog


def _schema() -> str:
    require_procrastinate()
    from procrastinate.schema import SchemaManager

    return SchemaManager.get_schema()


def require_procrastinate() -> None:
    """Check that the engine of the queue is installed. Raises: StoreError that says how to install it."""
    try:
        import procrastinate  # noqa: F401  # tried, not used
    except ModuleNotFoundError as error:
        raise StoreError(
            f"the queue needs the module {error.name!r}: install it with `pip install 'mcp-catalog[postgres]'`"
        ) from error


def _print(found: "BacklogStatus") -> None:
    from rich.table import Table

    from catalog.cli.console import out

    oldest = "" if found.oldest is None else f", the oldest since {found.oldest:%Y-%m-%d %H:%M} UTC"
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(justify="right")
    table.add_row(str(found.waiting), f"wait ({found.later} of them for a later try{oldest})")
    table.add_row(str(found.running), f"run ({found.stalled} of them on a worker that died)")
    table.add_row(str(found.done), "done")
    table.add_row(str(found.failed), "failed (catalog queue retry)")
    table.add_row(str(found.cancelled), "cancelled")
    table.add_row(f"{found.per_minute:g}", "ended a minute, lately")
    table.add_row(str(found.workers), "workers")
    out().print(table)
