"""Exports are merged into settings that are there: what somebody wrote stays, what an earlier export wrote does not."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest
import tomlkit
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.errors import InputError
from catalog.export.merge import diff, merge, mergeable
from catalog.export.registry import exporters
from catalog.export.settings_files import read_settings, write_settings
from catalog.policy.model import Decision, Policy
from catalog.policy.target import ExportFile
from catalog_testing import random_policies
from catalog_testing.policy import rule

CLIENTS = ("claude-code", "codex", "copilot-cli", "cursor")


def exported(format_: str, *policies: Policy) -> Mapping[str, ExportFile]:
    """Return the files of an export by the last part of their names."""
    return {file.filename.rpartition("/")[2]: file for file in exporters()[format_].export(*policies).files}


def allowing(server: str, *tools: str) -> Policy:
    """Return a policy that allows these tools of a server."""
    return Policy(server=server, rules=tuple(rule(tool, Decision.ALLOW) for tool in tools))


THEIRS = {
    "settings.json": {
        "model": "opus",
        "permissions": {"allow": ["Bash(ls:*)", "mcp__other__x"], "deny": ["mcp__wsx__y"], "defaultMode": "plan"},
        "hooks": {
            "PreToolUse": [{"matcher": "mcp__ws__.*", "hooks": [{"type": "command", "command": "audit.sh"}]}],
            "Stop": [{"hooks": [{"type": "command", "command": "bell"}]}],
        },
    },
    "mcp-config.json": {"mcpServers": {"ws": {"command": "ws", "env": {"A": "é"}}, "b": {"tools": ["*"]}}},
    "catalog.json": {"version": 1, "hooks": {"preToolUse": [{"type": "command", "bash": "audit.sh"}]}},
    "hooks.json": {"version": 1, "hooks": {"beforeMCPExecution": [{"command": "audit.sh"}], "stop": []}},
    "permissions.json": {"mcpAllowlist": ["other:x", "wsx:y"], "terminalAllowlist": ["ls"]},
    "catalog-policy.json": {"version": 1, "servers": {"other": {"profile": "baseline", "rules": []}}},
}


@pytest.mark.parametrize("format_", ["claude-code", "copilot-cli", "cursor"])
def test_what_somebody_wrote_into_json_settings_stays_and_a_second_merge_changes_nothing(format_: str) -> None:
    for name, file in exported(format_, allowing("ws", "peek")).items():
        if not mergeable(file, format_):
            continue
        before = json.dumps(THEIRS[name], indent=4, ensure_ascii=False) + "\n"
        after = merge(before, file, format_)
        assert merge(after, file, format_) == after
        assert contains(json.loads(after), THEIRS[name])
        assert '\n    "' in after


def contains(whole: object, part: object) -> bool:
    """Say whether all of ``part`` is in ``whole``: keys of objects, and items of lists."""
    if isinstance(part, dict):
        return isinstance(whole, dict) and all(key in whole and contains(whole[key], part[key]) for key in part)
    if isinstance(part, list):
        return isinstance(whole, list) and all(any(contains(other, item) for other in whole) for item in part)
    return whole == part


def test_what_an_earlier_export_said_of_a_server_is_replaced_and_what_it_said_of_another_is_not() -> None:
    for format_ in CLIENTS:
        first = exported(format_, allowing("ws", "peek", "gone"), allowing("other", "gone"))
        second = exported(format_, allowing("ws", "peek"))
        for name, file in second.items():
            if mergeable(file, format_):
                merged = merge(first[name].text, file, format_)
                assert merge(merged, file, format_) == merged
                assert merged.count("gone") == first[name].text.count("gone") / 2, (format_, name)
                assert merged.count("catalog hook") == first[name].text.count("catalog hook")


def test_a_server_of_which_nothing_is_left_on_cursors_list_leaves_the_list() -> None:
    before = exported("cursor", allowing("ws", "peek"), allowing("other", "peek"))["permissions.json"].text
    refused = Policy(server="ws", rules=(rule("peek", Decision.DENY),))
    after = merge(before, exported("cursor", refused)["permissions.json"], "cursor")
    assert json.loads(after) == {"mcpAllowlist": ["other:peek"]}


CODEX = """\
# mine
model = "gpt"   # the good one

[mcp_servers.ws]
command = "ws"
args = [ "-v" ]  # loud
disabled_tools = ["never"]

[mcp_servers.ws.tools.gone]
approval_mode = "approve"

[mcp_servers.ws.tools.peek]
approval_mode = "prompt"
tool_timeout_sec = 5

