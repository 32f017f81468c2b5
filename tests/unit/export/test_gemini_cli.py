"""Gemini CLI's policy file: exact rules, names it cannot carry, and what its real policy engine makes of it."""

import json
import tomllib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.export.gemini_cli import GeminiCliExporter
from catalog.export.gemini_patterns import LONGEST
from catalog.export.merge import merge
from catalog.policy.model import Condition, Decision, Match, Operator, Policy, Rule
from catalog.policy.recommend import recommend
from catalog.verify.base import Call
from catalog.verify.compare import compare
from catalog.verify.engines.gemini import GeminiEngine
from catalog_testing import random_policies
from catalog_testing.calls import calls, policies
from catalog_testing.engines import available, surprises
from catalog_testing.policy import MINTS, READS, REBOOTS, WIPES, action_row, policy, row, rule

ALLOW, LIMIT, APPROVE, DENY, HIDE = Decision
HOSTILE = (
    'r"\n.m',
    "back\\slash",
    "quo'te",
    "'''\nx",
    "a|b",
    "(x",
    "x){2",
    ".*",
    "a\0b",
    "\\0",
    "\u2028x",
    "\u202egnp",
    "é😀",
    "half\ud800",
    "tr\u0443e",
    "x" * 300,
)

Table = dict[str, object]


def _rules(text: str) -> list[Table]:
    rules: list[Table] = tomllib.loads(text).get("rule", [])
    return rules


def test_tools_are_allowed_or_asked_about_by_name_and_all_else_of_the_server_is_denied() -> None:
    entries = [row("peek", READS), row("api_key_create", MINTS), row("reboot", REBOOTS), row("wipe", WIPES)]
    export = GeminiCliExporter().export(recommend("truenas", entries))
    assert [file.filename for file in export.files] == ["truenas.toml", ".gemini/settings.json"]
    assert _rules(export.text) == [
        {"mcpName": "truenas", "toolName": ["peek"], "decision": "allow", "priority": 890},
        {"mcpName": "truenas", "toolName": ["api_key_create", "reboot"], "decision": "ask_user", "priority": 880},
        {
            "mcpName": "truenas",
            "toolName": "*",
            "decision": "deny",
            "priority": 870,
            "denyMessage": "The policy for this server does not let the call pass.",
        },
    ]
    assert json.loads(export.files[1].text) == {
        "mcpServers": {"truenas": {"includeTools": ["peek", "api_key_create", "reboot"], "trust": False}}
    }
    assert [(note.key, note.written) for note in export.unsupported] == [
        ("api_key_create", "approve: it cannot count calls")
    ]
    assert "# - api_key_create: wanted limit to 30 calls per minute; written approve" in export.text


def test_actions_are_allowed_by_patterns_that_only_the_outermost_arguments_match() -> None:
    entries = [action_row("ls", READS), action_row("get", READS), action_row("reboot", REBOOTS)]
    rules = _rules(GeminiCliExporter().export(recommend("truenas", entries)).text)
    assert [(one.get("argsPattern"), one["decision"]) for one in rules] == [
        (r'^(?![^]*\0"action":(?!null\0))', "allow"),
        (r'\0"action":"(ls|get)"\0', "allow"),
        (r'\0"action":"(reboot)"\0', "ask_user"),
        (None, "deny"),
    ]


def test_settings_keep_how_a_server_is_started_and_are_told_its_tools_anew() -> None:
    file = GeminiCliExporter().export(policy(rule("peek", ALLOW))).files[1]
    started = {"command": "truenas", "includeTools": ["wipe"], "trust": True}
    before = {"theme": "dark", "mcpServers": {"truenas": started, "other": {"url": "x"}}}
    assert json.loads(merge(json.dumps(before), file, "gemini-cli")) == {
        "theme": "dark",
        "mcpServers": {
            "truenas": {"command": "truenas", "includeTools": ["peek"], "trust": False},
            "other": {"url": "x"},
        },
    }


