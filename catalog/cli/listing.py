"""``catalog list`` and ``catalog show``: what the catalogue holds."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.table import Table
    from rich.text import Text

    from catalog.view import AppliedOverride, EntryRow, ServerRow

# Columns from which on the table of servers has room for how each is reached, its version and a date.
WIDE = 110

_NARROW_COLUMNS = ("Server", "Kind", "Tools", "Risk")
_WIDE_COLUMNS = ("Server", "Reached by", "Version", "Tools", "Actions", "Risk", "Seen")

LIST_EPILOG = """\b
Examples:
  catalog list
  catalog list --known
  catalog list --json | jq '.[] | select(.listed | not)'"""

SHOW_EPILOG = """\b
Examples:
  catalog show truenas-ws-mcp
  catalog show truenas-mcp api_key_create
  catalog show truenas-mcp truenas/system/api_key_create --json"""


def list_servers(
    known: Annotated[bool, typer.Option("--known", help="Servers Catalog knows by name, looked at or not.")] = False,
    json_: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List the servers in the catalogue."""
    if known:
        _list_known(as_json=json_)
        return
    from catalog.cli.console import notes, print_json
    from catalog.cli.wiring import open_view

    with open_view() as view:
        rows = [(server, view.entries(server.slug)) for server in view.servers()]
    if json_:
        print_json([_server_json(server, entries) for server, entries in rows])
        return
    if not rows:
        notes().print("The catalogue is empty. Begin with: catalog sync truenas")
        return
    _print_servers(rows)


def _print_servers(rows: "Sequence[tuple[ServerRow, Sequence[EntryRow]]]") -> None:
    from rich.text import Text

    from catalog.cli.console import out
    from catalog.cli.facts import counted, kind, known
    from catalog.cli.observations import risk_counts
    from catalog.terminal import visible_name

    console = out()
    wide = console.width >= WIDE
    table = _table(*(_WIDE_COLUMNS if wide else _NARROW_COLUMNS))
    for server, entries in rows:
        how = known(server, entries)
        tools = counted(server.tools, how.kind) if server.listing else "-"
        risk = risk_counts(entries) if server.listing else f"not listed ({server.latest.reason})"
        if wide:
            table.add_row(
                server.slug,
                Text(visible_name(str(server.origin))[:60]),
                Text(visible_name((server.listing or server.latest).version or "-")),
                tools,
                str(server.actions) if server.actions else "-",
                risk,
                f"{how.seen_at:%Y-%m-%d}" if how.seen_at else "-",
            )
        else:
            more = f" + {server.actions} action{'' if server.actions == 1 else 's'}" if server.actions else ""
            table.add_row(server.slug, kind(server.origin), f"{tools}{more}", risk)
    console.print(table)


