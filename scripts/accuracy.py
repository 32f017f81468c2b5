"""Write docs/accuracy.md: measure on hand labels, by folds, on the project's own labels, on AWS's access levels.

The same figures go to data/knowledge/accuracy.json, which the site shows.

Usage: catalog sync ... first (data/gold/README.md), then
    .venv/bin/python -P scripts/accuracy.py LABELLED.jsonl DATABASE > docs/accuracy.md
LABELLED.jsonl holds labelled definitions, which are other people's text and stay outside this repository; DATABASE is
a catalogue that holds the packages of data/gold/labels.jsonl.
"""

import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

import yaml

from catalog.accuracy import FILE, FirstLook
from catalog.cli.evaluate import evaluate_file, measure_yardstick
from catalog.cli.wiring import database_option
from catalog.evaluation.labels import PackageLabel
from catalog.evaluation.metrics import figures
from catalog.evaluation.report import Reviewed, Run, accuracy_page
from catalog.evaluation.summary import summary
from catalog.rules import load_ruleset

_TUNED = "Every error of this set was looked at while rules were written: its figures are too good for other servers."
_OPEN = "Two reviewers (data/gold/README.md); its errors were looked at while rules were written."
_CLOSED = "Two reviewers (data/gold/README.md); of its errors three were seen once, the others are not looked at."
DATA = Path(__file__).parent.parent / "data"
GOLD = DATA / "gold"


def main() -> None:
    """Measure, write the figures and print the page."""
    labelled, database = Path(sys.argv[1]), sys.argv[2]
    database_option.set(database)
    tuned = evaluate_file(labelled)
    own = evaluate_file(GOLD / "labels.jsonl")
    reviewed = yaml.safe_load((GOLD / "reviewed.yaml").read_text(encoding="utf-8"))
    looks = yaml.safe_load((GOLD / "first-looks.yaml").read_text(encoding="utf-8"))
    day = date.today()  # noqa: DTZ011  # the day on which it runs, where it runs
    ruleset = load_ruleset().version
    runs = [
        replace(tuned, title="Hand labels of two reviewers", note=_TUNED),
        _half(own, "open", title="The project's own labels, open half", note=_OPEN, listed=True),
        _half(own, "closed", title="The project's own labels, closed half", note=_CLOSED, listed=False),
    ]
    folds = [
        (f"{what} that the other folds do not ask for", evaluate_file(labelled, folds=5, prune=what).figures)
        for what in ("rules", "words")
    ]
    yardsticks = [
        ("Names and descriptions", measure_yardstick(descriptions=True)),
        ("Names alone", measure_yardstick(descriptions=False)),
    ]
    first_looks = [FirstLook(**look) for look in looks]
    page = accuracy_page(
        day=day,
        ruleset=ruleset,
        runs=runs,
        folds=folds,
        yardsticks=yardsticks,
        first_looks=first_looks,
        reviewed=(reviewed["read"], [Reviewed(**one) for one in reviewed["wrong"]]),
    )
    figures_of_it = summary(
        day=day, ruleset=ruleset, runs=runs, folds=folds, yardsticks=yardsticks, first_looks=first_looks
    )
    (DATA / "knowledge" / FILE).write_text(figures_of_it.model_dump_json(indent=2) + "\n", encoding="utf-8")
    sys.stdout.write(page)


def _half(run: Run, half: str, *, title: str, note: str, listed: bool) -> Run:
    judged = [one for one in run.judged if isinstance(label := one.labelled.label, PackageLabel) and label.half == half]
    return Run(title=title, note=note, figures=figures(judged), judged=judged, listed=listed)


if __name__ == "__main__":
    main()