def test_five_hundred_tools_and_actions_fit_patterns_that_the_loader_takes() -> None:
    wide = policy(
        *(rule(f"tool_{number}", ALLOW) for number in range(500)),
        *(rule("truenas", ALLOW, action=f"an_action_with_a_long_name_{number}") for number in range(500)),
    )
    export = GeminiCliExporter().export(wide)
    patterns = [str(one["argsPattern"]) for one in _rules(export.text) if "argsPattern" in one]
    assert export.unsupported == ()
    assert 2 < len(patterns) < 20
    assert max(map(len, patterns)) <= LONGEST
    assert sum(pattern.count("an_action") for pattern in patterns) == 500


@pytest.mark.parametrize("name", ["a b", "x" * 60, "mcp_truenas_peek", "*", "new\nline", "\ud800", 'x"]\n[[rule]]'])
def test_a_tool_that_gemini_cli_knows_by_another_name_is_left_out_and_listed(name: str) -> None:
    export = GeminiCliExporter().export(policy(rule("peek", ALLOW), rule(name, ALLOW)))
    assert [note.key for note in export.unsupported] == [name]
    assert [one["toolName"] for one in _rules(export.text)] == [["peek"], "*"]
    assert json.loads(export.files[1].text)["mcpServers"]["truenas"]["includeTools"] == ["peek"]


@pytest.mark.parametrize("server", ["my_server", "mcp", "*", "", "../up", "a b", 'x"\n[[rule]]', "\ud800"])
def test_a_server_that_rules_cannot_name_has_no_tools_at_all(server: str) -> None:
    export = GeminiCliExporter().export(Policy(server=server, rules=(rule("peek", ALLOW),)))
    assert [note.key for note in export.unsupported] == ["peek"]
    assert json.loads(export.files[1].text)["mcpServers"][server]["includeTools"] == []
    assert {one["decision"] for one in _rules(export.text)} <= {"deny"}
    assert "*" not in {one["mcpName"] for one in _rules(export.text)}
    assert "/" not in export.filename


def test_the_real_engine_decides_as_the_policy_says() -> None:
    engine = available(GeminiEngine())
    asked = (
        Condition(argument="/x", operator=Operator.PRESENT),
        Condition(argument="/y~1z", operator=Operator.ABSENT),
    )
    selected = Rule(
        tool="asks",
        when=(Match(argument="op", value="b"),),
        decision=APPROVE,
        conditions=asked[:1],
        reason="",
        key="asks/b",
    )
    hostile = policy(
        rule("peek", ALLOW),
        rule("Peek", DENY),
        rule("lim", LIMIT),
        rule("wipe", HIDE),
        rule("a b", ALLOW),
        rule("mcp_truenas_peek2", ALLOW),
        *(rule("truenas", ALLOW, action=name) for name in HOSTILE),
        rule("truenas", APPROVE, action="zap"),
        rule("truenas", DENY, action="rm"),
        rule("asks", ALLOW, action="a"),
        Rule(tool="checks", decision=ALLOW, conditions=asked, reason="", key="checks"),
        selected,
    )
    assert surprises(GeminiCliExporter(), engine, hostile) == ()


@settings(max_examples=2, deadline=None)  # each starts Node.js, for fifteen policies
@given(
    drawn=st.lists(policies() | random_policies.policies(), min_size=15, max_size=15),
    data=st.data(),
)
def test_the_real_engine_is_never_looser_and_equal_but_for_what_the_export_lists(
    drawn: list[Policy], data: st.DataObject
) -> None:
    engine = available(GeminiEngine())
    served = [Policy(server=f"s{number}", rules=one.rules) for number, one in enumerate(drawn)]
    made = [
        Call(server=one.server, tool=tool, arguments=arguments, kind="drawn")
        for one in served
        for tool, arguments in data.draw(st.lists(calls(one) | random_policies.calls(one), min_size=6, max_size=6))
    ]
    decisions = dict(zip(map(id, made), engine.decide(GeminiCliExporter().export(*served), made), strict=True))
    for one in served:
        of_server = [call for call in made if call.server == one.server]
        export = GeminiCliExporter().export(one)
        assert compare(one, export, of_server, [decisions[id(call)] for call in of_server]).unexpected == ()
