"""What is decided at each risk, and which ladders are refused."""

import pytest
import yaml

from catalog.errors import KnowledgeError, UsageError
from catalog.policy.ladder import parse, profiles
from catalog.policy.model import Decision
from catalog.policy.recommend import decide, recommend
from catalog_testing.policy import judged
from classifier.verdict import Category, Level, Recoverability

R0, R2, R3 = Recoverability.R0, Recoverability.R2, Recoverability.R3
CHANGING = (Category.WRITE, Category.DELETE, Category.ADMIN)


@pytest.mark.parametrize("category", list(Category))
def test_a_low_risk_is_allowed_in_every_category(category: Category) -> None:
    assert decide(judged(category, Level.LOW, R0)) is Decision.ALLOW


def test_a_medium_risk_is_allowed_where_the_tool_only_reads() -> None:
    assert decide(judged(Category.READ, Level.MEDIUM, R0)) is Decision.ALLOW


@pytest.mark.parametrize("category", CHANGING)
def test_a_medium_risk_is_limited_where_the_tool_changes_something(category: Category) -> None:
    assert decide(judged(category, Level.MEDIUM, R2)) is Decision.LIMIT


@pytest.mark.parametrize("category", list(Category))
def test_a_high_risk_needs_approval_and_a_critical_one_is_denied(category: Category) -> None:
    assert decide(judged(category, Level.HIGH, R2)) is Decision.APPROVE
    assert decide(judged(category, Level.CRITICAL, R3)) is Decision.DENY


def _step(**changes: object) -> str:
    """Return the baseline with its last step, Critical, changed."""
    ladder = yaml.safe_load(profiles()["baseline"])
    ladder["ladder"][-1] |= changes
    return yaml.safe_dump(ladder)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (_step(decision="allow"), "Critical Read is looser than High"),
        (_step(risk="High"), "High Read stands in more than one step"),
        (_step(categories=["Read"]), "no step is for Critical Write"),
        (_step(decision="limit"), "exactly where the decision is `limit`"),
        (_step(limit={"max": 3, "window": "day"}), "exactly where the decision is `limit`"),
        (_step(decision="limit", limit={"max": 0, "window": "day"}), "greater than or equal to 1"),
        (_step(hidden=True), "Extra inputs are not permitted"),
        ("ladder: [", "flow node"),
        ("[]", "valid dictionary"),
    ],
)
def test_a_ladder_that_is_not_complete_and_in_order_is_refused(text: str, complaint: str) -> None:
    with pytest.raises(KnowledgeError, match=complaint) as refusal:
        parse(text, "mine.yaml")
    assert str(refusal.value).startswith("mine.yaml is not a valid decision ladder")


@pytest.mark.parametrize("profile", ["harsh", "../baseline", ""])
def test_an_unknown_profile_is_a_usage_error_that_names_the_known_ones(profile: str) -> None:
    with pytest.raises(UsageError, match="choose one of: baseline"):
        recommend("truenas", [], profile=profile)
