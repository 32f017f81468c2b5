"""The shapes in which dispatchers tell what they offer, and hostile ones."""

import json

import pytest

from catalog.model import Listed
from catalog.probe.base import ProbeLimits
from catalog_testing.sessions import actions, expanded, tool
from classifier.definition import JsonObject, JsonValue

BOX = tool("box", {"action": {"type": "string"}}, "Call without arguments to list all actions.")

NEEDED: JsonObject = {"type": "object", "properties": {"id": {}}, "required": ["id"]}


def told(answer: JsonValue, limits: ProbeLimits | None = None) -> Listed:
    return expanded(BOX, {"{}": answer}, limits=limits)[0]


def messages(found: Listed) -> list[str]:
    return [one.message for one in found.problems]


@pytest.mark.parametrize(
    "answer",
    [
        "wrap — Wrap it.\nburn — Burn it.",
        "wrap - Wrap it.\nburn - Burn it.",
        "wrap: Wrap it.\nburn: Burn it.",
        "Actions:\n\n  wrap -> Wrap it.\n  burn -> Burn it.\n\nTotal: 2",
        "# Actions\n- **wrap**: Wrap it.\n- **burn**: Burn it.",
        "* `wrap` \N{EN DASH} Wrap it.\n* `burn` \N{EN DASH} Burn it.",
        "1. wrap: Wrap it.\n2) burn: Burn it.",
        "| Name | Description |\n|:--|---|\n| wrap | Wrap it. |\n| `burn` | Burn it. |\n\nThe end.",
        '[{"name": "wrap", "description": "Wrap it."}, {"action": "burn", "summary": "Burn it."}]',
        '{"actions": [{"name": "wrap", "description": "Wrap it."}, {"name": "burn", "description": "Burn it."}]}',
        '{"data": {"operations": {"wrap": "Wrap it.", "burn": {"description": "Burn it."}}}}',
        '```json\n{"wrap": "Wrap it.", "burn": "Burn it."}\n```',
        {"content": [], "structuredContent": {"wrap": "Wrap it.", "burn": "Burn it."}},
        {"content": [{"type": "text", "text": "wrap: Wrap it."}, {"type": "text", "text": "burn: Burn it."}]},
    ],
)
def test_names_and_descriptions_are_read_from_every_common_shape(answer: JsonValue) -> None:
    found = told(answer)
    assert {name: one.definition.tool.description for name, one in actions(found).items()} == {
        "wrap": "Wrap it.",
        "burn": "Burn it.",
    }
    assert messages(found) == []


@pytest.mark.parametrize("answer", ['["wrap", "burn"]', '{"tools": ["wrap", "burn"]}', "- wrap\n- `burn`"])
def test_bare_names_are_read(answer: str) -> None:
    assert list(actions(told(answer))) == ["wrap", "burn"]


@pytest.mark.parametrize(
    ("answer", "schema"),
    [
        ("burn — Burn it.\n  Required: id", NEEDED),
        ("burn(id) — Burn it.", NEEDED),
        ("- burn: Burn it.\n  Parameters:\n  - id (required)", NEEDED),
        ("| Action | Required |\n|---|---|\n| burn | id |", NEEDED),
        ("| Action | Parameters |\n|---|---|\n| burn | id* |", NEEDED),
        ('{"actions": [{"name": "burn", "parameters": [{"name": "id", "required": true}]}]}', NEEDED),
        ('{"actions": [{"name": "burn", "params": {"id": {"required": true}}}]}', NEEDED),
        (json.dumps([{"name": "burn", "inputSchema": NEEDED}]), NEEDED),
        ("burn — Burn it.\n  Parameters: none", {"type": "object", "properties": {}}),
        (
            "burn(id: integer, why?) — Burn it.",
            {"type": "object", "properties": {"id": {"type": "integer"}, "why": {}}, "required": ["id"]},
        ),
        (
            "burn: Burn it.\n  Optional: id (integer), why (a reason (in words), or two)",
            {
                "type": "object",
                "properties": {"id": {"type": "integer"}, "why": {"description": "a reason (in words), or two"}},
            },
        ),
        (
            "1. burn: Burn it.\n   Args:\n   - id (int, required): which\n   - why (string): a reason",
            {
                "type": "object",
                "properties": {
                    "id": {"type": "integer", "description": "which"},
                    "why": {"type": "string", "description": "a reason"},
                },
                "required": ["id"],
            },
        ),
        (
            '{"burn": {"description": "x", "args": {"id": "which"}}}',
            {"type": "object", "properties": {"id": {"description": "which"}}},
        ),
    ],
)
def test_parameters_are_read_as_far_as_they_are_told(answer: str, schema: JsonObject) -> None:
    assert actions(told(answer))["burn"].definition.raw["inputSchema"] == schema


