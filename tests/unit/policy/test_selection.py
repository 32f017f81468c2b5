"""One tool or action out of a policy."""

from catalog.policy.evaluate import evaluate
from catalog.policy.model import Decision
from catalog.policy.recommend import recommend
from catalog.policy.selection import named, only
from catalog_testing.policy import READS, REBOOTS, action_row, row

POLICY = recommend(
    "truenas",
    [
        row("status", READS),
        row("pool_list", READS),
        action_row("pool_list", READS, group="storage"),
        action_row("sync", READS, group="clock"),
        action_row("sync", REBOOTS, group="cloud"),
    ],
)


def test_a_key_means_its_own_entry() -> None:
    assert named(POLICY, "truenas/clock/sync") == ["truenas/clock/sync"]
    assert named(POLICY, "pool_list") == ["pool_list"]


def test_a_dispatcher_tool_means_all_of_its_actions() -> None:
    assert named(POLICY, "truenas") == ["truenas/storage/pool_list", "truenas/clock/sync", "truenas/cloud/sync"]


def test_the_name_of_an_action_means_every_action_of_that_name() -> None:
    assert named(POLICY, "sync") == ["truenas/clock/sync", "truenas/cloud/sync"]
    assert named(POLICY, "Sync") == []


def test_a_selection_keeps_the_stricter_rule_on_the_same_call_and_denies_the_rest() -> None:
    alone = only(POLICY, ["truenas/clock/sync"])
    assert evaluate(alone, "truenas", {"action": "sync"}) is Decision.APPROVE
    assert evaluate(alone, "truenas", {"action": "pool_list"}) is Decision.DENY
    assert evaluate(alone, "status", {}) is Decision.DENY
