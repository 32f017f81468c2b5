"""The hook program decides as the policy says, in the words of each client."""

import dataclasses
import json
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.policy.evaluate import rule_on
from catalog.policy.model import Decision, Limit, Policy, Rule
from catalog.policy.writing import policies_json
from catalog_testing import random_policies
from catalog_testing.hooking import DIALECTS, asked, request, word, words, write_policies
from catalog_testing.policy import rule

WORDS = {Decision.ALLOW: "allow", Decision.LIMIT: "allow", Decision.APPROVE: "ask", Decision.DENY: "deny"}
CODEX_WORDS = {**dict.fromkeys(Decision, "no opinion"), Decision.APPROVE: "deny", Decision.DENY: "deny"}


@settings(max_examples=150)
@given(st.data())
def test_for_every_policy_and_call_the_hook_says_what_the_reference_evaluator_says(data: st.DataObject) -> None:
    drawn = data.draw(random_policies.policies())
    named = [dataclasses.replace(one, tool=one.tool.replace('"', "").replace("\n", "")) for one in drawn.rules]
    policy = dataclasses.replace(drawn, rules=tuple(named))
    tool, arguments = data.draw(random_policies.calls(policy))
    tool = tool.replace('"', "").replace("\n", "")
    dialect = data.draw(st.sampled_from(DIALECTS))
    session = data.draw(st.sampled_from((None, "session-1")))
    watched = any(one.after_taint for one in policy.rules)
    ruling = rule_on(policy, tool, arguments, tainted=watched and session is None)
    too_much = any(charge.amount > charge.limit.max for charge in ruling.charges)
    expected = Decision.DENY if too_much else ruling.decision
    with tempfile.TemporaryDirectory() as folder:
        file = write_policies(Path(folder), policy)
        replied = asked(dialect, file, request(dialect, "s", tool, arguments, session=session))
    assert word(dialect, replied) == (CODEX_WORDS if dialect == "codex" else WORDS)[expected]
    assert replied.code == 0


def two_an_hour(tool: str, decision: Decision = Decision.LIMIT) -> Rule:
    return dataclasses.replace(rule(tool, Decision.LIMIT, limit=Limit(max=2, window="day")), decision=decision)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_limit_counts_over_all_sessions_and_only_what_passes(tmp_path: Path, dialect: str) -> None:
    file = write_policies(tmp_path, Policy(server="s", rules=(two_an_hour("mint"), rule("drop", Decision.DENY))))
    passed = "no opinion" if dialect == "codex" else "allow"
    calls: list[tuple[str, str, object]] = [
        ("s", "drop", {}),
        ("s", "mint", {}),
        ("s", "unknown", {}),
        ("s", "mint", {}),
        ("s", "mint", {}),
    ]
    assert words(dialect, file, calls) == ["deny", passed, "deny", passed, "deny"]


def test_a_limit_of_a_session_is_counted_apart_and_with_all_others_where_the_client_names_none(tmp_path: Path) -> None:
    limited = rule("mint", Decision.LIMIT, limit=Limit(max=1, window="day", scope="session"))
    file = write_policies(tmp_path, Policy(server="s", rules=(limited,)))

    def say(session: str | None) -> str:
        return word("cursor", asked("cursor", file, request("cursor", "s", "mint", {}, session=session)))

    assert [say("a"), say("b"), say("a"), say(None), say(None)] == ["allow", "allow", "deny", "allow", "deny"]


def test_a_call_that_a_person_approves_is_counted_before_the_person_is_asked(tmp_path: Path) -> None:
    file = write_policies(tmp_path, Policy(server="s", rules=(two_an_hour("pay", Decision.APPROVE),)))
    assert words("claude-code", file, [("s", "pay", {})] * 3) == ["ask", "ask", "deny"]


def test_codex_cannot_ask_so_what_needs_approval_is_denied_and_not_counted_unless_its_settings_ask(
    tmp_path: Path,
) -> None:
    file = write_policies(tmp_path, Policy(server="s", rules=(two_an_hour("pay", Decision.APPROVE),)))
    assert words("codex", file, [("s", "pay", {})] * 3) == ["deny"] * 3
    assert words("codex", file, [("s", "pay", {})] * 3, "--client-asks") == ["no opinion", "no opinion", "deny"]


def test_what_one_tool_returned_taints_the_session_for_every_server_and_no_other_session(tmp_path: Path) -> None:
    reads = dataclasses.replace(rule("inbox", Decision.ALLOW), taints=True)
    sends = dataclasses.replace(rule("send", Decision.ALLOW), after_taint=Decision.APPROVE)
    file = write_policies(tmp_path, Policy(server="mail", rules=(reads,)), Policy(server="chat", rules=(sends,)))

    def say(server: str, tool: str, session: str | None) -> str:
        sent = request("claude-code", server, tool, {}, session=session)
        return word("claude-code", asked("claude-code", file, sent))

    assert say("chat", "send", "a") == "allow"
    assert say("mail", "inbox", "a") == "allow"
    assert [say("chat", "send", "a"), say("chat", "send", "b")] == ["ask", "allow"]
    assert say("chat", "send", None) == "ask"


def test_the_tools_of_the_client_itself_are_left_to_the_client(tmp_path: Path) -> None:
    file = write_policies(tmp_path, Policy(server="s", rules=()))
    for dialect, sent in (
        ("claude-code", {"tool_name": "Bash", "tool_input": {"command": "ls"}}),
        ("codex", {"tool_name": "apply_patch", "tool_input": {}}),
        ("copilot-cli", {"toolName": "web_fetch", "toolArgs": {}}),
    ):
        replied = asked(dialect, file, sent)
        assert (word(dialect, replied), replied.code) == ("no opinion", 0)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_server_that_the_policy_file_does_not_name_is_denied(tmp_path: Path, dialect: str) -> None:
    file = write_policies(tmp_path, Policy(server="s", rules=(rule("peek", Decision.ALLOW),)))
    assert words(dialect, file, [("other", "peek", {})]) == ["deny"]


def test_arguments_may_come_as_json_in_a_text_as_cursor_and_copilot_send_them(tmp_path: Path) -> None:
    file = write_policies(tmp_path, Policy(server="s", rules=(rule("truenas", Decision.ALLOW, action="ls"),)))
    for dialect in ("cursor", "copilot-cli"):
        sent = [("s", "truenas", '{"action": "ls"}'), ("s", "truenas", '{"action": "rm"}'), ("s", "truenas", "")]
        assert words(dialect, file, sent) == ["allow", "deny", "allow"]


def test_a_log_has_each_decision_and_no_arguments(tmp_path: Path) -> None:
    file = write_policies(tmp_path, Policy(server="s", rules=(rule("peek", Decision.ALLOW),)))
    log = tmp_path / "calls.jsonl"
    calls = [("s", "peek", {"password": "hunter2"}), ("s", "\u202eother\ud800", {})]
    words("claude-code", file, calls, "--log", str(log))
    text = log.read_text(encoding="ascii")
    assert [json.loads(line)["answer"] for line in text.splitlines()] == ["allow", "deny"]
    assert "hunter2" not in text


def test_the_written_policy_file_is_what_the_hook_reads(tmp_path: Path) -> None:
    policy = Policy(server='quo"te\n', rules=(rule("a.b", Decision.ALLOW),))
    assert json.loads(write_policies(tmp_path, policy).read_text(encoding="utf-8")) == policies_json([policy])
    file = tmp_path / "catalog-policy.json"
    assert words("cursor", file, [('quo"te\n', "a.b", {}), ('quo"te\n', "a_b", {})]) == ["allow", "deny"]
