"""What a server's tools/list becomes, page by page and tool by tool, however sloppy the server is."""

import json
from pathlib import Path
from typing import Any

import pytest

from catalog.model import Listed, Provenance
from catalog.probe.base import ProbeLimits

LIMITS = ProbeLimits(pages=5, tools=50, total_bytes=1_000_000, frame_bytes=200_000)


def names(listed: Listed) -> list[str]:
    return [entry.definition.name for entry in listed.entries]


def messages(listed: Listed) -> list[str]:
    return [f"{problem.where}: {problem.message}" for problem in listed.problems]


def tools(*names: str) -> list[dict[str, Any]]:
    return [{"name": name, "description": f"Does {name}.", "inputSchema": {"type": "object"}} for name in names]


def test_all_pages_are_read_in_order(probe: Any) -> None:
    listed = probe(pages=[tools("a", "b"), tools("c"), [], tools("d")])
    assert names(listed) == ["a", "b", "c", "d"]
    assert messages(listed) == []


def test_a_definition_is_kept_verbatim(probe: Any) -> None:
    odd = {
        "name": "odd\u202e name",
        "x-vendor": [1, None, {"": "\ud800"}],
        "inputSchema": {"$ref": "https://example.com/x"},
    }
    (entry,) = probe(pages=[[odd]]).entries
    assert entry.definition.raw == odd
    assert entry.provenance is Provenance.LIVE


def test_what_a_server_says_of_itself_is_kept(probe: Any) -> None:
    listed = probe(name="fixture", protocol="2024-11-05")
    assert (listed.server_name, listed.server_version, listed.protocol_version) == ("fixture", "1.2.3", "2024-11-05")


def test_a_cursor_that_comes_for_ever_ends_the_list(probe: Any) -> None:
    listed = probe(pages=[tools("a"), tools("b")], next=["more", "more"])
    assert names(listed) == ["a", "b"]
    assert messages(listed) == ["page 2: the same cursor came twice; the list may be partial"]


def test_an_empty_cursor_is_a_cursor(probe: Any) -> None:
    """MCP 2026-07-28, pagination: only an absent cursor ends the list."""
    listed = probe(pages=[tools("a"), tools("b")], next=["", None])
    assert names(listed) == ["a", "b"]
    assert messages(listed) == []


def test_a_server_that_means_the_end_by_an_empty_cursor_lists_once(probe: Any) -> None:
    """Older servers do; asked with it, they start over."""
    listed = probe(pages=[tools("a", "b")], next=[""])
    assert names(listed) == ["a", "b"]
    assert messages(listed) == []


def test_endless_pages_are_cut_and_said_to_be(probe: Any) -> None:
    listed = probe(LIMITS, endless=True)
    assert names(listed) == [f"tool_{number}" for number in range(5)]
    assert messages(listed) == ["page 5: more pages were not read; the list is partial"]


def test_one_malformed_tool_does_not_hide_the_others(probe: Any) -> None:
    listed = probe(pages=[[*tools("a"), {"name": 5}, *tools("c")]])
    assert names(listed) == ["a", "c"]
    assert messages(listed) == ["page 1, tools[1]: no name"]


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (None, "not an object"),
        ("a", "not an object"),
        ({}, "no name"),
        ({"name": ""}, "no name"),
        ({"name": "x" * 513}, "a name of 513 characters"),
        ({"name": "b", "inputSchema": []}, "the inputSchema of 'b' is not an object"),
        ({"name": "b", "inputSchema": None}, "the inputSchema of 'b' is not an object"),
    ],
)
def test_what_is_no_tool_definition_is_a_problem(probe: Any, raw: Any, message: str) -> None:
    listed = probe(pages=[[raw, *tools("kept")]])
    assert names(listed) == ["kept"]
    assert messages(listed) == [f"page 1, tools[0]: {message}"]


@pytest.mark.parametrize("number", ["1e999", "-1e999"])
def test_a_number_that_no_json_can_hold_is_a_problem(probe: Any, tmp_path: Path, number: str) -> None:
    """It could be read, but never be written again: not into a database, not into a page."""
    raw = f'{{"name": "b", "inputSchema": {{"maximum": {number}}}}}'
    line = f'{{"jsonrpc": "2.0", "id": 2, "result": {{"tools": [{{"name": "a"}}, {raw}]}}}}'
    listed = probe(before=[], amid=[], raw_list=line)
    assert names(listed) == ["a"]
    assert messages(listed) == ["page 1, tools[1]: 'b' holds a number that JSON cannot hold"]


