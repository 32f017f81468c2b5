"""``catalog history``: what changed of a server's tools."""

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.text import Text

    from catalog.view import ChangeRow

EPILOG = """\b
Examples:
  catalog history truenas-ws-mcp
  catalog history truenas-ws-mcp --json | jq '.[] | select(.effect == "risk-raised")'

Exit codes: 0 shown, 2 an unknown server."""


def history(
    server: Annotated[str, typer.Argument(help="A server's slug (catalog list).")],
    json_: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show what was added, removed, renamed or changed since a server was first listed, the latest first."""
    from catalog.cli.console import notes, print_json
    from catalog.cli.lookup import find_server
    from catalog.cli.wiring import open_view

    with open_view() as view:
        row = find_server(view, server)
        changes = view.history(row.slug)
    if json_:
        print_json([_json(change) for change in changes])
    elif changes:
        _print(changes)
    elif row.listing is None:
        notes().print(f"{row.slug} was never listed. Why: catalog show {row.slug}")
    else:
        notes().print(f"No tool of {row.slug} has changed since it was first listed.")


def _print(changes: "Sequence[ChangeRow]") -> None:
    from rich.table import Table
    from rich.text import Text

    from catalog.cli.console import out
    from catalog.terminal import visible_name

    table = Table(box=None, pad_edge=False)
    for name in ("Seen", "Change", "Tool or action", "Effect", "Risk"):
        table.add_column(name, overflow="fold")
    for change in changes:
        name = change.key if change.new_key is None else f"{change.key} → {change.new_key}"
        table.add_row(
            f"{change.at:%Y-%m-%d}",
            change.kind.value,
            Text(visible_name(name)),
            change.effect.replace("-", " ") if change.effect else "-",
            _risk(change),
        )
    out().print(table)


def _risk(change: "ChangeRow") -> "Text":
    """Return the risk, and where a change moved it, from what it moved."""
    from rich.text import Text

    from catalog.cli.observations import RISK_STYLES

    levels = [level for level in (change.risk_before, change.risk) if level is not None]
    shown = [Text(level.label, style=RISK_STYLES[level.label]) for level in dict.fromkeys(levels)]
    return Text(" → ").join(shown) if shown else Text("-")


def _json(change: "ChangeRow") -> dict[str, object]:
    return {
        "at": change.at.isoformat(),
        "kind": change.kind,
        "key": change.key,
        "new_key": change.new_key,
        "effect": change.effect,
        "category": change.category,
        "risk": change.risk and change.risk.label,
        "risk_before": change.risk_before and change.risk_before.label,
        "definition_hash_before": change.before and change.before.hash,
        "definition_hash": change.after and change.after.hash,
    }
