"""ToolHive's Cedar policies: exact statements, what they cannot say, and what the real engine makes of them."""

import json
from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given, settings

from catalog.export.toolhive import ToolHiveExporter
from catalog.policy.evaluate import evaluate
from catalog.policy.model import Condition, Decision, Operator, Policy, Rule, Scalar
from catalog.policy.recommend import recommend
from catalog.verify.engines.cedar import CedarEngine, allows
from catalog_testing.differential import Case, cases, unexpected
from catalog_testing.policy import MINTS, READS, REBOOTS, WIPES, action_row, policy, row, rule

ALLOW, LIMIT, APPROVE, DENY, _ = Decision
INJECTION = 'x");permit(principal,action,resource);//'
HOSTILE = ('quo"te', "back\\slash", INJECTION, "new\nline", "\u202egnp", "a\0b", "tuč", "*")


def _allows(authz: str, tool: str, arguments: Mapping[str, object]) -> bool:
    return allows(authz, tool, arguments, server="truenas")


def _statements(policy: Policy) -> list[str]:
    statements: list[str] = json.loads(ToolHiveExporter().export(policy).text)["cedar"]["policies"]
    return statements


def test_an_allowed_tool_is_permitted_and_the_rest_left_to_default_deny() -> None:
    entries = [row("peek", READS), row("api_key_create", MINTS), row("reboot", REBOOTS), row("wipe", WIPES)]
    export = ToolHiveExporter().export(recommend("truenas", entries))
    assert json.loads(export.text) == {
        "version": "1.0",
        "type": "cedarv1",
        "cedar": {
            "policies": ['permit(principal, action == Action::"call_tool", resource == Tool::"peek");'],
            "entities_json": "[]",
        },
    }
    assert [(note.key, note.wanted, note.written) for note in export.unsupported] == [
        ("api_key_create", "limit to 30 calls per minute", "deny: it cannot count calls; it cannot ask a person"),
        ("reboot", "approve", "deny: it cannot ask a person"),
    ]


def test_a_dispatcher_is_permitted_where_it_selects_what_is_on_its_list() -> None:
    entries = [action_row("ls", READS), action_row("get", READS), action_row("api_key_create", MINTS)]
    assert _statements(recommend("truenas", entries)) == [
        'permit(principal, action == Action::"call_tool", resource == Tool::"truenas") when '
        '{ (resource has "arg_action" && ["ls", "get"].contains(resource["arg_action"])) };'
    ]


def test_half_a_surrogate_pair_is_left_out_and_listed() -> None:
    export = ToolHiveExporter().export(policy(rule("\ud800", ALLOW), rule("truenas", ALLOW, action="\udfff")))
    assert all("\\u{d" not in statement for statement in json.loads(export.text)["cedar"]["policies"])
    assert [note.key for note in export.unsupported] == ["\ud800", "truenas/\udfff", "truenas"]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_permits_itself_alone_in_the_real_engine(name: str) -> None:
    as_tool = ToolHiveExporter().export(policy(rule(name, ALLOW))).text
    as_action = ToolHiveExporter().export(policy(rule("truenas", ALLOW, action=name))).text
    assert _allows(as_tool, name, {})
    assert not _allows(as_tool, "other", {})
    assert _allows(as_action, "truenas", {"action": name})
    assert not _allows(as_action, "truenas", {"action": "other"})


@settings(max_examples=25, deadline=None)  # a busy machine is no fault of the policy
@given(case=cases())
def test_the_real_engine_is_never_looser_and_equal_but_for_what_the_export_lists(case: Case) -> None:
    assert unexpected(ToolHiveExporter(), CedarEngine(), case) == ()


def _bounded(operator: Operator, *values: Scalar, optional: bool = False) -> tuple[str, Sequence[str]]:
    condition = Condition(argument="/amount", operator=operator, values=values, optional=optional)
    pay = Rule(tool="pay", decision=ALLOW, conditions=(condition,), reason="", key="pay")
    export = ToolHiveExporter().export(policy(pay))
    return export.text, [note.written for note in export.unsupported]


@pytest.mark.parametrize(
    ("operator", "bound", "passes", "denied"),
    [
        (Operator.AT_MOST, 100, 99.9999, 100.00001),
        (Operator.AT_MOST, -5, -5, -4.99999),
        (Operator.AT_MOST, -0.5, -1, -0.49999),
        (Operator.AT_LEAST, 100, 100, 99.99999),
        (Operator.AT_LEAST, -5, -4.9999, -5.00001),
    ],
)
def test_a_bound_holds_although_numbers_are_cut_off_to_four_places(
    operator: Operator, bound: float, passes: float, denied: float
) -> None:
    text, _ = _bounded(operator, bound)
    assert _allows(text, "pay", {"amount": passes})
    for value in (denied, None, "5", True, [1], 1e30):
        assert not _allows(text, "pay", {"amount": value})
    assert not _allows(text, "pay", {})


def test_what_a_bound_refuses_beyond_the_policy_is_listed() -> None:
    assert _bounded(Operator.AT_MOST, 100)[1] == ["deny where /amount is above 99.9999"]
    assert _bounded(Operator.AT_LEAST, 100)[1] == []
    assert _bounded(Operator.AT_LEAST, 100, optional=True)[1] == ["deny where /amount is not given"]


def test_a_list_is_not_taken_for_an_argument_that_says_it_is_there() -> None:
    condition = Condition(argument="/all_present", operator=Operator.ONE_OF, values=(True,))
    pay = Rule(tool="pay", decision=ALLOW, conditions=(condition,), reason="", key="pay")
    export = ToolHiveExporter().export(policy(pay))
    assert not _allows(export.text, "pay", {"all": []})
    assert [note.key for note in export.unsupported] == ["pay"]


def test_a_tool_that_needs_no_argument_is_listed_and_a_dispatcher_is_not() -> None:
    text = ToolHiveExporter().export(policy(rule("truenas", ALLOW, action="ls"), rule("peek", ALLOW))).text
    assert [tool for tool in ("truenas", "peek") if _allows(text, tool, {})] == ["peek"]
    assert _allows(text, "truenas", {"action": "ls"})


def test_a_number_that_toolhive_drops_is_not_taken_for_no_selector() -> None:
    dispatcher = policy(rule("truenas", ALLOW, action="ls"))
    export = ToolHiveExporter().export(dispatcher)
    for number in (1e30, 1e3):
        assert evaluate(dispatcher, "truenas", {"action": number}) is DENY
        assert not _allows(export.text, "truenas", {"action": number})
    assert [(note.key, note.written.partition(":")[0]) for note in export.unsupported] == [("truenas", "deny")]
