"""Actions that a schema offers cost no call; what is no operation never becomes one."""

import pytest

from catalog.model import Dispatch, Provenance
from catalog.probe.base import ProbeLimits
from catalog_testing.sessions import actions, expanded, tool
from classifier.definition import JsonObject, JsonValue


def choice(*values: str, **more: JsonValue) -> JsonObject:
    return {"type": "string", "enum": list(values), **more}


CRUD = choice("create", "update", "delete")


def test_each_value_of_an_enum_of_verbs_becomes_an_action_without_any_call() -> None:
    found, session = expanded(tool("manage_parcel", {"action": CRUD, "id": {"type": "integer"}}, required=["action"]))
    assert list(actions(found)) == ["create", "update", "delete"]
    entry = actions(found)["delete"]
    assert entry.dispatch == Dispatch(tool="manage_parcel", selector={"action": "delete"})
    assert entry.provenance is Provenance.EXPANDED
    assert session.calls == []


def test_an_action_has_the_tool_s_other_arguments() -> None:
    properties: JsonObject = {"action": CRUD, "id": {"type": "integer"}, "note": {"type": "string"}}
    found, _ = expanded(tool("manage_parcel", properties, required=["action", "id"]))
    assert actions(found)["create"].definition.raw["inputSchema"] == {
        "type": "object",
        "properties": {"id": {"type": "integer"}, "note": {"type": "string"}},
        "required": ["id"],
    }


def test_an_action_that_nothing_is_said_of_is_named_with_what_its_tool_is_about() -> None:
    found, _ = expanded(tool("manage_parcel", {"action": choice("create", "delete", "list_lost_parcels")}))
    told = [entry.definition.tool.description for entry in actions(found).values()]
    assert told == ["Create parcel", "Delete parcel", "List lost parcels"]


def test_an_action_is_described_in_the_tool_s_own_words_where_there_are_any() -> None:
    text = "Parcels.\n\nActions:\n- `create`: Wrap a new parcel.\n- **update** - Change the label.\n\nExtra: none"
    found, _ = expanded(tool("manage_parcel", {"action": CRUD}, text))
    told = {name: entry.definition.tool.description for name, entry in actions(found).items()}
    assert told == {"create": "Wrap a new parcel.", "update": "Change the label.", "delete": "Delete parcel"}


def test_constants_in_alternatives_bring_their_own_descriptions() -> None:
    constants: JsonObject = {"oneOf": [{"const": "start", "description": "Open it wide."}, {"const": "delete"}]}
    found, _ = expanded(tool("gate", {"operation": constants}))
    assert actions(found)["start"].definition.tool.description == "Open it wide."
    assert list(actions(found)) == ["start", "delete"]


def test_a_branch_for_each_action_says_which_parameters_it_has() -> None:
    branches: list[JsonValue] = [
        {"properties": {"action": {"const": "send"}, "to": {"type": "string"}}, "required": ["action", "to"]},
        {"properties": {"action": {"const": "delete"}, "id": {"type": "integer"}}, "required": ["action", "id"]},
    ]
    found, _ = expanded(tool("parcel", {"dry_run": {"type": "boolean"}}, more={"oneOf": branches}))
    schemas = {name: entry.definition.tool.input_schema for name, entry in actions(found).items()}
    assert schemas["send"]["properties"] == {"dry_run": {"type": "boolean"}, "to": {"type": "string"}}
    assert schemas["delete"]["required"] == ["id"]


def test_a_schema_of_nothing_but_branches_is_read() -> None:
    branches: list[JsonValue] = [{"properties": {"action": {"const": value}}} for value in ("send", "delete")]
    found, _ = expanded({"name": "parcel", "inputSchema": {"oneOf": branches}})
    assert list(actions(found)) == ["send", "delete"]


def test_more_branches_than_are_read_are_a_problem() -> None:
    branches: list[JsonValue] = [{"properties": {"action": {"const": f"send_{number}"}}} for number in range(3_000)]
    found, _ = expanded({"name": "parcel", "inputSchema": {"oneOf": branches}})
    assert len(actions(found)) == 2_000
    assert [one.message for one in found.problems] == ["more than 1999 branches in its schema; the list may be partial"]


def test_a_condition_for_each_action_says_what_it_demands() -> None:
    conditions: list[JsonValue] = [
        {"if": {"properties": {"action": {"const": "delete"}}}, "then": {"required": ["id"]}},
        {"if": {"properties": {"action": {"const": "create"}}}, "then": {"properties": {"name": {}}}},
    ]
    found, _ = expanded(tool("parcel", {"action": CRUD, "id": {}}, required=["action"], more={"allOf": conditions}))
    schemas = {name: entry.definition.tool.input_schema for name, entry in actions(found).items()}
    assert schemas["delete"] == {"type": "object", "properties": {"id": {}}, "required": ["id"]}
    assert schemas["create"]["properties"] == {"id": {}, "name": {}}
    assert "required" not in schemas["update"]


def test_branches_say_which_resource_goes_with_which_operation() -> None:
    branches: list[JsonValue] = [
        {"properties": {"resource": {"const": "bed"}, "operation": {"enum": ["dig", "create"]}}},
        {"properties": {"resource": {"const": "pot"}, "operation": {"enum": ["create", "delete"]}}},
    ]
    found, _ = expanded(tool("garden", {}, more={"oneOf": branches}))
    assert list(actions(found)) == ["bed/dig", "bed/create", "pot/create", "pot/delete"]
    assert actions(found)["pot/delete"].dispatch == Dispatch(
        tool="garden", selector={"resource": "pot", "operation": "delete"}
    )


