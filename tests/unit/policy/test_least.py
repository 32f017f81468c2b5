"""What an agent really called becomes the least privilege that covers it."""

import json
from dataclasses import replace

import pytest

from catalog.policy.calllog import read_calls
from catalog.policy.evaluate import evaluate
from catalog.policy.least import Least, least
from catalog.policy.model import Condition, Decision, Limit, Operator, Policy
from catalog_testing.policy import policy, rule

ALLOW, LIMIT, APPROVE, DENY, HIDE = Decision
ASKED = Condition(argument="/to", operator=Operator.PRESENT)
POLICY = policy(
    rule("peek", ALLOW),
    rule("status", ALLOW),
    replace(rule("send", ALLOW), conditions=(ASKED,)),
    replace(rule("pay", LIMIT), limits=(Limit(max=9, window="day", sum_of="/amount"),)),
    rule("reboot", APPROVE),
    rule("wipe", DENY),
    rule("truenas", ALLOW, action="ls"),
    rule("truenas", ALLOW, action="stat"),
    rule("truenas", DENY, action="rm"),
)


def _least(*lines: object, policies: tuple[Policy, ...] = (POLICY,)) -> Least:
    log = read_calls(json.dumps(line) for line in lines)
    assert log.unread == ()
    return least(policies, log.calls)


def _call(tool: str, **arguments: object) -> dict[str, object]:
    return {"tool": tool, "arguments": arguments}


def _request(tool: str, **arguments: object) -> dict[str, object]:
    params = {"name": tool, "arguments": arguments}
    return {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}


def _event(tool: str, selected: dict[str, str] | None = None, **arguments: object) -> dict[str, object]:
    """Return a line of the gateway's audit log."""
    found: dict[str, object] = {"time": "2026-11-27T14:00:00+00:00", "server": "truenas", "session": "1"}
    found |= {"method": "tools/call", "tool": tool, "decision": "allow", "outcome": "passed", "arguments": arguments}
    return found | ({"selected": selected} if selected else {})


@pytest.mark.parametrize("line", [_call, _request, _event])
def test_rules_on_what_was_called_stay_and_all_else_is_denied(line: object) -> None:
    assert callable(line)
    found = _least(line("peek"), line("peek"))
    (kept,) = found.policies
    assert [one.key for one in kept.rules] == ["peek"]
    assert evaluate(kept, "status", {}) is DENY
    assert found.stopped == ()


def test_of_a_dispatcher_only_the_actions_that_were_called_stay() -> None:
    (kept,) = _least(_call("truenas", action="ls"), _call("truenas")).policies
    assert [one.key for one in kept.rules] == ["truenas/ls"]
    assert evaluate(kept, "truenas", {"action": "stat"}) is DENY
    assert evaluate(kept, "truenas", {}) is ALLOW


def test_a_call_that_selects_nothing_alone_opens_nothing_and_is_reported() -> None:
    found = _least(_call("truenas"))
    assert found.policies[0].rules == ()
    assert [one.reason for one in found.stopped] == ["no rule of the policy names the tool 'truenas'"]


def test_what_the_policy_would_still_refuse_or_ask_about_is_reported_with_its_line_and_reason() -> None:
    lines = (_call("peek"), _call("reboot"), _call("wipe"), _call("send"), _call("pay", amount="5"), _call("Peek"))
    found = _least(*lines, _call("truenas", action=["ls"]))
    assert [(one.call.line, one.call.tool, one.decision) for one in found.stopped] == [
        (2, "reboot", APPROVE),
        (3, "wipe", DENY),
        (4, "send", DENY),
        (5, "pay", DENY),
        (6, "Peek", DENY),
        (7, "truenas", DENY),
    ]
    assert "'/to' of 'send' must be present" in found.stopped[2].reason


def test_an_audit_line_selects_by_what_it_kept_and_is_not_refused_for_what_it_left_out() -> None:
    found = _least(
        _event("truenas", {"action": "ls"}, action="text of 2", params={"id": "number"}),
        _event("send", to="text of 9"),
        _event("send"),
        _event("pay", amount="number"),
        _event("truenas", action="text of 7"),
        _event("truenas", action="null"),
    )
    assert [one.key for one in found.policies[0].rules] == ["send", "pay", "truenas/ls"]
    assert [one.call.line for one in found.stopped] == [5]


def test_a_server_is_known_by_its_name_in_the_log() -> None:
    other = replace(POLICY, server="other")
    line = {**_call("peek"), "server": "other"}
    found = _least(line, policies=(POLICY, other))
    assert [len(kept.rules) for kept in found.policies] == [0, 1]
    misnamed = _least({**line, "server": "nas"})
    assert misnamed.policies[0].rules == ()
    assert "the log names the server 'nas'; exported are: 'truenas'" in misnamed.stopped[0].reason


def test_a_call_without_a_server_is_for_every_server_that_has_the_tool() -> None:
    other = policy(rule("elsewhere", ALLOW))
    found = _least(_call("peek"), policies=(POLICY, replace(other, server="other")))
    assert [len(kept.rules) for kept in found.policies] == [1, 0]


def test_a_session_is_tainted_by_what_it_called_before() -> None:
    watched = policy(replace(rule("inbox", ALLOW), taints=True), replace(rule("send", ALLOW), after_taint=APPROVE))
    before = _least(_call("send"), _call("inbox"), policies=(watched,))
    after = _least(_call("inbox"), _call("send"), policies=(watched,))
    assert before.stopped == ()
    assert [(one.call.line, one.decision) for one in after.stopped] == [(2, APPROVE)]


def test_a_rule_on_the_tool_itself_stays_with_its_actions() -> None:
    shut = policy(rule("switch", DENY), rule("switch", ALLOW, action="peek"))
    found = _least(_call("switch", action="peek"), policies=(shut,))
    assert evaluate(found.policies[0], "switch", {}) is DENY
    assert evaluate(found.policies[0], "switch", {"action": "peek"}) is DENY


def test_messages_and_events_that_call_no_tool_are_passed_over() -> None:
    lines = [
        "",
        json.dumps({"jsonrpc": "2.0", "id": 1, "method": "tools/list"}),
        json.dumps({"jsonrpc": "2.0", "id": 1, "result": {}}),
        json.dumps({"time": "t", "server": "s", "method": "resources/read", "outcome": "denied"}),
        json.dumps([_request("peek"), {"jsonrpc": "2.0", "method": "ping"}]),
    ]
    log = read_calls(lines)
    assert [(call.line, call.tool) for call in log.calls] == [(5, "peek")]
    assert log.unread == ()


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("{", "line 1: Expecting property name"),
        ("5", "line 1: holds no object"),
        ("{}", "line 1: 'tool' must be text"),
        ('{"tool": ["peek"]}', "line 1: 'tool' must be text"),
        ('{"tool": "peek", "arguments": [1]}', "line 1: 'arguments' must be an object"),
        ('{"tool": "peek", "server": 5}', "line 1: 'server' must be text"),
        ('{"jsonrpc": "2.0", "method": "tools/call"}', "line 1: is a tools/call without params"),
        ("[" * 100_000, "line 1: is nested too deeply"),
    ],
)
def test_a_line_that_cannot_be_read_is_told_and_the_rest_is_read(line: str, told: str) -> None:
    log = read_calls([line, '{"tool": "peek"}'])
    assert log.unread[0].startswith(told)
    assert [call.tool for call in log.calls] == ["peek"]
