"""Files with tools: every shape that clients write, and a clear word on what is none."""

import json

import pytest

from catalog.errors import InputError
from catalog.tool_lists import parse_tools

TOOL = {"name": "list_pears", "description": "List the pears."}


@pytest.mark.parametrize(
    "text",
    [
        json.dumps({"tools": [TOOL]}),
        json.dumps({"tools": [TOOL]}, indent=1),
        json.dumps({"jsonrpc": "2.0", "id": 1, "result": {"tools": [TOOL]}}),
        json.dumps([TOOL]),
        json.dumps([TOOL], indent=2),
        json.dumps(TOOL),
        json.dumps(TOOL) + "\n\n",
    ],
)
def test_every_shape_of_one_tool_is_read(text: str) -> None:
    (row,) = parse_tools(text, "x")
    assert (row.tool.name, row.server, row.id) == ("list_pears", "", None)


def test_rows_name_their_server_and_themselves() -> None:
    text = "\n".join(json.dumps({"id": number, "server": "orchard", **TOOL}) for number in (7, 8))
    assert [(row.id, row.server) for row in parse_tools(text, "x")] == [(7, "orchard"), (8, "orchard")]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "nothing in it"),
        ('{"tools": [', "line 1, column 12"),
        ('{"name": "a"}\n{"name": "b"\n', "line 2, column"),
        ('{"name": "a"}\n[1]\n', "line 2: [1] is no tool"),
        ("[1, 2]", "tool 1: 1 is no tool"),
        ('[{"description": "nameless"}]', "is no tool"),
        ('{"error": {"code": -1}}', "answered with an error"),
        ('"text"', "no tools in it"),
        ("[" * 100_000, "too deeply"),
    ],
)
def test_what_is_no_list_of_tools_is_refused_with_the_place(text: str, told: str) -> None:
    with pytest.raises(InputError, match=r"^somewhere: ") as caught:
        parse_tools(text, "somewhere")
    assert told in str(caught.value)
