"""Tools that a manifest lists."""

import json
from pathlib import Path

import pytest

from catalog_testing.source_trees import read, tools

TOOLS = [
    {"name": "pick", "description": "Picks.", "extra": 1},
    {
        "name": "sow",
        "inputSchema": {"type": "object", "properties": {"seed": {}}},
        "annotations": {"readOnlyHint": False},
    },
    {"name": "not a name"},
    {"description": "nameless"},
    "only a name",
]


@pytest.mark.parametrize("name", ["manifest.json", "server.json", "tools.json", "mcp.json", "dist/mcp-tools.json"])
def test_the_tools_of_a_manifest_are_read(tmp_path: Path, name: str) -> None:
    found = tools(tmp_path, {name: json.dumps({"name": "orchard", "tools": TOOLS})})

    assert found == {
        "pick": {"name": "pick", "description": "Picks.", "inputSchema": {"type": "object"}},
        "sow": {
            "name": "sow",
            "inputSchema": {"type": "object", "properties": {"seed": {}}},
            "annotations": {"readOnlyHint": False},
        },
    }


def test_tools_may_stand_one_level_below(tmp_path: Path) -> None:
    assert tools(tmp_path, {"mcp.json": json.dumps({"server": {"tools": TOOLS[:1]}})}).keys() == {"pick"}


@pytest.mark.parametrize("name", ["package.json", "tsconfig.json", "data.json"])
def test_other_json_is_not_read(tmp_path: Path, name: str) -> None:
    assert tools(tmp_path, {name: json.dumps({"tools": TOOLS})}) == {}


@pytest.mark.parametrize(
    "text",
    ["{", "[" * 100_000, '{"tools": 7}', '{"tools": [{"name": "a", "inputSchema": ' + '{"a":' * 90 + "1" + "}" * 91],
)
def test_a_broken_manifest_does_not_hide_the_rest(tmp_path: Path, text: str) -> None:
    found = read(tmp_path, {"manifest.json": text, "tools.json": json.dumps({"tools": TOOLS[:1]})})

    assert [entry.key for entry in found.entries] == ["pick"]
