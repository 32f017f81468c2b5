"""``catalog collisions``: tool names that several servers share, or that look as if they did."""

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from classifier.collisions import Collision

EPILOG = """\b
Examples:
  catalog collisions                     (among all servers)
  catalog collisions filesystem          (of one server with any other)
  catalog collisions filesystem github   (among those loaded together)
  catalog collisions --json | jq '.[] | select(.kind != "same-name")'

Exit codes: 0 shown, 2 an unknown server."""


def collisions(
    servers: Annotated[list[str] | None, typer.Argument(help="Servers by slug (default: all).")] = None,
    json_: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show tool names that are the same, look the same or are one slip apart on different servers."""
    from catalog.cli.console import notes, print_json
    from catalog.cli.lookup import find_server
    from catalog.cli.wiring import open_view
    from catalog.rules import load_ruleset
    from classifier.collisions import collisions as find_collisions

    with open_view() as view:
        chosen = {find_server(view, slug).slug for slug in servers or ()}
        read = chosen if len(chosen) > 1 else {row.slug for row in view.servers()}
        names = {slug: [entry.name for entry in view.entries(slug) if entry.dispatch is None] for slug in sorted(read)}
    found = [
        one for one in find_collisions(names, load_ruleset().lexicon.words()) if not chosen or chosen & {*one.servers}
    ]
    if json_:
        print_json([_json(one) for one in found])
    elif found:
        _print(found)
    else:
        notes().print("No names collide.")


def _json(found: "Collision") -> dict[str, object]:
    return {"kind": found.kind, "uses": [{"name": use.name, "servers": list(use.servers)} for use in found.uses]}


def _print(found: "list[Collision]") -> None:
    from rich.table import Table
    from rich.text import Text

    from catalog.cli.console import out
    from catalog.terminal import visible_name

    table = Table("Kind", "Name", "Servers", box=None, pad_edge=False)
    for one in found:
        for at, use in enumerate(one.uses):
            kind = one.kind.value if at == 0 else ""
            table.add_row(kind, Text(visible_name(use.name)), Text(", ".join(use.servers)))
    out().print(table)