[[hooks.PreToolUse]]
matcher = "^Bash$"   # not ours

[[hooks.PreToolUse.hooks]]
type = "command"
command = "audit.sh"
"""


def test_comments_and_keys_of_a_codex_configuration_stay() -> None:
    file = exported("codex", allowing("ws", "peek", "a.b"))["config.toml"]
    after = merge(CODEX, file, "codex")
    assert merge(after, file, "codex") == after
    for comment in ("# mine", "# the good one", "# loud", "# not ours"):
        assert comment in after
    data = tomlkit.parse(after).unwrap()
    server = data["mcp_servers"]["ws"]
    assert server["disabled_tools"] == ["never"]
    assert server["enabled_tools"] == ["peek", "a.b"]
    assert server["tools"] == {
        "peek": {"approval_mode": "approve", "tool_timeout_sec": 5},
        "a.b": {"approval_mode": "approve"},
    }
    assert [entry["matcher"] for entry in data["hooks"]["PreToolUse"]] == ["^Bash$", "^mcp__ws__.*"]


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_merging_any_export_into_any_other_twice_is_merging_it_once(data: st.DataObject) -> None:
    first, second = data.draw(random_policies.policies()), data.draw(random_policies.policies())
    for format_ in CLIENTS:
        before = exported(format_, first)
        for name, file in exported(format_, second).items():
            once = merge(before[name].text, file, format_)
            assert merge(once, file, format_) == once


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{", "is not plain JSON"),
        ('{\n  // mine\n  "model": "opus"\n}', "comments in it would be lost"),
        ('{"a": 1, "a": 2}', "a key stands twice"),
        ("[]", "must be an object"),
        ('{"permissions": []}', "/permissions must be an object"),
        ('{"permissions": {"deny": "x"}}', "/permissions/deny must be a list"),
        ('{"hooks": {"PreToolUse": ["x"]}}', "/hooks/PreToolUse must be a list of objects"),
        ('{"disableAllHooks": true}', "nothing would be enforced"),
    ],
)
def test_settings_that_are_broken_are_told_by_name_and_place(text: str, told: str) -> None:
    file = exported("claude-code", allowing("ws", "peek"))["settings.json"]
    with pytest.raises(InputError, match=r"settings\.json") as error:
        merge(text, file, "claude-code")
    assert told in str(error.value)


@pytest.mark.parametrize(
    "text",
    [
        "= 1",
        "a = 1\na = 2",
        "mcp_servers = 1",
        'mcp_servers.ws = {command = "x"}',
        "hooks = []",
        "[hooks]\nPreToolUse = 1",
        "[features]\nhooks = false",
    ],
)
def test_a_codex_configuration_that_is_broken_or_enforces_nothing_is_told_by_name(text: str) -> None:
    with pytest.raises(InputError, match=r"config\.toml"):
        merge(text, exported("codex", allowing("ws", "peek"))["config.toml"], "codex")


def test_a_file_that_is_no_settings_is_replaced_as_a_whole() -> None:
    file = ExportFile(filename="policy.json", text="{}\n")
    assert not mergeable(file, "policylayer")
    assert merge("anything", file, "policylayer") == "{}\n"


def test_a_merge_that_changes_nothing_leaves_even_the_layout() -> None:
    file = exported("cursor", allowing("ws", "peek"))["permissions.json"]
    laid_out = '{ "mcpAllowlist": ["ws:peek"] }'
    assert merge(laid_out, file, "cursor") == laid_out
    assert diff(laid_out, laid_out, "x") == ""


def test_a_file_is_replaced_whole_with_its_folders_its_mode_and_through_links(tmp_path: Path) -> None:
    real = tmp_path / "real" / "settings.json"
    write_settings(real, "one")
    real.chmod(0o600)
    link = tmp_path / "link.json"
    link.symlink_to(real)
    write_settings(link, "two")
    assert (read_settings(link), real.stat().st_mode & 0o777, link.is_symlink()) == ("two", 0o600, True)
    assert [one.name for one in real.parent.iterdir()] == ["settings.json"]
    assert read_settings(tmp_path / "missing.json") == ""


def test_a_read_only_file_is_told_and_stays(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    path.write_text("one", encoding="utf-8")
    path.chmod(0o444)
    with pytest.raises(InputError, match="read-only"):
        write_settings(path, "two")
    assert (path.read_text(encoding="utf-8"), list(tmp_path.iterdir())) == ("one", [path])


def test_a_file_that_is_not_text_is_told(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    path.write_bytes(b"\xff")
    with pytest.raises(InputError, match="UTF-8"):
        read_settings(path)
