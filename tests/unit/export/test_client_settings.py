"""What is written for each client: lists as far as they go, a hook on everything, and nothing that a name can break."""

import json
import re
import tomllib
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from catalog.export.registry import exporters
from catalog.policy.clientnames import CLAUDE_CODE, CODEX, COPILOT_CLI, Called, called, carried
from catalog.policy.document import read_policies
from catalog.policy.evaluate import evaluate
from catalog.policy.model import Condition, Decision, Operator, Policy, Rule
from catalog.policy.target import Export
from catalog_testing.policy import rule

ALLOW, LIMIT, APPROVE, DENY, HIDE = Decision

GUARDED = Rule(
    tool="mint",
    decision=ALLOW,
    conditions=(Condition(argument="/allowlist", operator=Operator.PRESENT),),
    reason="",
    key="mint",
)

WS = Policy(
    server="ws",
    rules=(
        rule("peek", ALLOW),
        GUARDED,
        rule("write", LIMIT),
        rule("reboot", APPROVE),
        rule("wipe", DENY),
        rule("erase", HIDE),
        rule("truenas", ALLOW, action="ls"),
        rule("truenas", APPROVE, action="rm"),
        rule("shut", DENY, action="off"),
    ),
)

HOSTILE = (
    'quo"te',
    "back\\slash",
    "new\nline",
    "$(touch x)",
    "`id`",
    "'; rm -rf ~; '",
    "*",
    "a|b",
    "(x)",
    "[[x]]",
    "\u202egnp",
    "p\u0435ek",
    "\ud800",
    "\0",
    "a]\n[mcp_servers.evil]\ncommand='x'",
)


def files(export: Export) -> Mapping[str, Any]:
    """Return what the files say, by the last part of their names."""
    read: Mapping[str, Callable[[str], Any]] = {"json": json.loads, "toml": tomllib.loads, "txt": str}
    return {one.filename.rpartition("/")[2]: read[one.filename.rpartition(".")[2]](one.text) for one in export.files}


def export(format_: str, *policies: Policy) -> Export:
    return exporters()[format_].export(*policies)


def test_claude_code_gets_lists_of_whole_tools_and_a_hook_on_every_tool_of_the_server_known_or_not() -> None:
    settings = files(export("claude-code", WS))["settings.json"]
    assert settings["permissions"] == {
        "deny": ["mcp__ws__wipe", "mcp__ws__erase", "mcp__ws__shut"],
        "ask": ["mcp__ws__reboot"],
        "allow": ["mcp__ws__peek"],
    }
    (group,) = settings["hooks"]["PreToolUse"]
    assert re.fullmatch(group["matcher"], "mcp__ws__unknown")
    (hook,) = group["hooks"]
    assert hook["command"].startswith("catalog hook --dialect claude-code --policy ")
    assert hook["command"].endswith(" || exit 2")
    assert not export("claude-code", WS).unsupported


def test_codex_gets_only_the_tools_of_which_a_call_can_pass_and_asks_about_whole_ones_alone() -> None:
    exported = export("codex", WS)
    settings = files(exported)["config.toml"]
    server = settings["mcp_servers"]["ws"]
    assert server["enabled_tools"] == ["peek", "mint", "write", "reboot", "truenas"]
    assert server["default_tools_approval_mode"] == "prompt"
    assert {tool: told["approval_mode"] for tool, told in server["tools"].items()} == {
        "peek": "approve",
        "mint": "approve",
        "write": "approve",
        "reboot": "prompt",
        "truenas": "approve",
    }
    (group,) = settings["hooks"]["PreToolUse"]
    assert re.search(group["matcher"], "mcp__ws__unknown")
    assert "--client-asks || exit 2" in group["hooks"][0]["command"]
    assert [(note.key, note.wanted) for note in exported.unsupported] == [("truenas/rm", "approve")]
    assert exported.unsupported[0].written.startswith("deny: ")
    assert "/hooks" in exported.text.partition("[")[0]  # the comment that the hook must be trusted


def test_codex_is_never_left_to_ask_about_some_actions_of_a_tool_or_in_some_sessions() -> None:
    tainted = Rule(tool="send", decision=ALLOW, after_taint=APPROVE, reason="", key="send")
    policy = Policy(server="ws", rules=(tainted, rule("truenas", APPROVE, action="rm"), rule("truenas", ALLOW)))
    exported = export("codex", policy)
    written = read_policies(exported.files[1].text)["ws"]
    assert evaluate(written, "send", {}) is APPROVE
    assert evaluate(written, "truenas", {"action": "rm"}) is DENY
    assert files(exported)["config.toml"]["mcp_servers"]["ws"]["tools"]["send"]["approval_mode"] == "prompt"
    assert {note.key: note.written.partition(":")[0] for note in exported.unsupported} == {
        "send": "approve",
        "truenas/rm": "deny",
    }


def test_copilot_gets_only_the_tools_of_which_a_call_can_pass_and_a_hook_that_denies_when_it_cannot_start() -> None:
    exported = export("copilot-cli", WS)
    told = files(exported)
    assert told["mcp-config.json"] == {"mcpServers": {"ws": {"tools": ["peek", "mint", "write", "reboot", "truenas"]}}}
    (hook,) = told["catalog.json"]["hooks"]["preToolUse"]
    assert re.fullmatch(hook["matcher"], "ws-unknown")
    assert json.loads(hook["bash"].partition(" || echo ")[2].strip("'"))["permissionDecision"] == "deny"
    assert "--deny-tool 'ws(wipe)'\n" in told["catalog-flags.txt"]
    assert not exported.unsupported


