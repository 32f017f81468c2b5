"""What a policy says about one call."""

import pytest

from catalog.policy.evaluate import evaluate
from catalog.policy.model import Decision
from catalog_testing.policy import policy, rule

ALLOW, LIMIT, APPROVE, DENY, HIDE = Decision
FLAT = policy(rule("peek", ALLOW), rule("poke", LIMIT), rule("reboot", APPROVE), rule("wipe", DENY))
DISPATCHER = policy(
    rule("truenas", ALLOW, action="pool_list"),
    rule("truenas", LIMIT, action="pool_create"),
    rule("truenas", APPROVE, action="system_reboot"),
    rule("truenas", DENY, action="disk_wipe"),
)


@pytest.mark.parametrize(("tool", "decision"), [("peek", ALLOW), ("poke", LIMIT), ("reboot", APPROVE), ("wipe", DENY)])
def test_a_tool_is_decided_by_its_rule_whatever_its_arguments(tool: str, decision: Decision) -> None:
    assert evaluate(FLAT, tool, {}) is decision
    assert evaluate(FLAT, tool, {"action": "anything", "id": [1]}) is decision


@pytest.mark.parametrize("tool", ["unknown", "Peek", "peek ", "*", "", "pool_list"])
def test_a_tool_that_no_rule_names_is_denied(tool: str) -> None:
    assert evaluate(FLAT, tool, {}) is DENY
    assert evaluate(DISPATCHER, tool, {}) is DENY


@pytest.mark.parametrize(
    ("action", "decision"),
    [("pool_list", ALLOW), ("pool_create", LIMIT), ("system_reboot", APPROVE), ("disk_wipe", DENY)],
)
def test_an_action_is_decided_by_its_rule(action: str, decision: Decision) -> None:
    assert evaluate(DISPATCHER, "truenas", {"category": "any", "action": action, "params": {}}) is decision


@pytest.mark.parametrize(
    "selector", ["unknown", "Pool_list", " pool_list", "", ["pool_list"], {"a": "pool_list"}, 5, True]
)
def test_a_selector_that_is_not_exactly_a_known_action_is_denied(selector: object) -> None:
    assert evaluate(DISPATCHER, "truenas", {"action": selector}) is DENY


@pytest.mark.parametrize(
    "arguments", [{}, {"category": "storage"}, {"action": None}, {"params": {"action": "disk_wipe"}}]
)
def test_a_dispatcher_may_be_asked_what_it_offers(arguments: dict[str, object]) -> None:
    assert evaluate(DISPATCHER, "truenas", arguments) is ALLOW


def test_a_dispatcher_none_of_whose_actions_pass_may_not_be_asked() -> None:
    closed = policy(rule("truenas", APPROVE, action="system_reboot"), rule("truenas", DENY, action="disk_wipe"))
    assert evaluate(closed, "truenas", {}) is DENY


def test_the_strictest_of_several_rules_on_one_action_decides() -> None:
    twice = policy(rule("truenas", ALLOW, action="sync"), rule("truenas", APPROVE, action="sync"))
    assert evaluate(twice, "truenas", {"action": "sync"}) is APPROVE
    assert evaluate(twice, "truenas", {}) is DENY


def test_a_rule_on_the_tool_itself_bounds_every_action() -> None:
    both = policy(rule("truenas", LIMIT), rule("truenas", ALLOW, action="peek"), rule("truenas", DENY, action="wipe"))
    assert evaluate(both, "truenas", {"action": "peek"}) is LIMIT
    assert evaluate(both, "truenas", {"action": "wipe"}) is DENY
    assert evaluate(both, "truenas", {}) is LIMIT
