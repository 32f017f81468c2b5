"""A dispatcher tool is as strong as the strongest of its actions."""

from classifier.dispatcher import with_actions
from classifier.verdict import Category, Classification, Level, Recoverability, risk_of


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