def test_without_branches_only_the_decisive_selector_counts() -> None:
    found, _ = expanded(tool("garden", {"resource": choice("bed", "pot"), "operation": CRUD}))
    assert [entry.dispatch and dict(entry.dispatch.selector) for entry in actions(found).values()] == [
        {"operation": "create"},
        {"operation": "update"},
        {"operation": "delete"},
    ]
    assert actions(found)["create"].definition.tool.input_schema["properties"] == {"resource": choice("bed", "pot")}


def test_an_argument_of_its_own_carries_the_parameters_where_there_is_no_other() -> None:
    carried: JsonObject = {"type": "object", "properties": {"id": {"$ref": "#/$defs/Id"}}}
    found, _ = expanded(
        tool("parcel", {"action": CRUD, "params": carried}, more={"$defs": {"Id": {"type": "integer"}}})
    )
    entry = actions(found)["create"]
    assert entry.dispatch is not None
    assert entry.dispatch.payload == "params"
    assert entry.definition.tool.input_schema == {**carried, "$defs": {"Id": {"type": "integer"}}}


def test_references_within_the_schema_are_followed() -> None:
    found, _ = expanded(tool("parcel", {"action": {"$ref": "#/$defs/Act"}}, more={"$defs": {"Act": CRUD}}))
    assert list(actions(found)) == ["create", "update", "delete"]


def test_hints_that_hold_for_the_whole_tool_hold_for_its_actions() -> None:
    definition = tool("parcel", {"action": choice("list", "get")})
    hints: JsonObject = {"readOnlyHint": True, "destructiveHint": True, "openWorldHint": True}
    found, _ = expanded({**definition, "annotations": hints})
    assert actions(found)["list"].definition.raw["annotations"] == {"readOnlyHint": True}


@pytest.mark.parametrize(
    ("name", "argument", "values"),
    [
        ("list_parcels", "status", ("open", "close", "cancel")),
        ("list_parcels", "sort", ("update", "create")),
        ("parcels", "priority", ("low", "high", "stop")),
        ("parcels", "format", ("show", "list", "dump")),
        ("parcels", "language", ("is", "do", "de", "en")),
        ("web_request", "method", ("GET", "POST", "PUT", "DELETE")),
        ("web_request", "method", ("get", "post", "patch")),
        ("find_things", "type", ("file", "folder", "link")),
        ("things", "type", ("comment", "like", "follow")),
        ("write_file", "mode", ("rewrite", "append")),
        ("list_events", "action", ("create", "update", "delete")),
        ("figures", "operation", ("count", "sum", "average", "median")),
        ("figures", "operation", ("and", "or", "not")),
        ("parcels", "action", ("delete",)),
        ("parcels", "resource", ("parcel", "letter", "label")),
        ("engine", "mode", ("fast", "slow", "run")),
    ],
)
def test_values_that_are_no_operations_are_no_actions(name: str, argument: str, values: tuple[str, ...]) -> None:
    text = "List the events." if name == "list_events" else ""
    found, session = expanded(tool(name, {argument: choice(*values)}, text))
    assert [entry.key for entry in found.entries] == [name]
    assert (found.problems, session.calls) == ((), [])


def test_a_selector_inside_another_argument_is_left_alone() -> None:
    inner: JsonObject = {"type": "object", "properties": {"action": CRUD}}
    found, _ = expanded(tool("batch", {"request": inner, "steps": {"type": "array", "items": inner}}))
    assert list(actions(found)) == []


def test_values_that_cannot_be_sent_as_one_word_are_a_problem() -> None:
    found, _ = expanded(tool("parcel", {"action": choice("create", "delete all", "get\x00", "x" * 200, "list")}))
    assert list(actions(found)) == ["create", "list"]
    assert [one.message for one in found.problems] == ["3 values of 'action' are no names; they were left out"]


def test_actions_are_bounded_like_tools() -> None:
    values = [f"create_{number}" for number in range(500)]
    found, _ = expanded(tool("parcel", {"action": choice(*values)}), limits=ProbeLimits(tools=50))
    assert list(actions(found)) == values[:50]
    assert [one.message for one in found.problems] == ["more than 50 actions; the rest was left out"]


def test_a_schema_too_large_to_be_repeated_leaves_the_parameters_out() -> None:
    values = [f"create_{number}" for number in range(100)]
    found, _ = expanded(tool("parcel", {"action": choice(*values), "note": {"description": "x" * 100_000}}))
    assert {entry.definition.tool.input_schema["properties"] == {} for entry in actions(found).values()} == {True}
    assert len(actions(found)) == 100
    assert [one.message for one in found.problems] == [
        "its schema is too large to be repeated for each action; their parameters were left out"
    ]


@pytest.mark.parametrize(
    "schema",
    [
        {"properties": []},
        {"properties": {"action": True}},
        {"properties": {"action": {"enum": "create"}}},
        {"properties": {"action": {"enum": [1, None, {}]}}},
        {"properties": {"action": {"$ref": "#/properties/action"}}},
        {"oneOf": [None, 3, {"if": {}, "then": []}], "properties": {"action": {"oneOf": [None, 7]}}},
        {"required": 3, "allOf": {"action": 1}},
    ],
)
def test_a_schema_that_makes_no_sense_offers_nothing(schema: JsonObject) -> None:
    found, _ = expanded({"name": "odd", "inputSchema": schema})
    assert [entry.key for entry in found.entries] == ["odd"]
