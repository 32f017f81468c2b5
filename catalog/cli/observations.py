"""Print what a crawl saw: a table for people, JSON for programs."""

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.text import Text

    from catalog.crawl.report import Looked, Tally
    from catalog.model import Observation, Problem, Rung
    from catalog.view import CatalogView, EntryRow


# Servers of which a table is printed; more are summed up only.
MOST_ROWS = 200

# Columns from which on the table has room for the steps; they are the longest cells, and catalog show has them.
WIDE = 110

_COLUMNS = ("Server", "Version", "Entries", "Risk", "Seconds")


def print_looked(tally: "Tally", view: "CatalogView", *, as_json: bool) -> None:
    """Print one row per server, what to do for those that were not listed, and for many servers what they amount to."""
    from catalog.cli.console import print_json
    from catalog.cli.report import print_report

    if as_json:
        print_json([looked_json(one, view) for one in tally.looked])
        return
    if len(tally.looked) <= MOST_ROWS:
        _print_table(tally.looked, view)
    if len(tally.looked) > 1:
        print_report(tally)


def _print_table(looked: "Sequence[Looked]", view: "CatalogView") -> None:
    from rich.table import Table
    from rich.text import Text

    from catalog.cli.console import notes, out
    from catalog.cli.facts import counted, steps
    from catalog.terminal import quoted, visible_name

    console = out()
    wide = console.width >= WIDE
    table = Table(box=None, pad_edge=False)
    for name in (*_COLUMNS, "Rungs") if wide else _COLUMNS:
        table.add_column(name, justify="right" if name in ("Entries", "Seconds") else "left", overflow="fold")
    for one in looked:
        number = counted(one.tools + one.actions, one.kind) if one.kind in ("listed", "declared") else "-"
        if one.kind == "not_listed":
            risk = Text(str(one.reason), style="yellow")
        elif one.kind == "passed_over":
            risk = Text(visible_name(one.note), style="dim")
        else:
            risk = risk_counts(view.entries(one.server.slug))
        table.add_row(
            one.server.slug,
            Text(visible_name(one.version or "-")),
            number,
            risk,
            f"{one.seconds:.1f}" if one.kind != "passed_over" else "-",
            *([Text(visible_name(steps(one.rungs)))] if wide else []),
        )
    console.print(table)
    for one in looked:
        for problem in one.problems:
            line = f"{one.server.slug}: {problem.where}: {problem.message}"
            notes().print(Text(visible_name(line), style="yellow"))
        if one.hint:
            what = "was read from its source, not asked" if one.kind == "declared" else "was not listed"
            notes().print(Text(f"\n{one.server.slug} {what} ({one.reason}):", style="bold"))
            notes().print(Text(quoted(one.detail), style="dim"), soft_wrap=True)
            notes().print(Text(f"→ {visible_name(one.hint)}"))


def risk_counts(entries: "Sequence[EntryRow]") -> "Text":
    """Return for example ``12 Low  30 Medium  4 High``, coloured."""
    from rich.text import Text

    from classifier.verdict import Level

    counts = Counter(entry.classification.risk for entry in entries)
    text = Text()
    for level in Level:
        if counts[level]:
            text.append(f"{counts[level]} {level.label}  ", style=RISK_STYLES[level.label])
    text.rstrip()
    return text


RISK_STYLES = {"Low": "green", "Medium": "yellow", "High": "red", "Critical": "bold red"}


def looked_json(one: "Looked", view: "CatalogView") -> dict[str, object]:
    """Return how one server fared as JSON."""
    common: dict[str, object] = {
        "server": one.server.slug,
        "origin": str(one.server.origin),
        "version": one.version,
        "outcome": one.kind,
        "listed": one.kind == "listed",
        "reason": one.reason,
        "seconds": round(one.seconds, 3),
        "rungs": [_rung_json(rung) for rung in one.rungs],
    }
    if one.kind == "passed_over":
        return common | {"note": one.note}
    if one.kind == "not_listed":
        return common | {"detail": one.detail, "hint": one.hint}
    return common | {
        "tools": one.tools,
        "actions": one.actions,
        "entries": [entry.key for entry in view.entries(one.server.slug)],
        "problems": [_problem_json(problem) for problem in one.problems],
        "changes": {"added": one.changes.added, "changed": one.changes.changed, "removed": one.changes.removed},
        **({"detail": one.detail, "hint": one.hint} if one.kind == "declared" else {}),
    }


def observation_json(observation: "Observation") -> dict[str, object]:
    """Return an observation as JSON, with the keys of its entries."""
    from catalog.model import Listed, NotListed

    outcome = observation.outcome
    common: dict[str, object] = {
        "server": observation.server.slug,
        "origin": str(observation.server.origin),
        "version": observation.version,
        "started_at": observation.started_at.isoformat(),
        "finished_at": observation.finished_at.isoformat(),
        "sandbox": observation.sandbox,
        "rungs": [_rung_json(rung) for rung in observation.rungs],
        "findings": [{"kind": f.kind, "detail": f.detail, "rung": f.rung} for f in observation.findings],
    }
    if not isinstance(outcome, Listed):
        common |= {"reason": outcome.reason, "detail": outcome.detail, "hint": outcome.hint}
    if isinstance(outcome, NotListed):
        return common | {"listed": False}
    return common | {
        "listed": isinstance(outcome, Listed),
        "tools": sum(entry.dispatch is None for entry in outcome.entries),
        "actions": sum(entry.dispatch is not None for entry in outcome.entries),
        "entries": [entry.key for entry in outcome.entries],
        "problems": [_problem_json(problem) for problem in outcome.problems],
    }


def _rung_json(rung: "Rung") -> dict[str, object]:
    return {"name": rung.name, "result": rung.result, "seconds": round(rung.seconds, 3), "detail": rung.detail}


def _problem_json(problem: "Problem") -> dict[str, object]:
    return {"where": problem.where, "message": problem.message}