def show(
    server: Annotated[str, typer.Argument(help="A server's slug (catalog list).")],
    tool: Annotated[str | None, typer.Argument(help="A tool, an action, or an entry's key.")] = None,
    json_: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show a server and its tools, or one tool."""
    from catalog.cli.console import print_json
    from catalog.cli.lookup import find_entry, find_server
    from catalog.cli.wiring import open_view

    with open_view() as view:
        row = find_server(view, server)
        entries = view.entries(row.slug)
    if tool is not None:
        entry = find_entry(row.slug, entries, tool)
        if json_:
            print_json(_entry_json(entry) | {"definition": entry.definition.raw})
        else:
            _print_entry(entry)
    elif json_:
        print_json(
            _server_json(row, entries) | _profile_json(entries) | {"entries": [_entry_json(entry) for entry in entries]}
        )
    else:
        _print_server(row, entries)


def _list_known(*, as_json: bool) -> None:
    from catalog.cli.console import out, print_json
    from catalog.sources.known import load_known_servers

    servers = load_known_servers().servers
    if as_json:
        print_json(
            [
                {"slug": s.slug, "title": s.title, "product": s.product, "origin": str(s.origin), "env": s.environment}
                for s in servers
            ]
        )
        return
    console = out()
    wide = console.width >= WIDE
    table = _table("Server", *(["Product"] if wide else []), "Package", "It wants")
    for server in servers:
        product = [server.product] if wide else []
        table.add_row(server.slug, *product, str(server.origin), ", ".join(server.environment) or "-")
    console.print(table)


def _table(*names: str) -> "Table":
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for name in names:
        number = name in ("Tools", "Actions", "Confidence")
        table.add_column(name, justify="right" if number else "left", overflow="fold")
    return table


def _print_server(server: "ServerRow", entries: "Sequence[EntryRow]") -> None:
    from rich.text import Text

    from catalog.cli.console import out
    from catalog.cli.facts import known, learnt
    from catalog.cli.observations import RISK_STYLES, risk_counts
    from catalog.policy.recommend import decide
    from catalog.terminal import visible_name

    console = out()
    console.print(Text(visible_name(server.title), style="bold"), Text(f"({server.slug})"))
    latest, listing, how = server.latest, server.listing, known(server, entries)
    facts = [("reached by", str(server.origin)), ("product", server.product_title), ("publisher", server.publisher)]
    facts += [("homepage", server.homepage), ("repository", server.repository)]
    if listing:
        facts += [
            ("version", listing.version),
            ("says it is", f"{listing.server_name} {listing.server_version}".strip()),
        ]
        facts += [("protocol", listing.protocol_version)]
        facts += [(how.label.lower(), f"{how.seen_at:%Y-%m-%d %H:%M} UTC{', ' * bool(how.where)}{how.where}")]
        facts += [("complete", "maybe not: something says that there may be more tools")] * how.partial
    facts += [("environment it wants", ", ".join(server.environment)), *learnt(server)]
    for name, value in facts:
        if value:
            console.print(_line(name, Text(visible_name(value))))
    if how.heading:
        console.print(Text(f"  {visible_name(' '.join((how.heading, *how.sentences)))}", style="yellow"))
    if not latest.listed and latest.finished_at != how.seen_at:
        console.print(_line("last attempt", Text(f"{latest.finished_at:%Y-%m-%d %H:%M} UTC")))
    if latest.hint:
        console.print(Text(f"  → {visible_name(latest.hint)}"))
    if not entries:
        return
    console.print(_line("risk", risk_counts(entries)))
    _print_profile(entries)
    table = _table("Tool or action", "Category", "Risk", "Decision", "Confidence", "Traits")
    for entry in entries:
        verdict = entry.classification
        table.add_row(
            Text(visible_name(entry.key)),
            verdict.category.value,
            Text(verdict.risk.label, style=RISK_STYLES[verdict.risk.label]),
            decide(verdict).value,
            f"{verdict.confidence:.2f}",
            ", ".join(verdict.traits) or "-",
        )
    console.print(table)


def _print_profile(entries: "Sequence[EntryRow]") -> None:
    from rich.text import Text

    from catalog.cli.console import out
    from catalog.cli.flows import told
    from catalog.server_profile import profile
    from catalog.terminal import visible_name
    from classifier.grade import Grade

    found = profile(entries)
    lines = [("grade", f"{found.grade.letter}: {found.grade.reason}" if isinstance(found.grade, Grade) else "none")]
    lines += [("categories", ", ".join(f"{count} {name}" for name, count in found.categories.items() if count))]
    lines += [("costs", f"{found.tokens:,} tokens of a model's context")]
    lines += [(f"flow {flow.name}", f"{flow.kind}, {flow.confidence:.1f}: {told(flow)}") for flow in found.flows]
    for name, value in lines:
        out().print(_line(name, Text(visible_name(value))), soft_wrap=True)


def _line(name: str, value: "Text") -> "Text":
    from rich.text import Text

    return Text.assemble((f"  {name}: ", "dim"), value)


def _print_entry(entry: "EntryRow") -> None:
    from rich.text import Text

    from catalog.cli.console import out
    from catalog.cli.observations import RISK_STYLES
    from catalog.policy.recommend import decide
    from catalog.server_profile import token_cost
    from catalog.terminal import quoted, visible_name

    console, verdict = out(), entry.classification
    console.print(Text(visible_name(entry.name), style="bold"), Text(f"on {entry.server}"))
    if description := entry.definition.tool.description:
        console.print(Text(quoted(description)), soft_wrap=True)
    reached = "tool" if entry.dispatch is None else _wire_call(entry)
    inverse = f" (undone by {visible_name(verdict.inverse)})" if verdict.inverse else ""
    facts = [
        ("category", verdict.category.value),
        ("severity", verdict.severity.label),
        ("recoverability", f"{verdict.recoverability.value}{inverse}"),
        ("decision", decide(verdict).value),
        ("confidence", f"{verdict.confidence:.2f}"),
        ("traits", ", ".join(verdict.traits)),
        ("findings", ", ".join(verdict.findings)),
        ("called as", reached),
        ("provenance", f"{entry.provenance.value}{f', by {visible_name(entry.run)}' if entry.run else ''}"),
        ("first seen", f"{entry.first_seen:%Y-%m-%d %H:%M} UTC"),
        ("costs", "" if entry.dispatch else f"{token_cost(entry):,} tokens of a model's context"),
        ("definition", entry.definition.hash[:12]),
    ]
    facts += [("set by a person", _told(one)) for one in entry.overrides]
    console.print(_line("risk", Text(verdict.risk.label, style=RISK_STYLES[verdict.risk.label])))
    for name, value in facts:
        if value:
            console.print(_line(name, Text(value)))
    console.print(Text(f"Why: catalog explain {entry.server} {_word(entry.key)}", style="dim"))


def _told(one: "AppliedOverride") -> str:
    state = "" if not one.outdated else (", outdated" if one.in_force else ", outdated and no longer in force")
    return f"{one.field} {one.value}, by {one.by} on {one.date}: {one.reason}{state}"


def _wire_call(entry: "EntryRow") -> str:
    """Say what stands on the wire when the action is called."""
    from catalog.terminal import visible_name

    if entry.dispatch is None:
        return visible_name(entry.name)
    arguments = ", ".join(f"{name}={value!r}" for name, value in entry.dispatch.selector.items())
    return visible_name(f"{entry.dispatch.tool}({arguments})")


def _word(key: str) -> str:
    """Return ``key`` as one word of a command line that can be copied into a shell."""
    import shlex

    from catalog.terminal import visible_name

    return shlex.quote(visible_name(key))


def _profile_json(entries: "Sequence[EntryRow]") -> dict[str, object]:
    from catalog.cli.flows import flow_json
    from catalog.server_profile import profile
    from classifier.grade import Grade

    found = profile(entries)
    return {
        "grade": found.grade.letter if isinstance(found.grade, Grade) else None,
        "grade_reason": found.grade.reason,
        "flows": [flow_json(flow) for flow in found.flows],
        "categories": dict(found.categories),
        "tokens": found.tokens,
    }


def _server_json(server: "ServerRow", entries: "Sequence[EntryRow]") -> dict[str, object]:
    from collections import Counter

    from catalog.cli.facts import kind, known, learnt_json

    listing, how = server.listing, known(server, entries)
    return {
        "slug": server.slug,
        "title": server.title,
        "product": server.product,
        "origin": str(server.origin),
        "publisher": server.publisher,
        "homepage": server.homepage,
        "repository": server.repository,
        "environment": list(server.environment),
        "kind": kind(server.origin),
        "known_from": how.kind,
        "listed": how.kind in ("listed", "recorded"),
        "version": listing.version if listing else None,
        "listed_at": how.seen_at.isoformat() if how.seen_at else None,
        "tools": server.tools,
        "actions": server.actions,
        "risk": Counter(entry.classification.risk.label for entry in entries),
        "latest": {
            "at": server.latest.finished_at.isoformat(),
            "reason": server.latest.reason,
            "detail": server.latest.detail,
            "hint": server.latest.hint,
            **learnt_json(server.latest),
        },
    }


def _entry_json(entry: "EntryRow") -> dict[str, object]:

    from catalog.cli.verdicts import verdict_json

    dispatch = entry.dispatch
    return {
        "key": entry.key,
        "name": entry.name,
        "provenance": entry.provenance,
        "run": entry.run,
        "dispatch": None
        if dispatch is None
        else {"tool": dispatch.tool, "selector": dict(dispatch.selector), "payload": dispatch.payload},
        **verdict_json(entry.classification),
        "definition_hash": entry.definition.hash,
        "overrides": [asdict(one) | {"date": one.date.isoformat()} for one in entry.overrides],
        "first_seen": entry.first_seen.isoformat(),
        "last_seen": entry.last_seen.isoformat(),
    }
