"""PolicyLayer's policy.json: exact text, exact places, and what it cannot say."""

import json

import pytest

from catalog.export.policylayer import PolicyLayerExporter
from catalog.policy.model import REFUSING, Decision, Limit, Match, Policy, Rule
from catalog.policy.recommend import recommend
from catalog.policy.selection import only
from catalog.policy.target import Unsupported
from catalog.verify.engines.policylayer import Document
from catalog_testing.policy import MINTS, READS, REBOOTS, WIPES, action_row, policy, row, rule

ALLOW, LIMIT, APPROVE, DENY, _ = Decision

REFERENCE = """\
{
  "version": "1",
  "default": "deny",
  "tools": {
    "api_key_create": {
      "limits": [
        {
          "counter": "api_key_create_rate",
          "window": "minute",
          "max": 30,
          "scope": "grant"
        }
      ]
    }
  }
}
"""
"""The policy.json of the reference page for api_key_create, character by character."""

APPROVAL = [{"conditions": [], "on_deny": "Requires human approval."}]


def _export(policy: Policy) -> tuple[dict[str, object], tuple[Unsupported, ...]]:
    export = PolicyLayerExporter().export(policy)
    Document.model_validate_json(export.text)
    assert export.filename == "policy.json"
    return json.loads(export.text), export.unsupported


def test_the_reference_tool_gives_exactly_the_reference_policy() -> None:
    export = PolicyLayerExporter().export(recommend("truenas", [row("api_key_create", MINTS)]))
    assert export.text == REFERENCE
    assert export.unsupported == ()


def test_a_whole_server_has_every_rule_in_its_place() -> None:
    entries = [row("peek", READS), row("api_key_create", MINTS), row("reboot", REBOOTS), row("wipe", WIPES)]
    document, unsupported = _export(recommend("truenas", entries))
    assert list(document) == ["version", "default", "hide", "tools"]
    assert document["hide"] == ["wipe"]
    tools = document["tools"]
    assert isinstance(tools, dict)
    assert list(tools) == ["peek", "api_key_create", "reboot"]
    assert tools["peek"] == {}
    assert tools["reboot"] == {"deny_if": APPROVAL}
    assert unsupported == (
        Unsupported(key="reboot", wanted="approve", written="deny with the message “Requires human approval.”"),
    )


def test_a_denied_tool_alone_is_hidden_and_nothing_is_allowed() -> None:
    assert _export(policy(rule("wipe", DENY))) == ({"version": "1", "default": "deny", "hide": ["wipe"]}, ())


def test_a_policy_without_rules_denies_everything() -> None:
    assert _export(policy()) == ({"version": "1", "default": "deny"}, ())


def _condition(*allowed: str) -> list[object]:
    conditions = [
        {"path": "args.action", "op": "exists", "value": True},
        {"path": "args.action", "op": "not_in", "value": list(allowed)},
    ]
    return [{"conditions": conditions, "on_deny": "This action is not on the policy's allow-list."}]


def test_actions_are_an_allow_list_on_the_wire_tool_and_never_tools() -> None:
    entries = [
        row("truenas", WIPES),
        action_row("pool_list", READS),
        action_row("system_reboot", REBOOTS),
        action_row("disk_wipe", WIPES),
        action_row("pool_get", READS),
    ]
    document, unsupported = _export(recommend("truenas", entries))
    assert document["tools"] == {"truenas": {"deny_if": _condition("pool_list", "pool_get")}}
    assert unsupported == (Unsupported(key="truenas/system/system_reboot", wanted="approve", written="deny"),)


def test_a_limit_on_one_action_bounds_the_whole_tool_and_is_listed_for_all_that_pass() -> None:
    entries = [action_row("api_key_create", MINTS), action_row("pool_list", READS), action_row("disk_wipe", WIPES)]
    document, unsupported = _export(recommend("truenas", entries))
    counter = {"counter": "truenas_rate", "window": "minute", "max": 30, "scope": "grant"}
    assert document["tools"] == {"truenas": {"deny_if": _condition("api_key_create", "pool_list"), "limits": [counter]}}
    shared = "limit to 30 calls per minute, counted over every call of truenas"
    assert unsupported == (
        Unsupported(key="truenas/system/api_key_create", wanted="limit to 30 calls per minute", written=shared),
        Unsupported(key="truenas/system/pool_list", wanted="allow", written=shared),
        Unsupported(key="truenas", wanted="allow", written=shared),
    )


