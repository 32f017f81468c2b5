"""Figures of an evaluation, on a handful of made-up labels."""

import json
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from catalog.accuracy import FirstLook, load_accuracy
from catalog.errors import InputError
from catalog.evaluation.folds import Prune, folds_of, judge_folds
from catalog.evaluation.judged import judge_labelled
from catalog.evaluation.labels import Labelled, PackageLabel, parse_labels
from catalog.evaluation.metrics import bootstrap, figures, wilson
from catalog.evaluation.report import Run, accuracy_page
from catalog.evaluation.summary import summary
from catalog.evaluation.yardstick import Action, first_verb_baseline, load_actions, measure
from catalog.rules import load_ruleset
from classifier.verdict import Category
from knowledge import documents


def row(server: str, name: str, acceptable: str, control: str, description: str = "") -> dict[str, object]:
    """Return a labelled row; the first of the acceptable categories and controls is the chosen one."""
    categories, controls = acceptable.split(), control.split()
    gold = {"category": categories[0], "acceptable": categories, "control": controls[0], "control_ok": controls}
    tool = {"name": name, "description": description, "annotations": {"destructiveHint": True}}
    return {"id": f"{server}/{name}", "server": server, "tool": tool, "gold": gold}


ROWS = [
    row("one", "list_letters", "Read", "allow"),
    row("one", "create_letter", "Write", "limit"),
    row("one", "delete_letter", "Delete", "gate"),
    row("two", "run_command", "Admin", "gate", "Run a shell command."),
    row("two", "get_letter", "Write", "limit", "Labelled wrongly on purpose, so that there is an unsafe verdict."),
    row("two", "drop_table", "Read", "allow", "Labelled wrongly on purpose, so that there is a harsh verdict."),
    row("three", "describe_page", "Read Write", "allow limit"),
]


def labelled() -> list[Labelled]:
    rows = parse_labels("\n".join(map(json.dumps, ROWS)), "rows")
    return [one for one in rows if isinstance(one, Labelled)]


def test_each_figure_counts_what_it_says() -> None:
    found = figures(judge_labelled(labelled(), load_ruleset()))
    assert (found.tools, found.servers) == (7, 3)
    assert (found.acceptable.count, found.acceptable.of) == (5, 7)
    assert (found.unsafe.count, found.unsafe.of) == (1, 4)
    assert (found.harsh.count, found.harsh.of) == (1, 2)
    assert found.confusion == {
        "Read->Read": 2, "Write->Write": 1, "Delete->Delete": 1, "Admin->Admin": 1, "Write->Read": 1, "Read->Delete": 1,
    }  # fmt: skip
    assert found.f1[Category.ADMIN] == 1.0
    assert found.per_server == {"one": (3, 3), "three": (1, 1), "two": (3, 1)}
    assert sum(level.tools for level in found.calibration) == 7


def test_hints_are_left_out_unless_they_are_asked_for() -> None:
    without, with_hints = (
        judge_labelled(labelled(), load_ruleset(), with_hints=hints)[0].verdict.category for hints in (False, True)
    )
    assert (without, with_hints) == (Category.READ, Category.WRITE)


def test_the_figures_are_those_of_the_scorer_beside_the_labels(tmp_path: Path) -> None:
    scorer = Path(__file__).parents[4] / "shared" / "gold" / "score.py"
    if not scorer.is_file():
        pytest.skip("the scorer that the labels came with is not beside this checkout (../shared/gold/score.py)")
    judged = judge_labelled(labelled(), load_ruleset())
    (tmp_path / "gold").write_text("\n".join(map(json.dumps, ROWS)), encoding="utf-8")
    predictions = [{"id": one.labelled.id, "category": one.verdict.category, "decision": one.control} for one in judged]
    (tmp_path / "predictions").write_text("\n".join(map(json.dumps, predictions)), encoding="utf-8")
    argv = [sys.executable, str(scorer), str(tmp_path / "gold"), str(tmp_path / "predictions")]
    theirs = json.loads(subprocess.run(argv, capture_output=True, check=True, text=True).stdout)
    ours = figures(judged)
    assert theirs["category_acceptable"] == round(ours.acceptable.value, 4)
    assert theirs["category_strict"] == round(ours.strict.value, 4)
    assert theirs["macro_f1"] == round(ours.macro_f1, 4)
    assert theirs["unsafe_rate"] == round(ours.unsafe.value, 4)
    assert theirs["harsh_rate"] == round(ours.harsh.value, 4)
    assert theirs["control_ok"] == round(ours.control_ok.value, 4)
    assert len(theirs["dangerous_allowed"]) == ours.dangerous_allowed.count
    assert len(theirs["needless_gate"]) == ours.needless_gate.count
    assert theirs["confusion"] == ours.confusion


