"""``catalog flows``: what the tools of one or several servers can do together."""

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from classifier.flows import Flow

EPILOG = """\b
Examples:
  catalog flows filesystem                    (what one server allows)
  catalog flows filesystem fetch slack        (what loading them together adds)
  catalog flows --json

Exit codes: 0 shown, 2 an unknown server."""


def flows(
    servers: Annotated[list[str] | None, typer.Argument(help="Servers by slug (default: each server alone).")] = None,
    json_: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show toxic flows: leak, destroy, execute, persist, spend and spread, with the tools that make them possible."""
    from catalog.cli.console import print_json
    from catalog.cli.lookup import find_server
    from catalog.cli.wiring import open_view
    from catalog.server_profile import placed
    from classifier.flows import flows as find_flows

    with open_view() as view:
        slugs = [find_server(view, slug).slug for slug in servers or ()] or [row.slug for row in view.servers()]
        tools = {slug: placed(view.entries(slug)) for slug in slugs}
    alone = {slug: find_flows(one) for slug, one in tools.items()}
    together = find_flows([one for of_server in tools.values() for one in of_server]) if len(servers or ()) > 1 else ()
    known = {(flow.name, flow.witness) for of_server in alone.values() for flow in of_server}
    added = [flow for flow in together if (flow.name, flow.witness) not in known]
    if json_:
        print_json(
            {
                "servers": {slug: [flow_json(flow) for flow in found] for slug, found in alone.items()},
                "together": [flow_json(flow) for flow in added],
            }
        )
        return
    for slug, found in alone.items():
        _print(slug, found)
    if together:
        _print("together they add", added)


def flow_json(flow: "Flow") -> dict[str, object]:
    """Return a flow as JSON."""
    return {
        "name": flow.name,
        "kind": flow.kind,
        "confidence": flow.confidence,
        "witness": [{"leg": step.leg, "server": step.server, "tool": step.key} for step in flow.witness],
    }


def told(flow: "Flow") -> str:
    """Return the witness of a flow in one line."""
    return " → ".join(f"{step.key or 'the client'} ({step.leg})" for step in flow.witness)


def _print(title: str, found: "tuple[Flow, ...] | list[Flow]") -> None:
    from rich.text import Text

    from catalog.cli.console import out
    from catalog.terminal import visible_name

    out().print(Text(title, style="bold") + Text("" if found else ": no flows"))
    for flow in found:
        head = Text(f"  {flow.name:8} {flow.confidence:.1f} {flow.kind}: ")
        out().print(head + Text(visible_name(told(flow)), style="dim"), soft_wrap=True)
