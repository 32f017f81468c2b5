"""The page on the method, with the accuracy that was measured, and the file that carries those figures."""

from datetime import date
from pathlib import Path

import pytest

import knowledge
from catalog.accuracy import Accuracy, FirstLook, MeasuredSet, MeasuredShare, MeasuredYardstick, load_accuracy
from catalog.errors import KnowledgeError
from catalog.rules import load_ruleset
from catalog_testing.index import MemoryIndex
from catalog_testing.listed import Listed, Settings, listed
from sitegen.parts import SiteOptions

# Made up: 40 tools of an orchard, of which three verdicts are wrong.
MEASURED = Accuracy(
    day=date(2026, 11, 23),
    ruleset="0a1b2c",
    sets=(
        MeasuredSet(
            title="Labels of the orchard",
            note="Nobody has looked at the errors.",
            tools=40,
            servers=5,
            acceptable=MeasuredShare(count=37, of=40, low=0.8, high=0.99),
            unsafe=MeasuredShare(count=1, of=20, low=0.0, high=0.2),
            harsh=MeasuredShare(count=0, of=0, low=0.0, high=1.0),
            control_ok=MeasuredShare(count=40, of=40, low=0.9, high=1.0),
            macro_f1=0.9,
        ),
    ),
    folds=(),
    yardsticks=(MeasuredYardstick(title="Names alone", actions=200, services=4, agreement=0.98, baseline=0.9),),
    first_looks=(
        FirstLook(what="labels of the barn", date=date(2026, 11, 1), commit="abc", figures={"acceptable": 0.875}),
    ),
)


def method(settings: Settings | None = None) -> Listed:
    return listed(MemoryIndex(), settings)


def test_the_page_shows_each_figure_with_its_interval() -> None:
    site = method(Settings(accuracy=MEASURED))
    assert site.rows("method/", "#accuracy tbody") == [
        "Labels of the orchard 40 tools of 5 servers. Nobody has looked at the errors. 92.50% (80.0% to 99.0%) "
        "5.00% (0.0% to 20.0%) 0.00% (0.0% to 100.0%) 100.00% (90.0% to 100.0%)"
    ]
    said = site.text("method/", "#accuracy")
    assert "Measured on 2026-11-23 with the rules of version 0a1b2c." in said
    assert "Labels of the barn (2026-11-01): category defensible 87.50%" in said
    assert "The same answer for 98.00% of 200 actions of 4 services; the first verb alone gets 90.00% right." in said


@pytest.mark.parametrize(
    ("ruleset", "says"),
    [
        ("0a1b2c", "The verdicts of this site were made by the same rules."),
        ("ffffff", "The verdicts of this site were made by other rules (version ffffff)"),
        ("", "By which rules the verdicts of this site were made is not recorded."),
    ],
)
def test_the_page_says_whether_the_rules_that_were_measured_made_the_verdicts(ruleset: str, says: str) -> None:
    assert says in method(Settings(accuracy=MEASURED, ruleset=ruleset)).text("method/", "#accuracy")


def test_without_a_measurement_the_page_says_that_no_figures_are_at_hand() -> None:
    assert "No figures are at hand" in method().text("method/", "#accuracy")


def test_the_page_says_how_many_rules_of_which_version_there_are() -> None:
    rules = load_ruleset()
    said = method(Settings(rules=rules.by_id, ruleset=rules.version)).text("method/", "#rules")
    assert f"The {len(rules.rules)} rules look for words and parameters; their version is {rules.version}." in said


def test_the_page_explains_every_way_in_which_a_tool_can_be_known() -> None:
    known = method().text("method/", "#known")
    assert all(name in known for name in ("Live", "Expanded", "Declared", "Recorded"))


def test_the_page_says_how_to_report_a_mistake() -> None:
    assert "has named no address for reports" in method().text("method/", "#mistakes")
    site = method(Settings(options=SiteOptions(report_url="https://farm.example/new")))
    assert site.nodes("method/", '#mistakes a[href="https://farm.example/new"]')


def test_figures_survive_being_written_and_read() -> None:
    assert Accuracy.model_validate_json(MEASURED.model_dump_json()) == MEASURED


def test_the_project_s_own_figures_can_be_read_where_there_are_any() -> None:
    assert (load_accuracy() is not None) == knowledge.folder("accuracy.json").is_file()


@pytest.mark.parametrize("text", ["", "{", "{}", '{"day": "yesterday"}'])
def test_a_damaged_file_of_figures_is_refused_with_what_to_do(text: str, tmp_path: Path) -> None:
    file = tmp_path / "accuracy.json"
    file.write_text(text)
    with pytest.raises(KnowledgeError, match=r"write it anew with scripts/accuracy\.py"):
        load_accuracy(file)
