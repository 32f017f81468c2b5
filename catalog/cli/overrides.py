"""``catalog overrides``: decisions of a person that win over the classifier."""

from typing import Annotated

import typer

from catalog.errors import CheckFailed, InputError

ADD_EPILOG = """\b
Examples:
  catalog overrides add filesystem write_file severity Medium --reason "only a scratch folder is mounted"
  catalog overrides add truenas-mcp app_update category Admin --reason "values change what runs" --by ana
  catalog overrides add slack slack_post_message trait -- -egress-channel --reason "a channel of bots"

FIELD is category, severity, recoverability or trait. The row is added to the file that catalog overrides list names."""
LIST_EPILOG = """\b
Examples:
  catalog overrides list
  catalog overrides list --json"""
CHECK_EPILOG = """\b
Examples:
  catalog overrides check        (in CI: exit code 1 where a row is outdated or names nothing)"""

app = typer.Typer(help="Decisions of a person that win over the classifier.", no_args_is_help=True)


@app.command(epilog=ADD_EPILOG)
def add(
    server: Annotated[str, typer.Argument(help="A server's slug.")],
    tool: Annotated[str, typer.Argument(help="A tool, an action, or an entry's key.")],
    field: Annotated[str, typer.Argument(help="category, severity, recoverability or trait.")],
    value: Annotated[str, typer.Argument(help="What it is; -NAME takes a trait away.")],
    reason: Annotated[str, typer.Option("--reason", help="Why, for whoever reads the page.")],
    by: Annotated[str, typer.Option("--by", help="Who decided (default: your user name).")] = "",
) -> None:
    """Decide something about a tool as it is defined now."""
    from datetime import UTC, datetime
    from getpass import getuser

    from pydantic import ValidationError

    from catalog.cli.lookup import find_entry, find_server
    from catalog.cli.wiring import open_view, settings
    from catalog.overrides import Override, as_yaml, read_overrides

    with open_view() as view:
        row = find_server(view, server)
        entry = find_entry(row.slug, view.entries(row.slug), tool)
    stated = {
        "server": row.slug,
        "tool": entry.key,
        "field": field,
        "value": value,
        "reason": reason,
        "by": by or getuser(),
        "date": datetime.now(UTC).date(),
        "definition": entry.definition.hash[:12],
    }
    try:
        override = Override.model_validate(stated)
    except ValidationError as error:
        raise InputError(f"{error.errors()[0]['msg']}; see catalog overrides add --help") from error
    file = settings().overrides
    if any(
        (o.server, o.tool, o.field) == (override.server, override.tool, override.field) for o in read_overrides(file)
    ):
        raise InputError(f"{str(file)!r} decides the {field} of {tool!r} already; change the row there")
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("a", encoding="utf-8") as rows:
        rows.write(as_yaml(override))
    typer.echo(f"added to {file}", err=True)


@app.command("list", epilog=LIST_EPILOG)
def list_overrides(json_: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """List the overrides of the file, and where it is."""
    from catalog.cli.console import out, print_json
    from catalog.cli.wiring import settings
    from catalog.overrides import read_overrides

    file = settings().overrides
    rows = read_overrides(file)
    if json_:
        print_json({"file": str(file), "overrides": [row.model_dump(mode="json") for row in rows]})
        return
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, title=f"{len(rows)} in {file}", title_justify="left")
    for name in ("Server", "Tool", "Field", "Value", "By", "Date", "Reason"):
        table.add_column(name, overflow="fold")
    for row in rows:
        cells = (row.server, row.tool, row.field, row.value, row.by, row.date.isoformat(), row.reason)
        table.add_row(*(Text(cell) for cell in cells))
    out().print(table)


@app.command(epilog=CHECK_EPILOG)
def check(json_: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """Check that each override names a tool whose definition is the one it was made for."""
    from catalog.cli.console import print_json
    from catalog.cli.wiring import open_store, settings
    from catalog.overrides import check as find_trouble
    from catalog.overrides import read_overrides

    rows = read_overrides(settings().overrides)
    with open_store() as store:
        trouble = find_trouble(rows, store)
    if json_:
        print_json([{**one.override.model_dump(mode="json"), "message": one.message} for one in trouble])
    else:
        for one in trouble:
            typer.echo(f"{one.override.server} {one.override.tool} {one.override.field}: {one.message}")
    if trouble:
        raise CheckFailed(f"{len(trouble)} of {len(rows)} overrides need a look")
