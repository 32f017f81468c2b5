"""An explanation names what decided, what was outdone or held back, and what would make the verdict milder."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from catalog.rules import load_ruleset
from classifier.classify import classify_server
from classifier.definition import JsonObject, Tool
from classifier.explain import Explanation, explain
from classifier.verdict import Level

RULESET = load_ruleset()


def of(*tools: Tool) -> Explanation:
    return explain(RULESET, tools, 0)


def tool(name: str, description: str = "", **arguments: str) -> Tool:
    properties: JsonObject = {one: {"type": kind} for one, kind in arguments.items()}
    schema: JsonObject = {"type": "object", "properties": properties}
    return Tool(name=name, description=description, input_schema=schema)


def test_the_words_that_were_read_are_named() -> None:
    read = of(tool("create_letter", "Create or close a letter.")).reading
    assert (read.verb, read.verb_sure, read.said, read.nouns) == ("create", True, ("create", "close"), ("letter",))


def test_a_floor_below_the_one_that_decided_is_outdone() -> None:
    reasons = of(tool("delete_all_letters", "Delete all letters.")).reasons
    levels = {
        (one.evidence.value, one.decided, one.outdone_by) for one in reasons if one.evidence.contributes == "severity"
    }
    assert ("High", False, "Critical") in levels
    assert ("Critical", True, "") in levels


def test_a_rule_that_its_exception_holds_back_is_named_with_both() -> None:
    found = of(tool("run_command_history", "Run a search over the commands that were run.", command="string"))
    (beaten,) = [one for one in found.beaten if one.rule == "trait/code-exec"]
    assert {one.field for one in beaten.seen} >= {"param:command"}
    assert "history" in {one.text for one in beaten.exception}


def test_a_rule_that_finds_nothing_it_asks_for_is_not_beaten() -> None:
    assert of(tool("list_letters")).beaten == ()


def test_pinning_the_argument_that_makes_it_critical_is_told() -> None:
    ways = of(
        tool("pool_export", "Export a pool.", destroy="boolean"), Tool(name="pool_list"), Tool(name="disk_get")
    ).ways
    assert [way.changes for way in ways] == [("the argument 'destroy' is never given",)]


def test_an_inverse_sibling_is_told_where_it_would_help() -> None:
    ways = of(tool("api_key_create", "Create an API key."), Tool(name="api_key_list"), Tool(name="disk_get")).ways
    assert any("undoes it" in change for way in ways for change in way.changes)
    assert {way.risk for way in ways} == {Level.MEDIUM}


def test_what_a_tool_is_cannot_be_left_out() -> None:
    found = of(tool("delete_pool", "Delete a pool."), Tool(name="pool_list"))
    assert found.verdict.risk is Level.CRITICAL
    assert all("the argument" not in change for way in found.ways for change in way.changes)


VERBS = ("list", "create", "delete", "restart", "run", "send", "export")
NOUNS = ("letter", "api_key", "pool", "service", "command", "message")
ARGUMENTS = ("destroy", "command", "to", "recursive", "confirm", "path", "url", "amount")


@given(
    st.sampled_from(VERBS),
    st.sampled_from(NOUNS),
    st.lists(st.sampled_from(ARGUMENTS), unique=True, max_size=4),
    st.sampled_from(("", "This cannot be undone.", "Does not delete anything.", "Returns the key.")),
)
def test_every_way_out_lowers_the_risk_and_every_exception_is_there(
    verb: str, noun: str, arguments: list[str], more: str
) -> None:
    one = tool(f"{verb}_{noun}", f"{verb.capitalize()} a {noun}. {more}", **dict.fromkeys(arguments, "string"))
    found = explain(RULESET, [one, Tool(name="other_tool")], 0)
    assert found.verdict == classify_server(RULESET, [one, Tool(name="other_tool")])[0]
    assert all(way.risk < found.verdict.risk and 1 <= len(way.changes) <= 3 for way in found.ways)
    for beaten in found.beaten:
        assert beaten.exception
        assert beaten.rule not in {reason.evidence.rule for reason in found.reasons}


def test_a_way_out_is_really_one() -> None:
    one = tool("pool_export", "Export a pool.", destroy="boolean", label="string")
    found = of(one, Tool(name="pool_list"), Tool(name="disk_get"))
    without = replace(one, input_schema={"type": "object", "properties": {"label": {"type": "string"}}})
    again = classify_server(RULESET, [without, Tool(name="pool_list"), Tool(name="disk_get")])[0]
    assert again.risk is found.ways[0].risk
