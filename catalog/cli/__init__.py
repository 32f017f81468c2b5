"""The command line: one module per command; the only place that wires parts together and prints."""

import sys
from typing import Annotated

import typer

from catalog.cli import classify, doctor, explain, export, listing, site, sync
from catalog.cli.wiring import database_option
from catalog.errors import CatalogError

INTERRUPTED = 130
"""What Typer exits with on Ctrl-C: 128 and the number of the signal."""

app = typer.Typer(
    name="catalog",
    rich_markup_mode=None,  # plain help: Rich's costs 0.3 s at every start
    pretty_exceptions_enable=False,
    add_completion=False,
    no_args_is_help=True,
)


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
) -> None:
    """Know what the tools of AI agents can do, and bound it.

    Exit codes: 0 ok, 1 failed, 2 usage, 3 some targets were not listed.
    """
    database_option.set(db)


app.command(cls=sync.SyncCommand, epilog=sync.EPILOG)(sync.sync)
app.command("list", epilog=listing.LIST_EPILOG)(listing.list_servers)
app.command(epilog=listing.SHOW_EPILOG)(listing.show)
app.command(epilog=classify.EPILOG)(classify.classify)
app.command(epilog=explain.EPILOG)(explain.explain)
app.command(epilog=export.EPILOG)(export.export)
app.add_typer(site.app, name="site")
app.command(epilog=doctor.EPILOG)(doctor.doctor)


def main() -> None:
    """Run the command line; what a user can act on is one line on stderr, never a traceback."""
    try:
        app()
    except CatalogError as error:
        typer.echo(f"catalog: {error}", err=True)
        sys.exit(error.exit_code)
    except SystemExit as leaving:
        if leaving.code == INTERRUPTED:
            typer.echo("catalog: interrupted; what was stored before is kept", err=True)
        raise
    except BrokenPipeError:
        # The reader of our output left (``catalog list | head``): nothing is wrong and nothing more can be said.
        sys.stderr.close()
        sys.exit(0)
