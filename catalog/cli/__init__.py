"""The command line: one module per command; the only place that wires parts together and prints."""

import io
import os
import sys
from typing import Annotated

import typer

from catalog.cli import (
    cache,
    classify,
    collisions,
    doctor,
    evaluate,
    explain,
    export,
    flows,
    gateway,
    history,
    hook,
    import_,
    listing,
    overrides,
    policy,
    queueing,
    rules,
    site,
    sync,
    worker,
)
from catalog.cli.wiring import database_option
from catalog.errors import CatalogError, UsageError

INTERRUPTED = 130
"""What Typer exits with on Ctrl-C: 128 and the number of the signal."""

EPILOG = """\b
Examples:
  catalog sync truenas
  catalog list
  catalog --db ./trial.db sync -- python3 ./my_server.py"""

app = typer.Typer(
    name="catalog",
    epilog=EPILOG,
    rich_markup_mode=None,  # plain help: Rich's costs 0.3 s at every start
    pretty_exceptions_enable=False,
    add_completion=False,
    no_args_is_help=True,
)


def _print_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"catalog {version('mcp-catalog')}")
        raise typer.Exit


@app.callback()
def root(
    db: Annotated[
        str | None,
        typer.Option(
            "--db",
            metavar="PATH|URL",
            help="The database, a file or postgresql://… (default: CATALOG_DATABASE_URL, else in your data folder).",
        ),
    ] = None,
    version: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=_print_version, help="Print the version and leave.")
    ] = False,
) -> None:
    """Know what the tools of AI agents can do, and bound it.

    Exit codes: 0 ok, 1 failed, 2 usage, 3 some targets were not listed.
    """
    del version  # its callback has answered it
    if db == "":
        raise UsageError("--db names no database; write a file or postgresql://…, or leave it out")
    database_option.set(db)


app.command(cls=sync.SyncCommand, epilog=sync.EPILOG)(sync.sync)
app.command("import", epilog=import_.EPILOG)(import_.import_list)
app.command("list", epilog=listing.LIST_EPILOG)(listing.list_servers)
app.command(epilog=listing.SHOW_EPILOG)(listing.show)
app.command(epilog=classify.EPILOG)(classify.classify)
app.command(epilog=history.EPILOG)(history.history)
app.command(epilog=explain.EPILOG)(explain.explain)
app.command(epilog=export.EPILOG)(export.export)
app.add_typer(rules.app, name="rules")
app.add_typer(overrides.app, name="overrides")
app.add_typer(policy.app, name="policy")
app.add_typer(site.app, name="site")
app.add_typer(cache.app, name="cache")
app.add_typer(queueing.app, name="queue")
app.command(epilog=worker.EPILOG)(worker.worker)
app.command(epilog=gateway.EPILOG)(gateway.gateway)
app.command(epilog=hook.EPILOG)(hook.hook)
app.command(epilog=flows.EPILOG)(flows.flows)
app.command(epilog=collisions.EPILOG)(collisions.collisions)
app.command(epilog=evaluate.EPILOG)(evaluate.evaluate)
app.command(epilog=doctor.EPILOG)(doctor.doctor)


def main() -> None:
    """Run the command line; what a user can act on is one line on stderr, never a traceback."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A terminal that has no "→" shows its escape.
            stream.reconfigure(errors="backslashreplace")
    try:
        app()
    except CatalogError as error:
        _complain(str(error))
        sys.exit(error.exit_code)
    except SystemExit as leaving:
        if leaving.code == INTERRUPTED:
            typer.echo("catalog: interrupted; what was stored before is kept", err=True)
        raise
    except BrokenPipeError:
        # The reader of our output left (``catalog list | head``): nothing is wrong and nothing more can be said.
        sys.stderr.close()
        sys.exit(0)
    except OSError as error:
        _complain(f"{error}; free disk space or choose a place that you may write to")
        # What could not be written is still in its buffer, and would fail again when Python leaves.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(CatalogError.exit_code)


def _complain(message: str) -> None:
    """Print an error; what it quotes from a server acts on no terminal."""
    from catalog.terminal import visible

    typer.echo(f"catalog: {visible(message)}", err=True)
