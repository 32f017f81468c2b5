"""Print what a crawl saw: a table for people, JSON for programs."""

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.text import Text

    from catalog.model import Observation
    from catalog.view import CatalogView, EntryRow


def print_observations(observations: "Sequence[Observation]", view: "CatalogView", *, as_json: bool) -> None:
    """Print one row per observation, and for servers that were not listed what to do."""
    from catalog.cli.console import print_json

    if as_json:
        print_json([_json(observation) for observation in observations])
    else:
        _print_table(observations, view)


def _print_table(observations: "Sequence[Observation]", view: "CatalogView") -> None:
    from rich.table import Table
    from rich.text import Text

    from catalog.cli.console import notes, out
    from catalog.model import Listed
    from catalog.terminal import quoted, visible_name

    table = Table(box=None, pad_edge=False)
    for name in ("Server", "Version", "Entries", "Risk", "Seconds", "Rungs"):
        table.add_column(name, justify="right" if name in ("Entries", "Seconds") else "left", overflow="fold")
    for observation in observations:
        outcome = observation.outcome
        seconds = (observation.finished_at - observation.started_at).total_seconds()
        if isinstance(outcome, Listed):
            number, risk = str(len(outcome.entries)), risk_counts(view.entries(observation.server.slug))
        else:
            number, risk = "-", Text(str(outcome.reason), style="yellow")
        table.add_row(
            observation.server.slug,
            Text(visible_name(observation.version or "-")),
            number,
            risk,
            f"{seconds:.1f}",
            " → ".join(rung.name if rung.result == "ok" else f"{rung.name}✗" for rung in observation.rungs),
        )
    out().print(table)
    for observation in observations:
        outcome = observation.outcome
        if isinstance(outcome, Listed):
            for problem in outcome.problems[:5]:
                line = f"{observation.server.slug}: {problem.where}: {problem.message}"
                notes().print(Text(visible_name(line), style="yellow"))
        else:
            notes().print(Text(f"\n{observation.server.slug} was not listed ({outcome.reason}):", style="bold"))
            notes().print(Text(quoted(outcome.detail), style="dim"), soft_wrap=True)
            notes().print(Text(f"→ {visible_name(outcome.hint)}"))


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


def _json(observation: "Observation") -> dict[str, object]:
    from catalog.model import Listed

    outcome = observation.outcome
    common: dict[str, object] = {
        "server": observation.server.slug,
        "origin": str(observation.server.origin),
        "version": observation.version,
        "started_at": observation.started_at.isoformat(),
        "finished_at": observation.finished_at.isoformat(),
        "sandbox": observation.sandbox,
        "rungs": [
            {"name": rung.name, "result": rung.result, "seconds": round(rung.seconds, 3), "detail": rung.detail}
            for rung in observation.rungs
        ],
    }
    if isinstance(outcome, Listed):
        return common | {
            "listed": True,
            "tools": sum(entry.dispatch is None for entry in outcome.entries),
            "actions": sum(entry.dispatch is not None for entry in outcome.entries),
            "entries": [entry.key for entry in outcome.entries],
            "problems": [{"where": problem.where, "message": problem.message} for problem in outcome.problems],
        }
    return common | {"listed": False, "reason": outcome.reason, "detail": outcome.detail, "hint": outcome.hint}
