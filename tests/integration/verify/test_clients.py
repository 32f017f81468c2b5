"""The harness around real clients, with a small program in a client's place. The clients: make conformance."""

import json
import re
import sys
from pathlib import Path

import pytest

from catalog.policy.model import Decision
from catalog.policy.target import Export
from catalog.verify.base import Call, EngineUnavailable
from catalog.verify.engines.claude_code import ClaudeCode
from catalog_testing import fake_claude

LISTS = {"allow": ["mcp__s__peek"], "ask": ["mcp__s__make"], "deny": ["mcp__s__wipe"]}
SETTINGS = Export.of(".claude/settings.json", json.dumps({"permissions": LISTS}))


def _decisions(*tools: str) -> list[Decision]:
    calls = [Call(server="s", tool=tool, arguments={"n": place}, kind="exact") for place, tool in enumerate(tools)]
    return list(ClaudeCode().decide(SETTINGS, calls))


def _client(folder: Path, monkeypatch: pytest.MonkeyPatch, **changed: str) -> None:
    """Put the small program where Claude Code would be, with some of its constants changed."""
    source = Path(fake_claude.__file__).read_text(encoding="utf-8")
    for name, value in changed.items():
        source, found = re.subn(rf"(?m)^{name}\b.*$", f"{name} = {value}", source)
        assert found == 1
    program = folder / "@anthropic-ai" / "claude-code-linux-x64" / "claude"
    program.parent.mkdir(parents=True)
    program.write_text(f"#!{sys.executable}\n{source}", encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("CATALOG_NODE_MODULES", str(folder))


def test_what_reaches_the_server_passes_and_what_a_person_would_be_asked_wants_approval(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _client(tmp_path, monkeypatch)
    assert ClaudeCode().version() == "9.9.9"
    assert _decisions("peek", "make", "wipe", "PEEK", "no tool\n", "peek") == [
        Decision.ALLOW,
        Decision.APPROVE,
        Decision.DENY,
        Decision.APPROVE,  # another tool, there as well, that no list names
        Decision.DENY,
        Decision.ALLOW,
    ]


def test_a_client_that_heeds_no_list_is_seen_through(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _client(tmp_path, monkeypatch, HEEDS="()")
    assert _decisions("wipe", "make") == [Decision.ALLOW, Decision.ALLOW]


def test_a_client_that_leaves_early_proves_nothing_and_its_words_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _client(tmp_path, monkeypatch, LEAVES="2")
    with pytest.raises(EngineUnavailable, match=r"(?s)left after 1 of 3 calls.*I have to leave"):
        _decisions("peek", "make", "wipe")


def test_a_client_that_is_not_there_says_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CATALOG_NODE_MODULES", str(tmp_path))
    with pytest.raises(EngineUnavailable, match="make conformance"):
        ClaudeCode().version()
