"""The actions of dispatchers as tools of their own."""

import json
from dataclasses import replace

from catalog.model import Definition, Dispatch
from catalog.policy.document import read_policies
from catalog.policy.evaluate import evaluate
from catalog.policy.model import Condition, Decision, Operator, Policy
from catalog.policy.recommend import recommend
from catalog.policy.selection import only
from catalog.policy.unfold import as_tools, unfolded
from catalog.policy.writing import policies_json
from catalog.view import EntryRow
from catalog_testing.policy import MINTS, READS, REBOOTS, WIPES, action_row, row
from classifier.definition import JsonObject


def _unfolded(*entries: EntryRow) -> Policy:
    return unfolded(recommend("truenas", entries), entries)


def _names(policy: Policy) -> list[object]:
    return [tool.definition["name"] for tool in policy.virtual_tools]


def test_only_actions_that_may_pass_become_tools() -> None:
    policy = _unfolded(
        row("truenas", WIPES),
        row("status", READS),
        action_row("ls", READS),
        action_row("mint", MINTS),
        action_row("reboot", REBOOTS),
        action_row("wipe", WIPES),
    )
    assert _names(policy) == ["ls", "mint", "reboot"]
    assert read_policies(json.dumps(policies_json([policy])))["truenas"] == policy


def test_a_virtual_tool_says_how_its_action_is_reached_and_what_it_takes() -> None:
    (tool,) = _unfolded(action_row("ls", READS, group="storage")).virtual_tools
    assert (tool.tool, tool.arguments, tool.payload) == ("truenas", {"category": "storage", "action": "ls"}, "params")
    assert tool.definition == {"name": "ls", "inputSchema": {"type": "object"}}


def _beside(schema: JsonObject) -> EntryRow:
    entry = row("ls", READS, dispatch=Dispatch(tool="disk", selector={"action": "ls"}))
    raw: JsonObject = {"name": "ls", "description": "Lists.", "inputSchema": schema}
    return replace(entry, definition=Definition(raw=raw))


def test_a_selector_that_is_filled_in_is_not_asked_for_again() -> None:
    schema: JsonObject = {
        "type": "object",
        "properties": {"action": {"enum": ["ls"]}, "path": {"type": "string"}},
        "required": ["action", "path"],
    }
    (tool,) = _unfolded(_beside(schema)).virtual_tools
    assert tool.definition["description"] == "Lists."
    assert tool.definition["inputSchema"] == {
        "type": "object",
        "properties": {"path": {"type": "string"}},
        "required": ["path"],
    }


def test_a_name_that_is_taken_or_that_clients_refuse_gets_the_tools_in_front() -> None:
    policy = _unfolded(
        row("status", READS),
        action_row("status", READS),
        action_row("sync", READS, group="clock"),
        action_row("sync", READS, group="cloud"),
        action_row("a b\n", READS),
        action_row("truenas", READS),
        action_row("l" * 80, READS),
        action_row("l" * 81, READS),
    )
    assert _names(policy) == [
        "truenas_status",
        "truenas_sync",
        "truenas_cloud_sync",
        "truenas_system_a_b_",
        "truenas_truenas",
        f"truenas_system_{'l' * 49}",
        f"truenas_system_{'l' * 47}_2",
    ]


def test_nothing_is_unfolded_of_a_tool_that_is_shut_as_a_whole() -> None:
    schema: JsonObject = {"type": "object", "properties": {"action": {"enum": ["ls", "rm"], "default": "rm"}}}
    tool = replace(row("disk", WIPES), definition=Definition(raw={"name": "disk", "inputSchema": schema}))
    actions = [
        row(n, v, dispatch=Dispatch(tool="disk", selector={"action": n})) for n, v in (("ls", READS), ("rm", WIPES))
    ]
    assert _names(_unfolded(tool, *actions)) == []


def test_what_is_left_out_of_a_policy_is_not_unfolded() -> None:
    policy = _unfolded(action_row("ls", READS), action_row("stat", READS))
    assert _names(only(policy, ["truenas/system/ls"])) == ["ls"]


def test_in_front_of_a_gateway_that_unfolds_rules_are_on_tools_by_name() -> None:
    condition = Condition(argument="/params/name", operator=Operator.PRESENT)
    entries = [action_row("ls", READS), action_row("wipe", WIPES), row("status", READS)]
    policy = unfolded(recommend("truenas", entries), entries)
    bound = replace(policy.rules[0], conditions=(condition,))
    seen = as_tools(replace(policy, rules=(bound, *policy.rules[1:])))
    assert evaluate(seen, "ls", {"name": "tank"}) is Decision.ALLOW
    assert evaluate(seen, "ls", {"params": {"name": "tank"}}) is Decision.DENY
    assert evaluate(seen, "status", {}) is Decision.ALLOW
    for tool in ("wipe", "truenas"):
        assert evaluate(seen, tool, {"action": "ls", "params": {"name": "tank"}}) is Decision.DENY


def test_a_rule_on_an_argument_that_the_gateway_fills_in_denies() -> None:
    entries = [action_row("ls", READS)]
    policy = unfolded(recommend("truenas", entries), entries)
    on_group = Condition(argument="/category", operator=Operator.ONE_OF, values=("system",))
    assert evaluate(as_tools(replace(policy, rules=(replace(policy.rules[0], conditions=(on_group,)),))), "ls", {}) is (
        Decision.DENY
    )
