"""From judged entries to rules on what is on the wire, each with its reason."""

from dataclasses import replace

import pytest

from catalog.model import Definition, Dispatch
from catalog.policy.evaluate import evaluate
from catalog.policy.model import Decision, Limit, Match, Rule
from catalog.policy.recommend import recommend
from catalog.view import EntryRow
from catalog_testing.policy import MINTS, READS, REBOOTS, WIPES, action_row, judged, row
from classifier.definition import JsonObject, JsonValue
from classifier.verdict import Category, Classification, Contribution, Evidence, Level, Recoverability


def test_the_reference_tool_is_limited_to_thirty_calls_a_minute() -> None:
    (rule,) = recommend("truenas", [row("api_key_create", MINTS)]).rules
    assert rule.decision is Decision.LIMIT
    assert rule.limit == Limit(max=30, window="minute")


def test_an_action_becomes_a_rule_on_the_argument_that_selects_it() -> None:
    (rule,) = recommend("truenas", [action_row("pool_list", READS, group="storage")]).rules
    assert (rule.tool, rule.when) == ("truenas", (Match(argument="action", value="pool_list"),))
    assert rule.key == "truenas/storage/pool_list"


def test_a_dispatcher_tool_with_known_actions_gets_no_rule_of_its_own() -> None:
    entries = [row("truenas", WIPES), action_row("pool_list", READS), row("status", READS)]
    assert [rule.key for rule in recommend("truenas", entries).rules] == ["truenas/system/pool_list", "status"]


def _switch(selector: dict[str, JsonValue], required: list[JsonValue]) -> list[EntryRow]:
    """Return a tool with the actions ``peek`` (may pass) and ``wipe`` (must not), as its schema describes them."""
    schema: JsonObject = {"type": "object", "properties": {"action": selector}, "required": required}
    tool = replace(row("switch", WIPES), definition=Definition(raw={"name": "switch", "inputSchema": schema}))
    peek, wipe = (
        row(name, verdict, dispatch=Dispatch(tool="switch", selector={"action": name}))
        for name, verdict in (("peek", READS), ("wipe", WIPES))
    )
    return [tool, peek, wipe]


LISTED: dict[str, JsonValue] = {"type": "string", "enum": ["peek", "wipe"]}


@pytest.mark.parametrize(
    ("selector", "required", "unselected"),
    [
        (LISTED, ["action"], Decision.ALLOW),
        ({**LISTED, "default": "peek"}, [], Decision.ALLOW),
        ({**LISTED, "default": "wipe"}, [], Decision.DENY),
        ({**LISTED, "default": "wipe"}, ["action"], Decision.DENY),
        (LISTED, [], Decision.DENY),
        ({"type": "string"}, [], Decision.ALLOW),
        ({"type": "string", "default": "wipe"}, [], Decision.DENY),
    ],
)
def test_a_call_that_selects_nothing_is_decided_by_what_it_then_runs(
    selector: dict[str, JsonValue], required: list[JsonValue], unselected: Decision
) -> None:
    policy = recommend("truenas", _switch(selector, required))
    assert evaluate(policy, "switch", {}) is unselected
    assert evaluate(policy, "switch", {"action": "wipe"}) is Decision.DENY
    assert evaluate(policy, "switch", {"action": "peek"}) is unselected


def test_a_dispatcher_tool_without_known_actions_is_decided_like_any_tool() -> None:
    (rule,) = recommend("truenas", [row("truenas", WIPES)]).rules
    assert (rule.when, rule.decision) == ((), Decision.DENY)


def test_a_server_without_tools_gets_a_policy_without_rules() -> None:
    assert recommend("empty", []).rules == ()


def test_a_rule_selects_an_action_by_one_argument() -> None:
    matches = (Match(argument="category", value="system"), Match(argument="action", value="pool_list"))
    with pytest.raises(ValueError, match="one argument selects an action, not 2"):
        Rule(tool="truenas", when=matches, decision=Decision.ALLOW, reason="", key="k")


def _evidence(rule: str, contributes: Contribution, value: str, text: str, field: str = "name") -> Evidence:
    return Evidence(rule=rule, field=field, start=0, end=len(text), text=text, contributes=contributes, value=value)


@pytest.mark.parametrize(
    ("evidence", "because"),
    [
        ((), ""),
        ((_evidence("category/writes", "category", "Write", "create"),), ""),
        ((_evidence("severity/write", "severity", "Medium", "create"),), ""),
        ((_evidence("severity/x", "severity", "High", "create"),), " (“create” in its name)"),
        ((_evidence("severity/x", "severity", "High", "w" * 99),), f" (“{'w' * 59}…” in its name)"),
        (
            (
                _evidence("trait/private-data", "trait", "private-data", "mail"),
                _evidence("trait/credential-mint", "trait", "credential-mint", "peek"),
                _evidence("trait/credential-mint", "severity", "High", "peek"),
                _evidence("trait/credential-mint", "severity", "High", "Returns  the\nkey", "description"),
            ),
            " (credential-mint: “Returns the key” in its description)",
        ),
        (
            (
                _evidence("trait/power", "trait", "power", "sudo"),
                _evidence("trait/power", "severity", "High", "sudo", "param:sudo"),
            ),
            " (power: its parameter “sudo”)",
        ),
        (
            (_evidence("severity/x", "severity", "High", "no way back", "param:mode"),),
            " (“no way back” in its parameter mode)",
        ),
    ],
)
def test_a_reason_quotes_what_gave_the_severity_and_nothing_else(evidence: tuple[Evidence, ...], because: str) -> None:
    verdict = judged(Category.WRITE, Level.HIGH, Recoverability.R1, inverse="unpeek", evidence=evidence)
    (rule,) = recommend("s", [row("peek", verdict)]).rules
    assert rule.reason == (
        f"peek is a Write tool of High severity{because}; "
        "unpeek on the same server undoes it, so it is limited to 30 calls per minute."
    )


@pytest.mark.parametrize(
    ("verdict", "reason"),
    [
        (READS, "peek is a Read tool of Low severity; it changes no state, so it is allowed."),
        (
            REBOOTS,
            "peek is an Admin tool of High severity; "
            "its effect can be made good only out of band, so every call needs a person's approval.",
        ),
        (
            WIPES,
            "peek is a Delete tool of Critical severity; its effect is irreversible or unbounded, so it is denied.",
        ),
    ],
)
def test_a_reason_says_what_can_be_undone_and_what_follows(verdict: Classification, reason: str) -> None:
    (rule,) = recommend("s", [row("peek", verdict)]).rules
    assert rule.reason == reason


def test_the_reason_for_an_action_calls_it_an_action() -> None:
    (rule,) = recommend("truenas", [action_row("system_reboot", REBOOTS)]).rules
    assert rule.reason.startswith("system_reboot is an Admin action of High severity;")