def test_parameters_are_never_taken_for_actions() -> None:
    lines = "- wrap: Wrap it.\n  Parameters:\n  - paper: which\n  - string: which\n  - bow: which\n- burn: Burn it."
    assert list(actions(told(lines))) == ["wrap", "burn"]


@pytest.mark.parametrize(
    "answer",
    [
        "<html><body>Sign in</body></html>",
        "There is nothing to see here.",
        "Error: no connection",
        "Unreachable: no route to host",
        '{"error": "no connection", "host": "nowhere"}',
        '{"success": false, "message": "no key"}',
        "",
        "[]",
        "{}",
        "null",
        "[" * 100_000,
        '{"a":' * 50_000,
        " " * 1_000_000,
        "- " * 500_000,
        "a(" * 200_000,
        {"content": "text"},
        {"content": [{"type": "text", "text": 7}, None, {"type": "image", "data": "x"}]},
        {"isError": True, "content": [{"type": "text", "text": "wrap: Wrap it."}]},
        None,
        [],
    ],
)
def test_an_answer_that_names_nothing_is_a_problem(answer: JsonValue) -> None:
    found = told(answer)
    assert list(actions(found)) == []
    assert "its discovery answer names no action" in messages(found)


def test_an_answer_whose_names_are_no_actions_is_a_problem() -> None:
    found = told("Host: nowhere\nVersion number: 3\nUptime: 4 d\nTemperature: 20\nColour: red\nWeight: 7")
    assert list(actions(found)) == []
    assert messages(found) == ["its discovery answers name 5 things that do not read like actions"]


def test_names_that_cannot_be_sent_are_counted_and_left_out() -> None:
    names = ["wrap", "wrap it all", "wr\x1bap", "wr\u202eap", "", "x" * 129]
    found = told(json.dumps({"actions": [{"name": name} for name in names]}))
    assert list(actions(found)) == ["wrap"]
    assert messages(found) == ["5 of its names cannot be sent as one word"]


def test_lines_of_a_list_whose_names_are_no_words_are_counted_and_left_out() -> None:
    found = told("- wrap: Wrap it.\n- burn the box: Burn it.\n- send: Send it.")
    assert list(actions(found)) == ["wrap", "send"]
    assert messages(found) == ["1 of its lines name something that cannot be sent as one word"]


def test_of_two_actions_with_one_name_the_first_is_kept() -> None:
    found = told("wrap: One.\nwrap: Two.\nburn: Three.")
    assert [one.definition.tool.description for one in actions(found).values()] == ["One.", "Three."]
    assert messages(found) == ["1 of its actions came twice; the first of each is kept"]


def test_an_endless_line_is_read_to_its_bound_and_said() -> None:
    found = told("burn: Burn it.\nwrap: " + "x" * 10_000_000)
    assert len(actions(found)["wrap"].definition.tool.description) < 10_000
    assert messages(found) == ["an answer of 10000021 characters; only the first 400000 were read"]


def test_a_million_actions_are_read_to_their_bound_and_said() -> None:
    found = told("\n".join(f"a{number}: x" for number in range(1_000_000)), ProbeLimits(tools=100))
    assert len(actions(found)) == 100
    assert messages(found)[-1] == "discovery ended early: more than 100 actions"


def test_a_schema_that_could_not_be_stored_is_left_out() -> None:
    deep = "{" + '"properties": {"a": {' * 200 + "}}" * 200 + "}"
    found = told('{"actions": [{"name": "wrap", "schema": ' + deep + '}, {"name": "burn", "schema": {"a": 1e999}}]}')
    schemas = [one.definition.tool.input_schema for one in actions(found).values()]
    assert schemas == [{"type": "object", "properties": {}}] * 2
