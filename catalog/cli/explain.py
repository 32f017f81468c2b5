"""``catalog explain``: the chain from a tool's words to its verdict."""

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.text import Text

    from catalog.view import EntryRow
    from classifier.verdict import Evidence

EPILOG = """\b
Examples:
  catalog explain truenas-ws-mcp create_dataset
  catalog explain truenas-mcp api_key_create --json"""

# Characters of a description shown on either side of the words that decided.
_CONTEXT = 40


def explain(
    server: Annotated[str, typer.Argument(help="A server's slug (catalog list).")],
    tool: Annotated[str, typer.Argument(help="A tool, an action, or an entry's key.")],
    json_: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show why a tool is judged as it is: each rule, and the words that made it fire."""
    from catalog.cli.lookup import find_entry, find_server
    from catalog.cli.wiring import open_view

    with open_view() as view:
        row = find_server(view, server)
        entry = find_entry(row.slug, view.entries(row.slug), tool)
    if json_:
        from catalog.cli.console import print_json

        print_json(_json(entry))
    else:
        _print(entry)


def _json(entry: "EntryRow") -> dict[str, object]:
    from dataclasses import asdict

    from catalog.cli.verdicts import verdict_json
    from catalog.rules import load_ruleset

    rules = load_ruleset().by_id
    return {
        "server": entry.server,
        "key": entry.key,
        "name": entry.name,
        **verdict_json(entry.classification),
        "ruleset": entry.ruleset,
        "evidence": [
            asdict(one) | {"summary": rules[one.rule].summary if one.rule in rules else None}
            for one in entry.classification.evidence
        ],
    }


def _print(entry: "EntryRow") -> None:
    from rich.text import Text

    from catalog.cli.console import out
    from catalog.cli.observations import RISK_STYLES
    from catalog.rules import load_ruleset
    from catalog.terminal import visible_name

    console, verdict, rules = out(), entry.classification, load_ruleset().by_id
    console.print(Text(visible_name(entry.name), style="bold"), Text(f"on {entry.server}"))
    inverse = f" (undone by {visible_name(verdict.inverse)})" if verdict.inverse else ""
    also = "".join(f", also {category}" for category in verdict.also)
    for name, value in (
        ("category", verdict.category + also),
        ("severity", verdict.severity.label),
        ("recoverability", verdict.recoverability + inverse),
    ):
        console.print(Text(f"  {name}: ", style="dim") + Text(value))
    console.print(Text("  risk: ", style="dim") + Text(verdict.risk.label, style=RISK_STYLES[verdict.risk.label]))
    console.print(Text("  confidence: ", style="dim") + Text(f"{verdict.confidence:.2f}"))
    console.print()
    last = ""
    for one in verdict.evidence:
        if one.rule != last:
            summary = rules[one.rule].summary if one.rule in rules else ""
            console.print(Text(one.rule, style="bold") + Text(f"  {summary}", style="dim"))
            last = one.rule
        line = Text(f"  {one.contributes} {one.value}: ") + Text(f"{visible_name(one.field)} ", style="dim")
        console.print(line + _quoted(entry, one), soft_wrap=True)


def _quoted(entry: "EntryRow", one: "Evidence") -> "Text":
    """Return the words that decided, underlined, with some of what stands around them."""
    from rich.text import Text

    from catalog.terminal import visible

    tool = entry.definition.tool
    whole = {"name": tool.name, "title": tool.title, "description": tool.description}.get(one.field, one.text)
    if whole[one.start : one.end] != one.text:
        whole, start, end = one.text, 0, len(one.text)
    else:
        start, end = one.start, one.end
    before, after = whole[max(0, start - _CONTEXT) : start], whole[end : end + _CONTEXT]
    return Text.assemble(
        _on_one_line(visible(("…" if start > _CONTEXT else "") + before)),
        (_on_one_line(visible(one.text)), "underline bold"),
        _on_one_line(visible(after + ("…" if end + _CONTEXT < len(whole) else ""))),
    )


def _on_one_line(text: str) -> str:
    return text.replace("\n", " ").replace("\t", " ")