@pytest.mark.parametrize("word", ["NaN", "Infinity", "-Infinity"])
def test_a_word_that_python_writes_for_a_number_becomes_null(probe: Any, word: str) -> None:
    """Python's json module writes it, and JavaScript's JSON writes null."""
    line = f'{{"jsonrpc": "2.0", "id": 2, "result": {{"tools": [{{"name": "a", "x": {word}}}]}}}}'
    (entry,) = probe(raw_list=line).entries
    assert entry.definition.raw == {"name": "a", "x": None}


def nested(depth: int) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "object"}
    for _ in range(depth):
        schema = {"type": "object", "properties": {"x": schema}}
    return schema


def test_a_deep_schema_is_kept_verbatim(probe: Any) -> None:
    deep = {"name": "deep", "inputSchema": nested(40)}
    (entry,) = probe(pages=[[deep]]).entries
    assert entry.definition.raw == deep


def test_a_schema_too_deep_to_be_read_by_anyone_is_a_problem(probe: Any) -> None:
    listed = probe(pages=[[{"name": "deep", "inputSchema": nested(150)}, *tools("kept")]])
    assert names(listed) == ["kept"]
    assert messages(listed) == ["page 1, tools[0]: 'deep' is nested more than 200 levels deep"]


def test_a_schema_that_refers_to_itself_is_kept_verbatim(probe: Any) -> None:
    schema = {"$ref": "#", "$defs": {"a": {"$ref": "#/$defs/a"}}, "properties": {"x": {"$ref": "#"}}}
    (entry,) = probe(pages=[[{"name": "loop", "inputSchema": schema}]]).entries
    assert entry.definition.raw == {"name": "loop", "inputSchema": schema}


def test_of_two_tools_with_one_name_the_first_is_kept(probe: Any) -> None:
    twice = [{"name": "a", "description": "first"}, {"name": "a", "description": "second"}]
    listed = probe(pages=[twice, tools("b")])
    assert [entry.definition.tool.description for entry in listed.entries] == ["first", "Does b."]
    assert messages(listed) == ["page 1, tools[1]: the name 'a' came twice; the first is kept"]


def test_a_server_that_declares_no_tools_and_knows_no_list_has_none(probe: Any) -> None:
    listed = probe(capabilities={}, list="unknown")
    assert (names(listed), messages(listed)) == ([], [])


def test_a_server_that_declares_no_tools_and_lists_some_has_them(probe: Any) -> None:
    assert names(probe(capabilities={}, pages=[tools("a")])) == ["a"]


def test_lines_that_are_no_message_are_skipped(probe: Any) -> None:
    banner = ["Welcome!", "", "{", '{"level": "info"}', "[1, 2]", "\x1b[31mred\x1b[0m", '"text"', "[" * 100_000]
    assert names(probe(before=banner, pages=[tools("a")])) == ["a"]


def test_a_notification_in_the_midst_changes_nothing(probe: Any) -> None:
    amid = [
        {"method": "notifications/tools/list_changed"},
        {"method": "notifications/message", "params": {"level": "info", "data": "hello"}},
        {"method": "notifications/progress", "params": {"progressToken": 2, "progress": 1}},
    ]
    assert names(probe(amid=amid, pages=[tools("a")])) == ["a"]


def test_answers_to_requests_never_made_are_ignored(probe: Any) -> None:
    """``id`` is not awaited by the fixture for these: it would wait for an answer to an answer."""
    before = [json.dumps({"jsonrpc": "2.0", "id": number, "result": {"tools": tools("forged")}}) for number in (2, 99)]
    assert names(probe(before=before, pages=[tools("a")])) == ["a"]


def test_a_server_s_own_requests_are_answered_or_declined(probe: Any) -> None:
    amid = [
        {"id": "p", "method": "ping"},
        {"id": 7, "method": "roots/list"},
        {"id": 8, "method": "sampling/createMessage", "params": {"messages": []}},
        {"id": 9, "method": "elicitation/create", "params": {}},
    ]
    answers = [json.loads(entry.definition.tool.description) for entry in probe(amid=amid).entries]
    declined = {"code": -32601, "message": "not offered by this client"}
    assert answers == [
        {"jsonrpc": "2.0", "id": "p", "result": {}},
        {"jsonrpc": "2.0", "id": 7, "error": declined},
        {"jsonrpc": "2.0", "id": 8, "error": declined},
        {"jsonrpc": "2.0", "id": 9, "error": declined},
    ]


def test_the_conversation_is_the_handshake_and_lists_only(probe: Any, tmp_path: Path) -> None:
    log = tmp_path / "log"
    probe(pages=[tools("a"), tools("b")], log=str(log))
    methods = [json.loads(line)["method"] for line in log.read_text().splitlines()]
    assert methods == ["initialize", "notifications/initialized", "tools/list", "tools/list"]
