"""``catalog explain``: the chain from a tool's words to its verdict."""

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.text import Text

    from catalog.view import EntryRow
    from classifier.explain import Explanation
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
    """Show why a tool is judged as it is: words read, rules that fired or were beaten, what would lower the risk."""
    from catalog.cli.lookup import find_entry, find_server
    from catalog.cli.wiring import open_view
    from catalog.rules import load_ruleset
    from classifier.explain import explain as explain_tool

    with open_view() as view:
        row = find_server(view, server)
        entries = view.entries(row.slug)
        entry = find_entry(row.slug, entries, tool)
    explanation = explain_tool(load_ruleset(), [one.definition.tool for one in entries], entries.index(entry))
    strongest = _strongest(entry, entries)
    if json_:
        from catalog.cli.console import print_json

        print_json(_json(entry, explanation, strongest))
    else:
        _print(entry, explanation, strongest)


def _strongest(entry: "EntryRow", entries: "Sequence[EntryRow]") -> "EntryRow | None":
    """Return the action that a dispatcher tool has its verdict from, or None."""
    keys = {
        one.field.removeprefix("sibling:") for one in entry.classification.evidence if one.contributes == "category"
    }
    return next((one for one in entries if one.key in keys and one.dispatch is not None), None)


def _json(entry: "EntryRow", explanation: "Explanation", strongest: "EntryRow | None") -> dict[str, object]:
    from dataclasses import asdict

    from catalog.cli.verdicts import verdict_json
    from catalog.rules import load_ruleset

    rules = load_ruleset().by_id
    told = {(one.evidence.rule, one.evidence.field, one.evidence.value): one for one in explanation.reasons}

    def reason(one: "Evidence") -> dict[str, object]:
        known = told.get((one.rule, one.field, one.value))
        return asdict(one) | {
            "summary": rules[one.rule].summary if one.rule in rules else None,
            "decided": known.decided if known else True,
            "outdone_by": known.outdone_by if known else "",
        }

    return {
        "server": entry.server,
        "key": entry.key,
        "name": entry.name,
        **verdict_json(entry.classification),
        "ruleset": entry.ruleset,
        "reading": asdict(explanation.reading),
        "evidence": [reason(one) for one in entry.classification.evidence],
        "beaten": [
            asdict(one) | {"summary": rules[one.rule].summary if one.rule in rules else None}
            for one in explanation.beaten
        ],
        "lower_risk": [{"changes": list(way.changes), "risk": way.risk.label} for way in explanation.ways],
        "strongest_action": strongest.key if strongest else None,
    }


def _print(entry: "EntryRow", explanation: "Explanation", strongest: "EntryRow | None") -> None:
    from rich.text import Text

    from catalog.cli.console import out
    from catalog.cli.observations import RISK_STYLES
    from catalog.terminal import visible_name

    console, verdict = out(), entry.classification
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
    _print_reading(explanation)
    console.print("\nWhat decided", style="bold")
    if strongest is not None:
        console.print(Text(f"  It offers {visible_name(strongest.name)}, and a call may choose any action."))
    _print_reasons(entry, explanation)
    _print_beaten(entry, explanation)
    _print_ways(explanation)


def _print_reading(explanation: "Explanation") -> None:
    from catalog.cli.console import out
    from catalog.terminal import visible

    reading = explanation.reading
    verb = reading.verb or "none"
    if reading.verb is not None and not reading.verb_sure:
        verb += " (it may be a noun: the description decides)"
    lines = [f"verb of the name: {verb}", f"verbs of the description: {', '.join(reading.said) or 'none'}"]
    if reading.nouns:
        lines.append(f"nouns of the name: {', '.join(reading.nouns)}")
    if reading.actions:
        lines.append("actions: " + ", ".join(f"{value} ({category})" for value, category in reading.actions))
    out().print("\nWhat was read", style="bold")
    for line in lines:
        out().print(f"  {visible(line)}", markup=False)


def _print_reasons(entry: "EntryRow", explanation: "Explanation") -> None:
    from rich.text import Text

    from catalog.cli.console import out
    from catalog.rules import load_ruleset
    from catalog.terminal import visible_name

    rules, last = load_ruleset().by_id, ""
    outdone = {id(one.evidence): one.outdone_by for one in explanation.reasons if not one.decided}
    own = {(one.rule, one.field, one.value): one for one in explanation.verdict.evidence}
    for one in entry.classification.evidence:
        if one.rule != last:
            summary = rules[one.rule].summary if one.rule in rules else ""
            out().print(Text(f"  {one.rule}", style="bold") + Text(f"  {summary}", style="dim"))
            last = one.rule
        line = Text(f"    {one.contributes} {one.value}: ") + Text(f"{visible_name(one.field)} ", style="dim")
        held = outdone.get(id(own.get((one.rule, one.field, one.value))))
        outcome = Text(f"  (outdone by {held})", style="dim") if held else Text()
        out().print(line + _quoted(entry, one) + outcome, soft_wrap=True)


def _print_beaten(entry: "EntryRow", explanation: "Explanation") -> None:
    from rich.text import Text

    from catalog.cli.console import out
    from catalog.rules import load_ruleset
    from catalog.terminal import visible_name

    if not explanation.beaten:
        return
    rules = load_ruleset().by_id
    out().print("\nWhat was beaten by an exception", style="bold")
    for one in explanation.beaten:
        out().print(Text(f"  {one.rule}", style="bold") + Text(f"  {rules[one.rule].summary}", style="dim"))
        for word, evidence in (("sees", one.seen), ("held back by", one.exception)):
            for piece in evidence:
                line = Text(f"    {word} ") + Text(f"{visible_name(piece.field)} ", style="dim")
                out().print(line + _quoted(entry, piece), soft_wrap=True)


def _print_ways(explanation: "Explanation") -> None:
    from catalog.cli.console import out
    from catalog.terminal import visible
    from classifier.verdict import Level

    if explanation.verdict.risk is Level.LOW:
        return
    out().print("\nWhat would lower the risk", style="bold")
    if not explanation.ways:
        out().print("  Nothing that can be left out of the definition: it is what the tool does.")
    for way in explanation.ways:
        out().print(f"  {way.risk.label} if " + visible(" and ".join(way.changes)), markup=False)


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
