"""Actions that a description lists for a selector that takes any text cost no call; examples and prose list nothing."""

import pytest

from catalog.model import Dispatch
from catalog_testing.sessions import actions, expanded, tool
from classifier.definition import JsonObject

TEXT: JsonObject = {"type": "string"}

EVERY = ["create", "list", "delete"]


def named(description: str, argument: str = "", selector: str = "action") -> list[str]:
    described: JsonObject = {"type": "string", "description": argument}
    found, session = expanded(tool("parcels", {selector: described, "id": TEXT}, description, [selector]))
    assert session.calls == []
    return list(actions(found))


@pytest.mark.parametrize(
    "text",
    [
        "Parcels. Actions: create, list, delete",
        "Parcels.\nAvailable actions are: create, list and delete.",
        "Supported operations: `create` | `list` | `delete`",
        "Commands (create, list, delete) for parcels.",
        "Parcels:\n- create: wrap one\n- list: show all\n- delete: burn one",
        "Parcels.\n\nActions:\n  * `create` - wrap one\n    with tape\n  * `list` - show\n\n  * `delete` - burn it",
        "1. create — wrap one\n2. list — show all\n3. delete — burn one",
        "**create**: wrap one\n**list**: show all\n**delete**: burn one",
        "Args:\n- id: the parcel\n\nActions:\n- create: wrap\n- list: show\n- delete: burn",
    ],
)
def test_a_list_of_actions_in_the_description_is_read(text: str) -> None:
    assert named(text) == EVERY


@pytest.mark.parametrize(
    "text",
    [
        "One of: create, list, delete",
        "create | list | delete",
        'Action to perform - "create", "list", or "delete".',
        "Must be one of 'create', 'list',\nor 'delete'.",
        "'create' (wrap one, with tape), 'list' (default), or 'delete' (burn it).",
        "What to do:\n- create: wrap\n- list: show\n- delete: burn",
    ],
)
def test_a_list_of_actions_in_the_selector_s_own_description_is_read(text: str) -> None:
    assert named("Parcels.", text) == EVERY


def test_the_selector_s_own_description_counts_before_notes_in_the_tool_s() -> None:
    notes = "Parcels.\n\n- create: wraps one at once\n- delete: asks nobody"
    assert named(notes, "One of: create, list, delete") == EVERY


def test_an_action_has_what_is_said_of_it_and_the_tool_s_other_arguments() -> None:
    found, _ = expanded(tool("parcels", {"action": TEXT, "id": TEXT}, "- create: Wrap one.\n- delete: Burn one."))
    assert actions(found)["delete"].definition.raw == {
        "name": "delete",
        "description": "Burn one.",
        "inputSchema": {"type": "object", "properties": {"id": TEXT}},
    }
    assert actions(found)["delete"].dispatch == Dispatch(tool="parcels", selector={"action": "delete"})


@pytest.mark.parametrize(
    "text",
    [
        "Create, list or delete parcels.",
        "Do things with parcels, for example create, list, delete.",
        "Common actions: create, list, delete",
        "Actions such as create, list, delete are possible.",
        "Actions: create, list, delete, etc.",
        "Actions: create, list, delete and more",
        "Actions: create, list, delete...",
        "Examples:\n- create: wrap one\n- list: show all\n- delete: burn one",
        "Args:\n- action: what to do\n- id: which",
        "With no rights the read actions ('list', 'get') are all there is.",
        "Statuses: open, lost, delivered",
        "Options: red, green, blue, delete",
        "Returns:\n- name: text\n- colour: text\n- size: number",
    ],
)
def test_examples_prose_and_other_lists_name_no_actions(text: str) -> None:
    assert named(text) == []


@pytest.mark.parametrize(
    "argument",
    [
        "Action name (e.g. 'parcel_create', 'parcel_delete')",
        "Common: 'create', 'list', 'delete'.",
        "What to do, like 'create' or 'delete'",
        "Actions vary: 'create', 'add'/'insert'",
    ],
)
def test_examples_in_the_selector_s_description_name_no_actions(argument: str) -> None:
    assert named("Parcels.", argument) == []


@pytest.mark.parametrize("selector", ["status", "query", "name", "colour"])
def test_without_a_selector_argument_a_list_names_no_actions(selector: str) -> None:
    assert named("Actions: create, list, delete", selector=selector) == []


@pytest.mark.parametrize("kind", ["array", "object", "integer", "boolean"])
def test_a_selector_that_takes_no_text_is_none(kind: str) -> None:
    found, _ = expanded(tool("parcels", {"action": {"type": kind}}, "Actions: create, list, delete"))
    assert list(actions(found)) == []


def test_a_long_hostile_description_is_read_in_time() -> None:
    text = "actions: " + "a, " * 20_000 + "- x: y\n" * 20_000 + "actions " * 20_000 + " " * 100_000
    assert named(text, text) == []