def test_the_strictest_of_several_limits_is_written_in_each_window() -> None:
    document, _ = _export(
        policy(
            rule("truenas", LIMIT, action="a", limit=Limit(max=30, window="minute")),
            rule("truenas", LIMIT, action="b", limit=Limit(max=10, window="minute")),
            rule("truenas", LIMIT, action="c", limit=Limit(max=90, window="hour")),
        )
    )
    limits = document["tools"]["truenas"]["limits"]  # type: ignore[index]  # the document was validated
    assert [(limit["counter"], limit["max"]) for limit in limits] == [
        ("truenas_rate_minute", 10),
        ("truenas_rate_hour", 90),
    ]


def test_one_action_alone_is_an_allow_list_of_that_action() -> None:
    whole = recommend("truenas", [action_row("api_key_create", MINTS), action_row("pool_list", READS)])
    document, _ = _export(only(whole, ["truenas/system/api_key_create"]))
    counter = {"counter": "truenas_rate", "window": "minute", "max": 30, "scope": "grant"}
    assert document["tools"] == {"truenas": {"deny_if": _condition("api_key_create"), "limits": [counter]}}


def test_an_action_in_two_groups_takes_the_stricter_even_when_one_group_is_exported_alone() -> None:
    whole = recommend(
        "truenas",
        [action_row("sync", READS, group="clock"), action_row("sync", REBOOTS, group="cloud"), action_row("ls", READS)],
    )
    document, _ = _export(whole)
    assert document["tools"] == {"truenas": {"deny_if": _condition("ls")}}
    document, _ = _export(only(whole, ["truenas/clock/sync"]))
    assert document["tools"] == {"truenas": {"deny_if": APPROVAL}}


def test_a_dispatcher_none_of_whose_actions_pass_is_hidden_unless_approval_is_wanted() -> None:
    document, unsupported = _export(policy(rule("truenas", DENY, action="disk_wipe")))
    assert (document["hide"], unsupported) == (["truenas"], ())
    document, unsupported = _export(policy(rule("truenas", APPROVE, action="reboot")))
    assert document["tools"] == {"truenas": {"deny_if": APPROVAL}}
    assert [note.key for note in unsupported] == ["truenas/reboot"]


@pytest.mark.parametrize(
    "value", ["5", "1e3", "-2", "nan", "TRUE", "null", "None", "", "[pool_list]", "map[a:b]", "<nil>"]
)
def test_an_action_that_could_be_taken_for_another_type_is_left_out_and_listed(value: str) -> None:
    document, unsupported = _export(policy(rule("truenas", ALLOW, action="ls"), rule("truenas", ALLOW, action=value)))
    assert document["tools"] == {"truenas": {"deny_if": _condition("ls")}}
    assert unsupported == (
        Unsupported(
            key=f"truenas/{value}",
            wanted="allow",
            written="deny: the value could be taken for a number, a boolean or a list",
        ),
    )


@pytest.mark.parametrize("tool", ["*", "delete_*"])
@pytest.mark.parametrize("decision", list(Decision))
def test_a_tool_named_like_a_pattern_never_speaks_for_other_tools(tool: str, decision: Decision) -> None:
    document, unsupported = _export(policy(rule(tool, decision), rule("peek", ALLOW)))
    assert document == {"version": "1", "default": "deny", "tools": {"peek": {}}}
    assert [note.key for note in unsupported] == ([] if decision in REFUSING else [tool])


def test_a_selector_whose_name_would_reach_into_an_argument_denies_the_tool() -> None:
    match = Match(argument="request.action", value="ls")
    dotted = Rule(tool="truenas", when=(match,), decision=ALLOW, reason="", key="truenas/ls")
    document, unsupported = _export(policy(dotted))
    assert document == {"version": "1", "default": "deny", "hide": ["truenas"]}
    why = "deny: the selecting argument's name cannot be written as a path"
    assert [(note.key, note.written) for note in unsupported] == [("truenas/ls", why), ("truenas", why)]


def test_a_limit_per_day_is_written_as_deny_and_listed() -> None:
    document, unsupported = _export(policy(rule("poke", LIMIT, limit=Limit(max=3, window="day"))))
    assert document == {"version": "1", "default": "deny", "hide": ["poke"]}
    assert unsupported == (
        Unsupported(key="poke", wanted="limit to 3 calls per day", written="deny: a limit per day cannot be written"),
    )


@pytest.mark.parametrize("name", ['quo"te', "back\\slash", "new\nline", "\u202egnp", "\ud800", "tools", "__proto__"])
def test_a_hostile_name_stays_one_key(name: str) -> None:
    text = PolicyLayerExporter().export(policy(rule(name, ALLOW))).text
    assert text.isascii()
    assert json.loads(text)["tools"] == {name: {}}
