"""Intercept's intercept.yaml: what is written, what is not, and what a reader of its reference makes of it."""

from collections.abc import Mapping

import pytest
import yaml
from hypothesis import given, settings

from catalog.export.intercept import InterceptExporter
from catalog.export.policylayer import PolicyLayerExporter
from catalog.policy.model import Condition, Decision, Limit, Match, Operator, Policy, Rule, Scalar
from catalog.policy.recommend import recommend
from catalog.policy.target import Export
from catalog.verify.base import Call
from catalog.verify.engines.intercept import InterceptEngine, read
from catalog_testing.differential import Case, cases, unexpected
from catalog_testing.policy import MINTS, READS, WIPES, action_row, policy, row, rule

ALLOW, LIMIT, APPROVE, DENY, HIDE = Decision
HOSTILE = (
    'quo"te',
    "back\\slash",
    "new\nline: x",
    "# no comment",
    "\u202egnp",
    "a\0b",
    "on",
    "0o17",
    "1_0",
    "~",
    "<<",
    "*a",
)


def _decides(export: Export, tool: str, arguments: Mapping[str, object]) -> Decision:
    (decision,) = InterceptEngine().decide(export, [Call(server="truenas", tool=tool, arguments=arguments, kind="")])
    return decision


def _bounded(*conditions: Condition, action: str | None = None, limit: Limit | None = None) -> Rule:
    return Rule(
        tool="pay",
        when=(Match(argument="action", value=action),) if action else (),
        decision=LIMIT if limit else ALLOW,
        limits=(limit,) if limit else (),
        conditions=conditions,
        reason="",
        key=f"pay/{action}" if action else "pay",
    )


def _export(*rules: Rule) -> tuple[dict[str, object], Mapping[str, str]]:
    export = InterceptExporter().export(policy(*rules))
    read(export.text)
    return yaml.safe_load(export.text), {note.key: note.written for note in export.unsupported}


@settings(max_examples=25, deadline=None)  # a busy machine is no fault of the policy
@given(case=cases())
def test_it_is_never_looser_and_equal_but_for_what_it_lists(case: Case) -> None:
    assert unexpected(InterceptExporter(), InterceptEngine(), case) == ()


def test_a_whole_server_is_an_allow_list_with_limits_and_what_is_hidden() -> None:
    entries = [row("peek", READS), row("api_key_create", MINTS)]
    export = InterceptExporter().export(Policy(server="s", rules=(*recommend("s", entries).rules, rule("wipe", HIDE))))
    assert yaml.safe_load(export.text) == {
        "version": "1",
        "default": "deny",
        "hide": ["wipe"],
        "tools": {
            "peek": {"rules": []},
            "api_key_create": {"rules": [{"name": "limit per minute", "rate_limit": "30/minute"}]},
        },
    }
    assert export.unsupported == ()


def test_a_dispatcher_is_an_allow_list_and_can_no_longer_be_asked_what_it_offers() -> None:
    entries = [action_row("ls", READS), action_row("wipe", WIPES), action_row("get", READS)]
    export = InterceptExporter().export(recommend("truenas", entries))
    (found,) = yaml.safe_load(export.text)["tools"]["truenas"]["rules"]
    assert found["conditions"] == [{"path": "args.action", "op": "in", "value": ["ls", "get"]}]
    assert [(note.key, note.written) for note in export.unsupported] == [
        ("truenas", "deny: it must select an action by action")
    ]
    assert _decides(export, "truenas", {"action": "get"}) is ALLOW
    assert _decides(export, "truenas", {"action": ["get"]}) is DENY
    assert _decides(export, "truenas", {}) is DENY


def test_what_only_one_action_asks_denies_that_action_since_it_would_hold_for_all() -> None:
    asked = Condition(argument="/params/to", operator=Operator.PRESENT)
    document, notes = _export(_bounded(asked, action="send"), _bounded(action="ls"))
    assert document["tools"] == {
        "pay": {
            "rules": [
                {
                    "name": "action",
                    "conditions": [{"path": "args.action", "op": "in", "value": ["ls"]}],
                    "on_deny": "This action is not on the policy's allow-list.",
                }
            ]
        }
    }
    assert notes["pay/send"] == "deny: a condition would hold for every action of its tool"
    document, _ = _export(_bounded(asked, action="send"), _bounded(asked, action="ls"))
    assert "params.to" in str(document)


@pytest.mark.parametrize(
    ("values", "passes", "denied"),
    [
        (("a", "5", 7), ("a",), ("5", 5, 7, "7", ["a"], None)),
        ((5, 7), (5, 7, 5.0), (6, "5", "7", True, [5])),
        ((2**53 + 1, 1), (1,), (2**53, 2**53 + 1)),
        ((True,), (), (True, "true", 1)),
    ],
)
def test_values_that_print_alike_are_told_apart(
    values: tuple[Scalar, ...], passes: tuple[object, ...], denied: tuple[object, ...]
) -> None:
    condition = Condition(argument="/to", operator=Operator.ONE_OF, values=values)
    export = InterceptExporter().export(policy(_bounded(condition)))
    assert all(_decides(export, "pay", {"to": value}) is ALLOW for value in passes)
    assert all(_decides(export, "pay", {"to": value}) is DENY for value in (*denied, "zz"))
    assert bool(export.unsupported)


def test_a_sum_is_not_written_since_amounts_below_one_would_count_as_nothing() -> None:
    document, notes = _export(_bounded(limit=Limit(max=1000, window="day", sum_of="/amount")))
    assert document["tools"] == {}
    assert notes["pay"].startswith("deny: ")


def test_a_tool_with_a_dot_in_its_name_is_not_counted_since_the_whole_file_would_be_refused() -> None:
    document, notes = _export(rule("a.b", LIMIT), rule("a.c", ALLOW))
    assert list(document["tools"]) == ["a.c"]  # type: ignore[call-overload]  # it was read
    assert notes == {"a.b": "deny: a tool with a dot in its name cannot be counted"}


def test_a_tool_named_like_every_tool_never_speaks_for_others() -> None:
    for decision in Decision:
        document, _ = _export(rule("*", decision), rule("peek", ALLOW))
        assert document == {"version": "1", "default": "deny", "tools": {"peek": {"rules": []}}}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_stays_one_name_in_rules_and_in_comments(name: str) -> None:
    refused = rule(name + ".", LIMIT)
    export = InterceptExporter().export(policy(rule(name, ALLOW), rule("truenas", ALLOW, action=f"x{name}"), refused))
    assert export.text.isascii()
    assert set(read(export.text).tools) == {name, "truenas"}
    assert _decides(export, name, {}) is ALLOW
    assert _decides(export, "truenas", {"action": f"x{name}"}) is ALLOW
    assert _decides(export, "truenas", {"action": "x"}) is DENY


def test_the_file_of_the_hosted_service_is_refused_and_not_half_read() -> None:
    other = PolicyLayerExporter().export(policy(rule("truenas", ALLOW, action="ls")))
    with pytest.raises(ValueError, match="deny_if"):
        read(other.text)


def test_five_hundred_tools_are_written_and_read() -> None:
    export = InterceptExporter().export(policy(*(rule(f"tool_{place}", LIMIT) for place in range(500))))
    assert len(read(export.text).tools) == 500
