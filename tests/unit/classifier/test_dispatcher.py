"""A dispatcher tool is as strong as the strongest of its actions."""

from dataclasses import replace

from classifier.dispatcher import with_actions, with_tool
from classifier.verdict import Category, Classification, Evidence, Level, Recoverability, risk_of


def verdict(category: Category, severity: Level, recoverability: Recoverability) -> Classification:
    return Classification(
        category=category,
        severity=severity,
        recoverability=recoverability,
        risk=risk_of(severity, recoverability),
        confidence=0.9,
    )


OWN = verdict(Category.WRITE, Level.MEDIUM, Recoverability.R2)
READ = verdict(Category.READ, Level.LOW, Recoverability.R0)
WIPE = verdict(Category.DELETE, Level.CRITICAL, Recoverability.R3)
RUN = verdict(Category.ADMIN, Level.CRITICAL, Recoverability.R3)


def test_the_tool_takes_the_strongest_actions_verdict_and_names_it() -> None:
    lifted = with_actions(OWN, {"box/list": READ, "box/wipe": WIPE})
    assert (lifted.category, lifted.severity, lifted.risk) == (Category.DELETE, Level.CRITICAL, Level.CRITICAL)
    assert lifted.traits == ("multi-action",)
    assert {evidence.field for evidence in lifted.evidence} == {"sibling:box/wipe"}
    assert {evidence.text for evidence in lifted.evidence} == {"wipe"}


def test_of_equal_risks_the_stronger_category_counts() -> None:
    assert with_actions(OWN, {"box/wipe": WIPE, "box/run": RUN}).category is Category.ADMIN


def test_weaker_actions_leave_the_tools_own_verdict() -> None:
    assert with_actions(OWN, {"box/list": READ}) == OWN


def test_severity_recoverability_and_risk_stay_consistent() -> None:
    lifted = with_actions(OWN, {"box/list": READ, "box/run": RUN})
    assert lifted.risk is risk_of(lifted.severity, lifted.recoverability)


def test_what_only_the_tool_says_holds_for_its_actions_of_that_category() -> None:
    erase = verdict(Category.DELETE, Level.MEDIUM, Recoverability.R2)
    raised = with_tool({"box/list": READ, "box/erase": erase, "box/add": OWN}, WIPE, "box")
    assert (raised["box/erase"].risk, raised["box/erase"].recoverability) == (Level.CRITICAL, Recoverability.R3)
    assert (raised["box/list"], raised["box/add"]) == (READ, OWN)


def test_where_no_action_has_the_tools_category_the_strongest_takes_its_verdict() -> None:
    raised = with_tool({"box/list": READ, "box/add": OWN}, RUN, "box")
    assert (raised["box/add"].category, raised["box/add"].risk) == (Category.ADMIN, Level.CRITICAL)
    assert raised["box/list"] == READ


def test_a_tool_that_says_no_more_than_its_actions_leaves_them_alone() -> None:
    actions = {"box/list": READ, "box/wipe": WIPE}
    assert with_tool(actions, OWN, "box") == actions
    assert with_tool(actions, WIPE, "box") == actions


def test_a_raised_action_names_the_tool_that_says_so() -> None:
    said = Evidence(
        rule="trait/irreversible",
        field="description",
        start=3,
        end=10,
        text="for ever",
        contributes="severity",
        value="x",
    )
    raised = with_tool({"box/add": OWN}, replace(WIPE, evidence=(said,)), "box")
    assert [(one.rule, one.field, one.text) for one in raised["box/add"].evidence] == [
        ("trait/irreversible", "sibling:box", "box")
    ]
