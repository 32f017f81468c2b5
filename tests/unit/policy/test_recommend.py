"""From judged entries to rules on what is on the wire, each with its reason."""

import pytest

from catalog.policy.model import Decision, Limit, Match, Rule
from catalog.policy.recommend import recommend
from catalog_testing.policy import MINTS, READS, REBOOTS, WIPES, action_row, judged, row
from classifier.verdict import Category, Evidence, Level, Recoverability


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


def test_a_dispatcher_tool_without_known_actions_is_decided_like_any_tool() -> None:
    (rule,) = recommend("truenas", [row("truenas", WIPES)]).rules
    assert (rule.when, rule.decision) == ((), Decision.DENY)


def test_a_server_without_tools_gets_a_policy_without_rules() -> None:
    assert recommend("empty", []).rules == ()


def test_a_rule_selects_an_action_by_one_argument() -> None:
    matches = (Match(argument="category", value="system"), Match(argument="action", value="pool_list"))
    with pytest.raises(ValueError, match="one argument selects an action, not 2"):
        Rule(tool="truenas", when=matches, decision=Decision.ALLOW, reason="", key="k")


def _evidence(contributes: str, value: str, text: str, field: str) -> Evidence:
    return Evidence(rule="r", field=field, start=0, end=len(text), text=text, contributes=contributes, value=value)  # type: ignore[arg-type]  # a test names what it varies


@pytest.mark.parametrize(
    ("classification", "reason"),
    [
        (READS, "peek is a Read tool of Low severity; it changes no state, so it is allowed."),
        (
            judged(
                Category.WRITE,
                Level.HIGH,
                Recoverability.R1,
                inverse="unpeek",
                evidence=(
                    _evidence("category", "Write", "create", "name"),
                    _evidence("trait", "credential-mint", "Returns  the\nkey", "description"),
                ),
            ),
            "peek is a Write tool of High severity (credential-mint: “Returns the key” in its description); "
            "unpeek on the same server undoes it, so it is limited to 30 calls per minute.",
        ),
        (
            judged(
                Category.ADMIN,
                Level.HIGH,
                Recoverability.R2,
                evidence=(
                    _evidence("trait", "power", "reboot", "name"),
                    _evidence("severity", "High", "reboot", "param:mode"),
                ),
            ),
            "peek is an Admin tool of High severity (“reboot” in its parameter mode); "
            "its effect can be made good only out of band, so every call needs a person's approval.",
        ),
        (
            judged(
                Category.DELETE,
                Level.CRITICAL,
                Recoverability.R3,
                evidence=(_evidence("category", "Delete", "w" * 100, "name"),),
            ),
            f"peek is a Delete tool of Critical severity (“{'w' * 59}…” in its name); "
            "its effect is irreversible or unbounded, so it is denied.",
        ),
    ],
)
def test_a_reason_says_what_was_judged_where_it_was_read_and_what_follows(classification: object, reason: str) -> None:
    (rule,) = recommend("s", [row("peek", classification)]).rules  # type: ignore[arg-type]  # parametrize is untyped
    assert rule.reason == reason


def test_the_reason_for_an_action_calls_it_an_action() -> None:
    (rule,) = recommend("truenas", [action_row("system_reboot", REBOOTS)]).rules
    assert rule.reason.startswith("system_reboot is an Admin action of High severity;")
