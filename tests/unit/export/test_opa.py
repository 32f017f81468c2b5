"""Open Policy Agent's program and data: one program for all, and what a real Rego engine decides by it."""

import json
from collections.abc import Mapping

import pytest
from hypothesis import given, settings

from catalog.export.opa import OPAExporter
from catalog.policy.model import Decision, Policy
from catalog.policy.recommend import recommend
from catalog.policy.target import Export
from catalog.verify.base import Call
from catalog.verify.calls import derive
from catalog.verify.compare import compare
from catalog.verify.engines import rego
from catalog.verify.engines.rego import RegoEngine
from catalog_testing.differential import Case, cases, unexpected
from catalog_testing.policy import MINTS, READS, REBOOTS, WIPES, action_row, policy, row, rule

ALLOW, LIMIT, APPROVE, DENY, HIDE = Decision
HOSTILE = (
    'quo"te',
    "back\\slash",
    '"; allow := true #',
    "new\nallow := true",
    "\u202egnp",
    "a\0b",
    "tuč",
    "`",
    "{{x}}",
)


def _decides(export: Export, tool: str, arguments: Mapping[str, object]) -> Decision:
    (decision,) = RegoEngine().decide(export, [Call(server="truenas", tool=tool, arguments=arguments, kind="")])
    return decision


@settings(max_examples=25, deadline=None)  # a busy machine is no fault of the policy
@given(case=cases())
def test_it_is_never_looser_and_equal_but_for_what_it_lists(case: Case) -> None:
    assert unexpected(OPAExporter(), RegoEngine(), case) == ()


def test_a_server_is_data_and_approval_is_an_answer_of_its_own() -> None:
    entries = [row("peek", READS), row("api_key_create", MINTS), row("reboot", REBOOTS), row("wipe", WIPES)]
    export = OPAExporter().export(recommend("truenas", entries))
    assert [file.filename for file in export.files] == ["policy.rego", "data.json"]
    decisions = [_decides(export, entry.name, {}) for entry in entries]
    assert decisions == [ALLOW, APPROVE, APPROVE, DENY]
    assert [(note.key, note.written) for note in export.unsupported] == [
        ("api_key_create", "approve: it cannot count calls")
    ]


def test_the_program_is_the_same_for_every_policy_below_the_notes() -> None:
    plain = OPAExporter().export(policy(rule("peek", ALLOW))).text
    noted = OPAExporter().export(policy(rule('x"\nallow := true', LIMIT))).text
    assert noted.endswith(plain)
    assert all(line.startswith("#") for line in noted.removesuffix(plain).splitlines())


def test_several_servers_have_data_each_for_one_program() -> None:
    first = Policy(server="truenas", rules=(rule("peek", ALLOW),))
    second = Policy(server="other", rules=(rule("look", ALLOW),))
    export = OPAExporter().export(first, second)
    assert [file.filename for file in export.files] == ["policy.rego", "truenas.data.json", "other.data.json"]
    assert (_decides(export, "peek", {}), _decides(export, "look", {})) == (ALLOW, DENY)


@pytest.mark.parametrize(
    ("request_", "decision"),
    [
        ({"method": "tools/list"}, ALLOW),
        ({"method": "notifications/cancelled"}, ALLOW),
        ({"method": "tools/call"}, DENY),
        ({"method": "tools/call", "params": {"name": "truenas"}}, ALLOW),
        ({"method": "tools/call", "params": {"name": "truenas", "arguments": None}}, DENY),
        ({"method": "resources/read", "params": {"uri": "file:///srv/a"}}, ALLOW),
        ({"method": "resources/read", "params": {"uri": "file:///etc/a"}}, DENY),
        ({"method": "prompts/get", "params": {"name": "hello"}}, ALLOW),
        ({"method": "prompts/get", "params": {"name": "hello2"}}, DENY),
        ({"method": "prompts/get", "params": "hello"}, DENY),
        ({"method": "resources/read", "params": {"uri": 5}}, DENY),
        ({"method": "tasks/result"}, DENY),
        ({"method": 5}, DENY),
        ({}, DENY),
    ],
)
def test_every_request_has_an_answer(request_: Mapping[str, object], decision: Decision) -> None:
    dispatcher = recommend("truenas", [action_row("ls", READS)])
    whole = Policy(server="truenas", rules=dispatcher.rules, resources=("file:///srv/*",), prompts=("hello",))
    asked = rego.Policy(OPAExporter().export(whole), "truenas")
    assert asked.decides(request_) is decision
    assert asked.value("allow", request_) is (decision is ALLOW)
    assert isinstance(asked.value("reason", request_), str)


def test_lists_show_what_is_not_hidden() -> None:
    export = OPAExporter().export(policy(rule("peek", ALLOW), rule("poke", DENY), rule("wipe", HIDE)))
    assert sorted(rego.Policy(export, "truenas").value("listed", {})) == ["peek", "poke"]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_permits_itself_alone(name: str) -> None:
    noted = rule(f"{name}\ud800", ALLOW)
    export = OPAExporter().export(policy(rule(name, ALLOW), rule("truenas", ALLOW, action=name), noted))
    assert all(file.text.isascii() for file in export.files)
    assert _decides(export, name, {}) is ALLOW
    assert _decides(export, "other", {}) is DENY
    assert _decides(export, "truenas", {"action": name}) is ALLOW
    assert _decides(export, "truenas", {"action": "other"}) is DENY
    assert [note.key for note in export.unsupported] == [f"{name}\ud800"]
    assert f"{name}\ud800" not in json.loads(export.files[1].text)["catalog_policy"]["tools"]


def test_five_hundred_tools_are_decided_as_the_policy_says() -> None:
    whole = policy(*(rule(f"tool_{place}", list(Decision)[place % 5]) for place in range(500)))
    export = OPAExporter().export(whole)
    calls = derive(whole, near=1)
    assert compare(whole, export, calls, RegoEngine().decide(export, calls)).unexpected == ()