def test_an_interval_holds_its_share_and_narrows_with_more_servers() -> None:
    low, high = wilson(9, 10)
    assert low < 0.9 < high <= 1.0
    assert wilson(0, 0) == (0.0, 1.0)
    few, many = bootstrap([(9, 10), (5, 10)] * 3), bootstrap([(9, 10), (5, 10)] * 30)
    assert few[0] < many[0] < 0.7 < many[1] < few[1]


def test_a_server_is_in_one_fold() -> None:
    folds = folds_of(labelled(), 2)
    assert folds[0] | folds[1] == {"one", "two", "three"}
    assert folds[0] & folds[1] == set()


@pytest.mark.parametrize("prune", ["rules", "words"])
def test_a_fold_is_judged_without_what_only_it_asks_for(prune: Prune) -> None:
    shell = [row(f"s{n}", "list_things", "Read", "allow") for n in range(3)]
    shell.append(row("s9", "run_command", "Admin", "gate", "Run a shell command."))
    rows = [one for one in parse_labels("\n".join(map(json.dumps, shell)), "rows") if isinstance(one, Labelled)]
    full = judge_labelled(rows, load_ruleset())[3].verdict
    pruned = judge_folds(rows, dict(documents("rules")), 4, prune)[3].verdict
    assert "code-exec" in full.traits
    assert "code-exec" not in pruned.traits


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "nothing in it"),
        ("[", "line 1"),
        ('{"server": "one"}', "no labelled tool"),
        (json.dumps(row("one", "get", "Read", "allow")).replace("allow", "perhaps"), "perhaps"),
        ('{"package": "github.com/a/b", "tool": "t", "acceptable": ["Read"], "control_ok": ["allow"]}', "package"),
    ],
)
def test_a_wrong_label_is_told_what_is_wrong(text: str, told: str) -> None:
    with pytest.raises(InputError, match=told):
        parse_labels(text, "labels.jsonl")


def test_the_projects_own_labels_are_well_formed() -> None:
    file = Path(__file__).parents[3] / "data" / "gold" / "labels.jsonl"
    rows = [one for one in parse_labels(file.read_text(encoding="utf-8"), str(file)) if isinstance(one, PackageLabel)]
    assert len({(one.package, one.tool) for one in rows}) == len(rows) >= 300
    assert all(one.category is None or one.category in one.acceptable for one in rows)
    assert all(one.control is None or one.control in one.control_ok for one in rows)


def test_the_baseline_learns_from_other_services_alone() -> None:
    def action(service: str, name: str, level: str) -> Action:
        return Action(service=service, name=name, description="", level=level)

    seen = [action(service, "GetThing", "Read") for service in "abd"]
    assert first_verb_baseline([*seen, action("c", "GetThing", "Write")]) == 3
    assert first_verb_baseline([action("a", "FrobThing", "Write")]) == 1


def test_reading_and_changing_are_told_apart_on_actions_that_nobody_here_labelled() -> None:
    measured = measure(load_ruleset(), load_actions())
    assert measured.actions > 20_000
    assert measured.agreement >= 0.97


def test_the_figures_for_the_site_are_those_of_the_page(tmp_path: Path) -> None:
    judged = judge_labelled(labelled(), load_ruleset())
    run = Run(title="Letters", note="Made up.", figures=figures(judged), judged=judged)
    day, ruleset, runs, folds = date(2026, 11, 23), "0a1b2c", [run], [("words", run.figures)]
    actions = [
        Action(service=service, name=name, description="", level=level)
        for service in ("mill", "well")
        for name, level in (("GetGrain", "Read"), ("DeleteGrain", "Write"), ("ListGrain", "Write"))
    ]
    yardsticks = [("Names", measure(load_ruleset(), actions))]
    looks = [FirstLook(what="letters", date=date(2026, 11, 1), commit="abc", figures={"acceptable": 0.5})]
    written = tmp_path / "accuracy.json"
    written.write_text(
        summary(
            day=day, ruleset=ruleset, runs=runs, folds=folds, yardsticks=yardsticks, first_looks=looks
        ).model_dump_json()
    )
    page = accuracy_page(
        day=day,
        ruleset=ruleset,
        runs=runs,
        folds=folds,
        yardsticks=yardsticks,
        first_looks=looks,
        reviewed=(0, []),
    )
    found = load_accuracy(written)
    assert found is not None
    assert f"Measured on {found.day} with ruleset `{found.ruleset}`" in page
    assert f"{found.sets[0].tools} tools of {found.sets[0].servers} servers." in page
    for one in (found.sets[0].acceptable, found.sets[0].unsafe, found.sets[0].harsh, found.folds[0].control_ok):
        assert f"| {one.value:.2%} ({one.count}/{one.of}; {one.low:.1%} to {one.high:.1%}) |" in page
    names = found.yardsticks[0]
    assert f"**{names.title}**: {names.agreement:.2%} of {names.actions} actions of {names.services} services" in page
    assert f"Baseline {names.baseline:.2%}" in page
    assert [look.what for look in found.first_looks] == ["letters"]