def test_cursor_lists_only_tools_of_which_every_call_passes_and_fails_closed() -> None:
    exported = export("cursor", WS)
    told = files(exported)
    assert told["permissions.json"] == {"mcpAllowlist": ["ws:peek"]}
    (hook,) = told["hooks.json"]["hooks"]["beforeMCPExecution"]
    assert hook["failClosed"] is True
    noted = [note.key for note in exported.unsupported]
    assert noted == ["mint", "write", "truenas/ls", "truenas"]
    assert all(note.written.startswith("approve: ") for note in exported.unsupported)


@pytest.mark.parametrize("format_", ["claude-code", "codex", "copilot-cli", "cursor"])
@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_of_a_tool_or_a_server_stays_inside_of_its_place(format_: str, name: str) -> None:
    calm = files(export(format_, Policy(server="ws", rules=(rule("peek", ALLOW),))))
    for policy in (
        Policy(server="ws", rules=(rule("peek", ALLOW), rule(name, ALLOW), rule(name, DENY, action=name))),
        Policy(server="ws", rules=(rule("peek", ALLOW), rule(name, DENY))),
    ):
        told = files(export(format_, policy))
        assert told["catalog-policy.json"]["servers"].keys() == {"ws"}
        assert commands(told) == commands(calm)
        assert told.keys() == calm.keys()
    exported = export(format_, Policy(server=name, rules=(rule("peek", ALLOW),)))
    told = files(exported)
    assert set(commands(told)) <= set(commands(calm))
    assert told.get("mcp-config.json", {"mcpServers": {name: {"tools": []}}}) == {"mcpServers": {name: {"tools": []}}}
    assert "mcp_servers" not in told.get("config.toml", {})
    assert told.get("permissions.json", {"mcpAllowlist": []})["mcpAllowlist"] == []
    assert format_ in {"claude-code"} or exported.unsupported


def commands(told: Mapping[str, Any]) -> list[str]:
    """Return every shell command in settings."""
    found: list[str] = []

    def look(value: object) -> None:
        for key, inner in value.items() if isinstance(value, dict) else ():
            if key in {"command", "bash"}:
                found.append(str(inner))
            look(inner)
        for inner in value if isinstance(value, list) else ():
            look(inner)

    look(dict(told))
    return found


def test_rules_in_claude_codes_lists_have_neither_arguments_nor_patterns() -> None:
    policy = Policy(server="my.server", rules=tuple(rule(name, ALLOW) for name in (*HOSTILE, "a.b")))
    permissions = files(export("claude-code", policy))["settings.json"]["permissions"]
    names = [name for listed in permissions.values() for name in listed]
    assert names
    assert all(re.fullmatch(r"mcp__[A-Za-z0-9_-]+__[A-Za-z0-9_-]+", name) for name in names)


def test_two_tools_that_look_the_same_to_a_client_are_both_denied_and_noted() -> None:
    policy = Policy(server="ws", rules=(rule("a.b", ALLOW), rule("a_b", ALLOW), rule("peek", ALLOW)))
    for format_ in ("claude-code", "codex"):
        exported = export(format_, policy)
        assert [note.key for note in exported.unsupported] == ["a.b", "a_b"]
        written = read_policies(exported.files[1].text)["ws"]
        assert [evaluate(written, tool, {}) for tool in ("a.b", "a_b", "peek")] == [DENY, DENY, ALLOW]


def test_two_servers_that_look_the_same_to_a_client_are_denied_and_noted() -> None:
    same = [Policy(server=server, rules=(rule("peek", ALLOW),)) for server in ("a.b", "a_b")]
    assert [note.key for note in export("claude-code", *same).unsupported] == ["peek", "peek"]
    within = [Policy(server="a", rules=(rule("b-peek", ALLOW),)), Policy(server="a-b", rules=(rule("peek", ALLOW),))]
    assert [note.key for note in export("copilot-cli", *within).unsupported] == ["b-peek", "peek"]


def test_what_an_export_takes_for_a_name_of_its_own_is_what_the_hook_does() -> None:
    names = ("a", "a-b", "a_b", "_a", "a.b", "a__b", "b-peek", "x" * 60, *HOSTILE)
    policies = {server: Policy(server=server, rules=tuple(rule(tool, ALLOW) for tool in names)) for server in names}
    for client in (CLAUDE_CODE, CODEX, COPILOT_CLI):
        found = {
            (server, tool): called(client, policies, client.name(server, tool)) for server in names for tool in names
        }
        lead_home = {
            pair for pair, one in found.items() if isinstance(one, Called) and (one.policy.server, one.tool) == pair
        }
        assert lead_home == set(carried(client, policies))


def test_the_policy_files_of_several_servers_are_one() -> None:
    other = Policy(server="other", rules=(rule("peek", ALLOW),))
    for format_ in ("claude-code", "codex", "copilot-cli", "cursor"):
        assert files(export(format_, WS, other))["catalog-policy.json"]["servers"].keys() == {"ws", "other"}


def test_what_a_person_must_do_for_a_hook_to_count_is_told_with_the_export() -> None:
    (told,) = exporters()["codex"].export(Policy(server="ws", rules=(rule("peek", ALLOW),))).requires
    assert "trust it" in told
