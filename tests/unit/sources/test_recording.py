"""Recorded lists of tools: every shape that people keep, tool by tool, and a clear word on what is none."""

import json
from pathlib import Path

import pytest

from catalog.errors import InputError
from catalog.model import Listed, Provenance
from catalog.origin import Recording
from catalog.sources.recording import read_recording

PEAR = {"name": "list_pears", "inputSchema": {"type": "object"}, "_meta": {"kept": 1}}
PLUM = {"name": "list_plums"}


def response(result: object) -> dict[str, object]:
    return {"jsonrpc": "2.0", "id": 1, "result": result}


HELLO = response(
    {"protocolVersion": "2025-11-25", "capabilities": {}, "serverInfo": {"name": "orchard", "version": "7"}}
)


def read(folder: Path, content: object) -> Listed:
    path = folder / "tools.json"
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return read_recording(path).listed


def names(listed: Listed) -> list[str]:
    return [entry.key for entry in listed.entries]


@pytest.mark.parametrize(
    "content",
    [
        {"tools": [PEAR, PLUM]},
        response({"tools": [PEAR, PLUM]}),
        json.dumps(response({"tools": [PEAR, PLUM]}), indent=2),
        [PEAR, PLUM],
        json.dumps([PEAR, PLUM], indent=1).encode("utf-16"),
        "\ufeff" + json.dumps([PEAR, PLUM]),
        [{"tools": [PEAR]}, {"tools": [PLUM]}],
        [response({"tools": [PEAR], "nextCursor": "a"}), response({"tools": [PLUM]})],
        {"pages": [{"tools": [PEAR], "nextCursor": "a"}, {"tools": [PLUM]}]},
        {"messages": [HELLO, response({"tools": [PEAR, PLUM]})]},
        f"{json.dumps(PEAR)}\n{json.dumps(PLUM)}\n",
        "\n".join(
            json.dumps(message)
            for message in (
                {"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": {"name": "no tool"}},
                HELLO,
                {"jsonrpc": "2.0", "method": "notifications/initialized"},
                {"jsonrpc": "2.0", "id": 1, "method": "tools/list"},
                response({"tools": [PEAR], "nextCursor": "a"}),
                response({"tools": [PLUM]}),
                {"jsonrpc": "2.0", "id": 3, "error": {"code": -32601, "message": "no prompts"}},
            )
        ),
    ],
)
def test_every_shape_of_a_recorded_list_is_read(tmp_path: Path, content: object) -> None:
    listed = read(tmp_path, content)
    assert names(listed) == ["list_pears", "list_plums"]
    assert listed.problems == ()
    first = listed.entries[0]
    assert (first.definition.raw, first.provenance, first.run) == (PEAR, Provenance.RECORDED, "recorded")


def test_messages_say_who_the_server_is(tmp_path: Path) -> None:
    listed = read(tmp_path, "\n".join(map(json.dumps, (HELLO, response({"tools": [PEAR]})))))
    assert (listed.server_name, listed.server_version, listed.protocol_version) == ("orchard", "7", "2025-11-25")


def test_an_empty_list_is_a_list(tmp_path: Path) -> None:
    assert read(tmp_path, {"tools": []}).entries == ()


def test_one_bad_tool_costs_no_other(tmp_path: Path) -> None:
    bad = [7, {"title": "nameless"}, {"name": "x", "inputSchema": []}, {"name": "y", "default": float("inf")}, PEAR]
    listed = read(tmp_path, {"tools": [PEAR, *bad, PLUM]})
    assert names(listed) == ["list_pears", "list_plums"]
    assert [problem.where for problem in listed.problems] == [f"page 1, tools[{n}]" for n in range(1, 6)]


def test_a_line_that_is_not_json_costs_no_other(tmp_path: Path) -> None:
    listed = read(tmp_path, f'{json.dumps(PEAR)}\n{{"name":\n{json.dumps(PLUM)}')
    assert names(listed) == ["list_pears", "list_plums"]
    assert [problem.where for problem in listed.problems] == ["line 2"]


def test_a_list_whose_last_page_names_another_may_be_partial(tmp_path: Path) -> None:
    (problem,) = read(tmp_path, {"tools": [PEAR], "nextCursor": "a"}).problems
    assert "partial" in problem.message


def test_the_recording_is_named_after_its_file(tmp_path: Path) -> None:
    path = tmp_path / "or\nchard.json"
    path.write_text("[" + json.dumps(PEAR) + "]", encoding="utf-8")
    assert read_recording(path).origin == Recording(name="or\\nchard.json")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("", "nothing in it"),
        ('{"tools": [', "line 1, column 12"),
        ("[]", "no tools in it"),
        ("7", "not an object"),
        ('{"a": 1}', "no name"),
        ('{"tools": [7]}', "not an object"),
        ('{"jsonrpc": "2.0", "id": 1, "error": {"code": 1}}', "an error of the server"),
        (json.dumps(HELLO), "no tools in it"),
        ("[" * 100_000, "nested too deeply"),
        ("9" * 5000, "thousands of digits"),
        (json.dumps([{"name": str(n)} for n in range(20_001)]), "more than 20000 tools"),
        (b"\xff\x00\x80", "UTF-8"),
        (b" " * (64 * 1024 * 1024 + 1), "larger than 64 MiB"),
    ],
)
def test_what_holds_no_list_says_what_to_record(tmp_path: Path, content: str | bytes, told: str) -> None:
    with pytest.raises(InputError, match=told):
        read(tmp_path, content)


def test_a_file_that_is_none_says_so(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "absent", Path("nul\0")):
        with pytest.raises(InputError, match="tools/list"):
            read_recording(path)
    assert list(tmp_path.iterdir()) == []
