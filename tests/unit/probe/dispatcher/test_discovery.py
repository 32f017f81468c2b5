"""Discovery calls: only those that the tool's own text documents, never one that selects an action."""

import json

import pytest

from catalog.model import Dispatch
from catalog.probe.base import ProbeLimits
from catalog.probe.dispatcher.discovery import Discovery
from catalog.probe.dispatcher.hints import Documented
from catalog.rules import load_ruleset
from catalog_testing.crawling import run
from catalog_testing.sessions import ToldSession, actions, expanded, tool
from classifier.definition import JsonObject, JsonValue, Tool

TEXT: JsonObject = {"type": "string"}

FLAT: JsonObject = {"action": TEXT, "params": {"type": "object"}}

GROUPED: JsonObject = {"area": TEXT, **FLAT}

USAGE = "Call with no arguments to list all categories. Call with area only to see its actions."

LINES = "create — Wrap one.\nburn — Burn one."


@pytest.mark.parametrize(
    "text",
    [
        "Call without arguments to list all actions.",
        "If no parameters are given, returns the available commands.",
        "Omit action to see the operations.",
        "- no args: show the categories",
        "Call it with no args to discover actions and their parameters!",
    ],
)
def test_a_documented_call_without_arguments_is_made(text: str) -> None:
    found, session = expanded(tool("box", FLAT, text), {"{}": LINES})
    assert session.calls == [{"name": "box", "arguments": {}}]
    assert list(actions(found)) == ["create", "burn"]
    assert actions(found)["burn"].dispatch == Dispatch(tool="box", selector={"action": "burn"}, payload="params")


def test_what_the_selector_s_own_description_says_counts() -> None:
    selector: JsonObject = {"type": "string", "description": "Action name. Omit to list the available actions."}
    _, session = expanded(tool("box", {"action": selector}, "A box."), {"{}": LINES})
    assert session.calls == [{"name": "box", "arguments": {}}]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "A box with many actions.",
        "Call with no arguments to open the box.",
        "Call without arguments to run all actions.",
        "Never call without arguments: it lists nothing and performs all actions.",
        "Do not call without arguments to list actions.",
        "Lists actions. Works without arguments.",
    ],
)
def test_a_call_that_no_sentence_documents_is_not_made(text: str) -> None:
    found, session = expanded(tool("box", FLAT, text), {"{}": LINES})
    assert session.calls == []
    assert (list(actions(found)), found.problems) == ([], ())


def test_a_call_that_the_schema_forbids_is_not_made() -> None:
    _, session = expanded(tool("box", FLAT, "Call without arguments to list all actions.", ["action"]), {"{}": LINES})
    assert session.calls == []


def test_no_call_is_made_where_calls_are_not_allowed() -> None:
    found, session = expanded(tool("box", FLAT, "Call without arguments to list all actions."), calls=False)
    assert (session.calls, list(actions(found)), found.problems) == ([], [], ())


def test_a_tool_without_a_selector_is_not_asked() -> None:
    _, session = expanded(tool("box", {"colour": TEXT}, "Call without arguments to list all actions."), {"{}": LINES})
    assert session.calls == []


def test_groups_are_asked_one_by_one() -> None:
    answers: dict[str, JsonValue] = {
        "{}": "Areas:\n  loft (2 actions) — Up.\n  cellar (1 action) — Down.",
        '{"area": "loft"}': LINES,
        '{"area": "cellar"}': "drink — Drink one.",
    }
    found, session = expanded(tool("box", GROUPED, USAGE), answers)
    assert [call["arguments"] for call in session.calls] == [{}, {"area": "loft"}, {"area": "cellar"}]
    assert list(actions(found)) == ["loft/create", "loft/burn", "cellar/drink"]
    assert found.problems == ()


def test_groups_that_the_schema_lists_need_no_call_of_their_own() -> None:
    areas: JsonObject = {"type": "string", "enum": ["loft", "cellar"]}
    definition = tool("box", {**GROUPED, "area": areas}, "Call with only an area to list its actions.", ["area"])
    found, session = expanded(definition, {'{"area": "loft"}': LINES, '{"area": "cellar"}': "drink — Drink one."})
    assert [call["arguments"] for call in session.calls] == [{"area": "loft"}, {"area": "cellar"}]
    assert list(actions(found)) == ["loft/create", "loft/burn", "cellar/drink"]


def test_an_answer_that_lists_all_actions_by_group_is_enough() -> None:
    told = {"loft": {"create": {"description": "Wrap one.", "parameters": {"id": {"type": "string"}}}}, "cellar": {}}
    found, session = expanded(tool("box", GROUPED, USAGE), {"{}": json.dumps(told)})
    assert len(session.calls) == 1
    assert list(actions(found)) == ["loft/create"]


def test_a_call_never_selects_an_action() -> None:
    discovery = Discovery(
        session=ToldSession({}),
        tool=Tool(name="box"),
        selector="action",
        payload=None,
        calls=Documented(without=True, group="action"),
        ruleset=load_ruleset(),
        limits=ProbeLimits(),
    )
    with pytest.raises(ValueError, match="a discovery call must not select an action"):
        run(discovery.ask({"action": "list"}))


def test_a_group_that_is_the_selector_itself_is_refused_before_anything_is_sent() -> None:
    _, session = expanded(
        tool("box", FLAT, "Call without arguments to list actions. Call with action only to see its parameters."),
        {"{}": LINES},
    )
    assert [call["arguments"] for call in session.calls] == [{}]


@pytest.mark.parametrize("other", ["command", "operation", "tool_name", "function"])
def test_an_argument_that_might_select_as_well_is_never_sent(other: str) -> None:
    text = f"Call without arguments to list all actions. Call with {other} only to see its parameters."
    _, session = expanded(tool("box", {**FLAT, other: TEXT}, text), {"{}": LINES})
    assert [call["arguments"] for call in session.calls] == [{}]


def test_a_kind_of_thing_may_be_a_group() -> None:
    text = "Call without arguments to list the groups. Call with resource only to see its operations."
    answers: dict[str, JsonValue] = {"{}": "  loft (2 actions) — Up.", '{"resource": "loft"}': LINES}
    found, _ = expanded(tool("box", {"resource": TEXT, "operation": TEXT}, text), answers)
    assert list(actions(found)) == ["loft/create", "loft/burn"]


def test_a_selector_with_a_default_is_not_left_out() -> None:
    selector: JsonObject = {"type": "string", "default": "burn"}
    _, session = expanded(tool("box", {"action": selector}, "Call without arguments to list all actions."))
    assert session.calls == []


def test_a_refused_call_is_a_problem() -> None:
    found, _ = expanded(tool("box", FLAT, "Call without arguments to list all actions."))
    assert [f"{one.where}: {one.message}" for one in found.problems] == [
        "box: discovery failed: tools/call: no such arguments (code -32602)",
        "box: its discovery answer names no action",
    ]


def test_more_groups_than_calls_are_a_problem() -> None:
    rooms = "\n".join(f"  room{number} (2 actions) — x" for number in range(9))
    answers: dict[str, JsonValue] = {"{}": rooms, **{f'{{"area": "room{n}"}}': LINES for n in range(9)}}
    found, session = expanded(tool("box", GROUPED, USAGE), answers, limits=ProbeLimits(discovery_calls=3))
    assert len(session.calls) == 4
    assert [one.message for one in found.problems] == ["6 groups of actions were not asked for; the list is partial"]
