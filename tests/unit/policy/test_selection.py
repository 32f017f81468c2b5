"""One tool or action out of a policy."""

from dataclasses import replace

from catalog.policy.evaluate import evaluate
from catalog.policy.model import Condition, Decision, Operator, Parameter
from catalog.policy.recommend import recommend
from catalog.policy.selection import only
from catalog_testing.policy import READS, REBOOTS, WIPES, action_row, policy, row, rule

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


def test_an_action_never_leaves_behind_what_shuts_its_tool() -> None:
    shut = policy(rule("switch", Decision.DENY), rule("switch", Decision.ALLOW, action="peek"))
    alone = only(shut, ["switch/peek"])
    assert evaluate(alone, "switch", {"action": "peek"}) is Decision.DENY
    assert evaluate(alone, "switch", {}) is Decision.DENY


def test_what_no_rule_left_is_for_goes_as_well() -> None:
    asked = Condition(argument="/url", operator=Operator.HOST_IN, parameter="allowed_hosts")
    whole = replace(
        policy(replace(rule("fetch", Decision.ALLOW), conditions=(asked,)), rule("peek", Decision.ALLOW)),
        definitions={"fetch": "a", "peek": "b"},
        parameters={"allowed_hosts": Parameter(description="Hosts.")},
    )
    assert (only(whole, ["peek"]).definitions, only(whole, ["peek"]).parameters) == ({"peek": "b"}, {})
    assert list(only(whole, ["fetch"]).parameters) == ["allowed_hosts"]
