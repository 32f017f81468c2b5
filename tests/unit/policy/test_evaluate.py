"""What a policy says about one call."""

from dataclasses import replace

import pytest

from catalog.policy.evaluate import evaluate, is_listed, rule_on
from catalog.policy.model import Condition, Decision, Limit, Operator, Rule
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


def _rule(**changes: object) -> Rule:
    given: dict[str, object] = {"tool": "pay", "decision": ALLOW, "reason": "So it is.", "key": "pay"}
    return Rule(**{**given, **changes})  # type: ignore[arg-type]  # each test names fields with their own types


def _where(argument: str, operator: Operator, *values: str) -> Condition:
    return Condition(argument=argument, operator=operator, values=values)


@pytest.mark.parametrize("decision", [ALLOW, APPROVE])
def test_a_call_that_breaks_a_condition_is_denied_and_told_which(decision: Decision) -> None:
    asked = (_where("/to", Operator.PRESENT), _where("/currency", Operator.ONE_OF, "EUR"))
    held = policy(_rule(decision=decision, conditions=asked))
    assert evaluate(held, "pay", {"to": "x", "currency": "EUR"}) is decision
    broken = rule_on(held, "pay", {"to": "x", "currency": "USD"})
    assert broken.decision is DENY
    assert broken.reason == "the argument '/currency' of 'pay' must be one_of [\"EUR\"]"
    assert rule_on(held, "pay", {"currency": "EUR"}).reason == "the argument '/to' of 'pay' must be present"


def test_conditions_of_the_tool_hold_for_its_actions_as_well() -> None:
    both = policy(
        rule("truenas", ALLOW, action="peek"),
        replace(rule("truenas", ALLOW), conditions=(_where("/a", Operator.ABSENT),)),
    )
    assert evaluate(both, "truenas", {"action": "peek"}) is ALLOW
    assert evaluate(both, "truenas", {"action": "peek", "a": 1}) is DENY
    assert evaluate(both, "truenas", {"a": 1}) is DENY


def test_a_refusal_says_why_by_its_own_reason_and_charges_nothing() -> None:
    ruling = rule_on(policy(_rule(decision=HIDE, limits=())), "pay", {})
    assert (ruling.decision, ruling.reason, ruling.charges) == (DENY, "So it is.", ())


BOTH_LIMITS = (Limit(max=5, window="hour"), Limit(max=100, window="day", sum_of="/amount"))


@pytest.mark.parametrize("decision", [LIMIT, APPROVE])
def test_a_call_that_passes_is_charged_on_every_limit(decision: Decision) -> None:
    ruling = rule_on(policy(_rule(decision=decision, limits=BOTH_LIMITS)), "pay", {"amount": 12.5})
    assert ruling.decision is decision
    assert [(charge.limit, charge.amount) for charge in ruling.charges] == [(BOTH_LIMITS[0], 1), (BOTH_LIMITS[1], 12.5)]
    assert len({charge.counter for charge in ruling.charges}) == 2


@pytest.mark.parametrize("amount", [None, -1, "5", True, [5], float("nan"), float("inf"), 10**400])
def test_what_cannot_be_added_up_is_denied(amount: object) -> None:
    ruling = rule_on(policy(_rule(decision=LIMIT, limits=BOTH_LIMITS)), "pay", {"amount": amount})
    assert (ruling.decision, ruling.charges) == (DENY, ())
    assert "'/amount'" in ruling.reason


def test_rules_on_one_action_count_a_call_once_by_the_smaller_limit() -> None:
    few, many = Limit(max=3, window="minute"), Limit(max=30, window="minute")
    twice = policy(*(rule("truenas", LIMIT, action="sync", limit=limit) for limit in (many, few)))
    (charge,) = rule_on(twice, "truenas", {"action": "sync"}).charges
    assert (charge.limit, charge.amount) == (few, 1)


def test_actions_are_counted_apart_from_each_other_and_from_their_tool() -> None:
    several = policy(*(rule("truenas", LIMIT, action=action) for action in ("a", "b", None)))
    first, second = (rule_on(several, "truenas", {"action": action}).charges for action in ("a", "b"))
    assert len({charge.counter for charge in (*first, *second)}) == 3  # a, b, and the tool's own for both


WATCHED = policy(
    replace(rule("fetch", ALLOW), taints=True),
    replace(rule("post", LIMIT), after_taint=APPROVE, reason="It writes to outsiders."),
    replace(rule("wipe", DENY), after_taint=APPROVE),
)


def test_a_session_that_read_text_of_outsiders_is_decided_more_strictly() -> None:
    assert rule_on(WATCHED, "fetch", {}).taints
    assert not rule_on(WATCHED, "post", {}).taints
    assert evaluate(WATCHED, "post", {}) is LIMIT
    tainted = rule_on(WATCHED, "post", {}, tainted=True)
    assert tainted.decision is APPROVE
    assert tainted.reason == "the session has read text of outsiders, and then this needs more: It writes to outsiders."
    assert tainted.charges, "what is approved still counts"
    assert evaluate(WATCHED, "wipe", {}, tainted=True) is DENY


def test_a_dispatcher_whose_actions_all_need_more_after_taint_may_not_be_asked_any_more() -> None:
    only = policy(replace(rule("truenas", ALLOW, action="post"), after_taint=APPROVE))
    assert evaluate(only, "truenas", {}) is ALLOW
    assert evaluate(only, "truenas", {}, tainted=True) is DENY


def test_a_tool_is_listed_unless_every_rule_hides_it_or_none_names_it() -> None:
    shown = policy(rule("a", DENY), rule("b", HIDE), rule("c", HIDE, action="x"), rule("c", DENY, action="y"))
    assert [tool for tool in ("a", "b", "c", "A", "unknown") if is_listed(shown, tool)] == ["a", "c"]


def test_a_reason_quotes_a_long_selector_only_in_part() -> None:
    reason = rule_on(DISPATCHER, "truenas", {"action": "x" * 100_000}).reason
    assert reason.endswith(f"'{'x' * 80}'…")
