"""One tool or action out of a policy."""

from catalog.policy.evaluate import evaluate
from catalog.policy.model import Decision
from catalog.policy.recommend import recommend
from catalog.policy.selection import only
from catalog_testing.policy import READS, REBOOTS, WIPES, action_row, row

POLICY = recommend(
    "truenas",
    [
        row("status", READS),
        row("truenas", WIPES),
        action_row("pool_list", READS, group="storage"),
        action_row("sync", READS, group="clock"),
        action_row("sync", REBOOTS, group="cloud"),
    ],
)


def test_one_tool_alone_leaves_everything_else_denied() -> None:
    alone = only(POLICY, ["status"])
    assert evaluate(alone, "status", {}) is Decision.ALLOW
    assert evaluate(alone, "truenas", {"action": "pool_list"}) is Decision.DENY


def test_one_action_alone_leaves_the_other_actions_denied() -> None:
    alone = only(POLICY, ["truenas/storage/pool_list"])
    assert evaluate(alone, "truenas", {"action": "pool_list"}) is Decision.ALLOW
    assert evaluate(alone, "truenas", {"action": "sync"}) is Decision.DENY
    assert evaluate(alone, "status", {}) is Decision.DENY


def test_an_action_in_two_groups_keeps_the_stricter_rule() -> None:
    assert evaluate(only(POLICY, ["truenas/clock/sync"]), "truenas", {"action": "sync"}) is Decision.APPROVE


def test_a_dispatcher_tool_stands_for_all_of_its_actions() -> None:
    alone = only(POLICY, ["truenas"])
    assert [rule.key for rule in alone.rules] == [
        "truenas/storage/pool_list",
        "truenas/clock/sync",
        "truenas/cloud/sync",
    ]
