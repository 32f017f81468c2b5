"""Whatever goes wrong, the hook program denies, in a way that the client takes for a denial."""

import io
import json
from dataclasses import replace
from pathlib import Path

import pytest

from catalog.hook.program import LARGEST_REQUEST, reply
from catalog.policy.model import Decision, Limit, Policy
from catalog_testing.hooking import DIALECTS, asked, request, write_policies
from catalog_testing.policy import rule


@pytest.fixture
def file(tmp_path: Path) -> Path:
    limited = rule("mint", Decision.LIMIT, limit=Limit(max=9, window="day"))
    return write_policies(tmp_path, Policy(server="s", rules=(rule("peek", Decision.ALLOW), limited)))


def denied(dialect: str, policy: Path, sent: object, *options: str) -> bool:
    """Say whether a reply denies by what is printed, and by the exit code where the client looks at that first."""
    replied = asked(dialect, policy, sent, *options)
    printed = json.loads(replied.stdout) if replied.stdout else {}
    inner = printed.get("hookSpecificOutput", printed)
    says_so = "deny" in (inner.get("permissionDecision"), inner.get("permission"))
    blocks = replied.code == (0 if dialect == "copilot-cli" else 2) and bool(replied.stderr)
    return says_so and blocks


SPOILED = {
    "nothing": b"",
    "no JSON": b"{",
    "no text": b"\xff\xfe{}",
    "no object": b"[]",
    "nothing in it": b"{}",
    "deep": b'{"tool_input":' + b"[" * 200_000 + b"]" * 200_000 + b"}",
    "a huge number": b'{"tool_input": ' + b"9" * 5000 + b"}",
    "too large": b" " * (LARGEST_REQUEST + 1),
}


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("kind", SPOILED)
def test_a_request_that_is_no_request_is_denied(file: Path, dialect: str, kind: str) -> None:
    assert denied(dialect, file, SPOILED[kind])


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("arguments", [["ls"], 5, True, "[]", "{", '{"a": 1, "a": 2}', '{"a": NaN}'])
def test_arguments_that_are_no_object_are_denied(file: Path, dialect: str, arguments: object) -> None:
    assert denied(dialect, file, request(dialect, "s", "peek", arguments))


@pytest.mark.parametrize("dialect", DIALECTS)
def test_an_argument_that_stands_twice_is_denied_since_readers_differ_on_which_counts(file: Path, dialect: str) -> None:
    sent = json.dumps(request(dialect, "s", "peek", {"once": 1, "other": 2})).replace("other", "once")
    assert denied(dialect, file, sent.encode())


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("text", [None, b"", b"{", b'{"version": 1}', b'{"version": 1, "servers": {}, "x": 1}'])
def test_without_a_whole_policy_file_every_call_is_denied(file: Path, dialect: str, text: bytes | None) -> None:
    sent = request(dialect, "s", "peek", {})
    assert not denied(dialect, file, sent)
    if text is None:
        file.unlink()
    else:
        file.write_bytes(text)
    assert denied(dialect, file, sent)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_call_that_cannot_be_counted_is_denied_and_one_that_need_not_be_is_not(file: Path, dialect: str) -> None:
    (file.parent / "state.db").write_bytes(b"no database" * 1000)
    assert denied(dialect, file, request(dialect, "s", "mint", {}))
    assert not denied(dialect, file, request(dialect, "s", "peek", {}))


def test_a_session_of_which_nobody_can_tell_whether_it_is_tainted_is_denied(tmp_path: Path) -> None:
    careful = replace(rule("send", Decision.ALLOW), after_taint=Decision.DENY)
    file = write_policies(tmp_path, Policy(server="s", rules=(rule("peek", Decision.ALLOW), careful)))
    (tmp_path / "state.db").write_bytes(b"no database" * 1000)
    assert denied("claude-code", file, request("claude-code", "s", "peek", {}))


def test_where_the_log_cannot_be_written_the_call_is_denied(file: Path) -> None:
    assert denied("claude-code", file, request("claude-code", "s", "peek", {}), "--log", str(file.parent / "no" / "x"))


def test_an_event_that_the_hook_is_not_for_is_denied(file: Path) -> None:
    sent = {**request("claude-code", "s", "peek", {}), "hook_event_name": "PostToolUse"}
    assert denied("claude-code", file, sent)


def test_a_cursor_that_does_not_name_the_server_is_denied(file: Path) -> None:
    assert denied("cursor", file, {"tool_name": "peek", "tool_input": {}})


@pytest.mark.parametrize(
    "options",
    [
        [],
        ["--dialect", "vscode", "--policy", "x"],
        ["--dialect", "claude-code"],
        ["--dialect", "claude-code", "--policy"],
        ["--dialect", "claude-code", "--policy", "x", "--policy", "y"],
        ["--dialect", "claude-code", "--policy", "x", "--polcy", "y"],
        ["--dialect", "claude-code", "--policy", "x", "y"],
    ],
)
def test_options_that_are_not_understood_block_the_call(options: list[str]) -> None:
    replied = reply(options, io.BytesIO(b"{}"))
    assert replied.code == 2
    assert "catalog hook --help" in replied.stderr
