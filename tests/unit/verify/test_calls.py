"""Calls derived from a policy: every entry exactly, and what an engine could take for one."""

from collections import defaultdict

import pytest

from catalog.policy.evaluate import evaluate, rule_on
from catalog.policy.model import Condition, Decision, Limit, Match, Operator, Parameter, Policy, Rule, Scalar
from catalog.verify.base import Call
from catalog.verify.calls import derive
from catalog_testing.policy import READS, action_row, policy, row, rule

FLAT = policy(rule("list_alerts", Decision.ALLOW), rule("create_dataset", Decision.LIMIT))
DISPATCHER = policy(
    rule("truenas", Decision.ALLOW, action="pool_list"),
    rule("truenas", Decision.DENY, action="pool_delete"),
)


def _by_kind(calls: tuple[Call, ...]) -> dict[str, list[Call]]:
    found = defaultdict(list)
    for call in calls:
        found[call.kind].append(call)
    return found


def test_every_rule_is_tried_exactly_and_gets_its_own_decision() -> None:
    for tried in (FLAT, DISPATCHER):
        exact = _by_kind(derive(tried))["exact"]
        assert [evaluate(tried, call.tool, call.arguments) for call in exact] == [one.decision for one in tried.rules]


def test_what_the_catalogue_has_and_no_rule_names_is_tried_too() -> None:
    exact = _by_kind(derive(FLAT, [row("list_alerts", READS), row("reboot", READS)]))["exact"]
    assert [call.tool for call in exact] == ["list_alerts", "create_dataset", "reboot"]


def test_an_action_is_called_with_the_group_it_stands_in_and_without_it() -> None:
    entries = [action_row("pool_list", READS, group="storage")]
    tried = Policy(
        server="truenas",
        rules=(
            Rule(
                tool="truenas",
                when=(Match(argument="action", value="pool_list"),),
                decision=Decision.ALLOW,
                reason="",
                key=entries[0].key,
            ),
        ),
    )
    calls = _by_kind(derive(tried, entries))
    assert calls["exact"][0].arguments == {"category": "storage", "action": "pool_list"}
    assert calls["action without its group"][0].arguments == {"action": "pool_list"}


@pytest.mark.parametrize("tried", [FLAT, DISPATCHER], ids=["flat", "dispatcher"])
def test_no_name_that_is_only_alike_passes_the_reference(tried: Policy) -> None:
    alike = ("in other case", "looks alike", "before it", "after it", "cut short", "separator", "as a list", "quoted")
    others = [call for call in derive(tried) if call.kind.endswith(alike) and "its name" not in call.kind]
    assert len(others) > 10
    assert {evaluate(tried, call.tool, call.arguments) for call in others} == {Decision.DENY}


def test_a_dispatcher_is_called_with_all_that_is_no_action() -> None:
    kinds = _by_kind(derive(DISPATCHER)).keys()
    assert kinds >= {
        "action called as a tool",
        "action in other case",
        "action that looks alike",
        "selector in a list",
        "selector nested",
        "selector missing",
        "selector null",
        "selector is a number",
        "another action nested",
        "extra arguments",
        "unknown tool",
        "unknown action",
    }


@pytest.mark.parametrize(
    ("operator", "values"),
    [
        (Operator.PRESENT, ()),
        (Operator.ABSENT, ()),
        (Operator.ONE_OF, ("a", "b")),
        (Operator.AT_MOST, (100,)),
        (Operator.AT_LEAST, (1,)),
        (Operator.WITHIN, ("/srv/reports",)),
        (Operator.HOST_IN, ("api.example.com",)),
    ],
)
@pytest.mark.parametrize("argument", ["/it", "/params/it"])
def test_conditions_are_just_met_and_just_missed(operator: Operator, values: tuple[Scalar, ...], argument: str) -> None:
    condition = Condition(argument=argument, operator=operator, values=values)
    tried = policy(Rule(tool="t", decision=Decision.ALLOW, conditions=(condition,), reason="", key="t"))
    calls = _by_kind(derive(tried))
    assert [evaluate(tried, "t", call.arguments) for call in calls["exact"]] == [Decision.ALLOW]
    decided = {evaluate(tried, call.tool, call.arguments) for of in calls.values() for call in of if call.tool == "t"}
    assert decided == {Decision.ALLOW, Decision.DENY}


def test_bounds_are_tried_on_both_sides() -> None:
    condition = Condition(argument="/amount", operator=Operator.AT_MOST, values=(100,))
    tried = policy(Rule(tool="pay", decision=Decision.ALLOW, conditions=(condition,), reason="", key="pay"))
    calls = _by_kind(derive(tried))
    assert calls["number past the bound"][0].arguments == {"amount": 101}
    assert calls["exact"][0].arguments == {"amount": 100}


def test_a_sum_is_sent_where_one_is_counted() -> None:
    limits = (Limit(max=1000, window="day", sum_of="/amount"),)
    tried = policy(Rule(tool="pay", decision=Decision.LIMIT, limits=limits, reason="", key="pay"))
    calls = _by_kind(derive(tried))
    assert rule_on(tried, "pay", calls["exact"][0].arguments).charges[0].amount == 1
    assert evaluate(tried, "pay", calls["sum negative"][0].arguments) is Decision.DENY


def test_what_no_value_can_meet_is_tried_all_the_same() -> None:
    condition = Condition(argument="/url", operator=Operator.HOST_IN, parameter="hosts")
    tried = Policy(
        server="s",
        rules=(Rule(tool="fetch", decision=Decision.ALLOW, conditions=(condition,), reason="", key="fetch"),),
        parameters={"hosts": Parameter(description="Hosts.")},
    )
    exact = _by_kind(derive(tried))["exact"][0]
    assert exact.arguments["url"]
    assert evaluate(tried, "fetch", exact.arguments) is Decision.DENY


def test_no_call_is_made_twice_and_near_misses_can_be_held_to_a_few_rules() -> None:
    many = policy(*(rule(f"tool_{number}", Decision.ALLOW) for number in range(20)))
    everything, few = derive(many), derive(many, near=2)
    assert len({(call.tool, str(call.arguments)) for call in everything}) == len(everything)
    assert len(_by_kind(few)["exact"]) == 20
    assert len(_by_kind(few)["tool in other case"]) == 2
    assert len(few) < len(everything)
