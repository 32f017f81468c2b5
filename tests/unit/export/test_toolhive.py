"""ToolHive's Cedar policies: exact statements, what they cannot say, and what the real engine makes of them."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.export.toolhive import ToolHiveExporter
from catalog.policy.evaluate import evaluate
from catalog.policy.model import Decision, Policy
from catalog.policy.recommend import recommend
from catalog_testing.calls import accounted_for, calls, policies
from catalog_testing.policy import MINTS, READS, REBOOTS, WIPES, action_row, policy, row, rule
from catalog_testing.toolhive import allows

ALLOW, LIMIT, APPROVE, DENY, _ = Decision
INJECTION = 'x");permit(principal,action,resource);//'
HOSTILE = ('quo"te', "back\\slash", INJECTION, "new\nline", "\u202egnp", "a\0b", "tuč", "*")


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
        ("api_key_create", "limit to 30 calls per minute", "deny: Cedar cannot count calls"),
        ("reboot", "approve", "deny"),
    ]


def test_a_dispatcher_is_permitted_and_forbidden_what_is_not_on_its_list() -> None:
    entries = [action_row("ls", READS), action_row("get", READS), action_row("api_key_create", MINTS)]
    scope = '(principal, action == Action::"call_tool", resource == Tool::"truenas")'
    assert _statements(recommend("truenas", entries)) == [
        f"permit{scope};",
        f'forbid{scope} when {{ resource has "arg_action" }}'
        ' unless { ["ls", "get"].contains(resource["arg_action"]) };',
        f'forbid{scope} when {{ resource has "arg_action_present" }};',
    ]


def test_half_a_surrogate_pair_is_left_out_and_listed() -> None:
    export = ToolHiveExporter().export(policy(rule("\ud800", ALLOW), rule("truenas", ALLOW, action="\udfff")))
    assert all("\\u{d" not in statement for statement in json.loads(export.text)["cedar"]["policies"])
    assert [note.key for note in export.unsupported] == ["\ud800", "truenas/\udfff"]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_permits_itself_alone_in_the_real_engine(name: str) -> None:
    as_tool = ToolHiveExporter().export(policy(rule(name, ALLOW))).text
    as_action = ToolHiveExporter().export(policy(rule("truenas", ALLOW, action=name))).text
    assert allows(as_tool, name, {})
    assert not allows(as_tool, "other", {})
    assert allows(as_action, "truenas", {"action": name})
    assert not allows(as_action, "truenas", {"action": "other"})


@settings(max_examples=300, deadline=None)  # a busy machine is no fault of the policy
@given(policy=policies(), data=st.data())
def test_the_real_engine_is_never_looser_and_equal_but_for_what_the_export_lists(
    policy: Policy, data: st.DataObject
) -> None:
    export = ToolHiveExporter().export(policy)
    call = data.draw(calls(policy))
    wanted = evaluate(policy, *call)
    got = ALLOW if allows(export.text, *call) else DENY
    assert got.strictness >= wanted.strictness
    assert got is wanted or accounted_for(policy, export, call, got)


def test_a_number_that_toolhive_drops_passes_as_if_nothing_were_selected() -> None:
    """The one call that is looser there; it selects no action, and no policy can see the argument."""
    dispatcher = policy(rule("truenas", ALLOW, action="ls"))
    export = ToolHiveExporter().export(dispatcher)
    assert evaluate(dispatcher, "truenas", {"action": 1e30}) is DENY
    assert allows(export.text, "truenas", {"action": 1e30})
    assert not allows(export.text, "truenas", {"action": 1e3})
