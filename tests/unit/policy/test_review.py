"""What is doubtful about a policy that can be read."""

from collections.abc import Sequence

from catalog.policy.model import Decision, Parameter, Policy
from catalog.policy.review import review
from catalog.view import EntryRow
from catalog_testing.policy import MINTS, READS, action_row, policy, row, rule


def _messages(tried: Policy, entries: Sequence[EntryRow] | None = None) -> list[str]:
    return [doubt.message for doubt in review(tried, entries)]


FLAT = [row("list_alerts", READS), row("pool_create", MINTS)]
DISPATCHER = [action_row("pool_list", READS), action_row("api_key_create", MINTS)]


def test_a_policy_with_the_names_of_its_server_is_beyond_doubt() -> None:
    assert _messages(policy(rule("list_alerts", Decision.ALLOW)), FLAT) == []
    assert _messages(policy(rule("truenas", Decision.ALLOW, action="pool_list")), DISPATCHER) == []


def test_a_tool_that_the_server_does_not_have_is_named_with_the_nearest() -> None:
    (message,) = _messages(policy(rule("list_alert", Decision.ALLOW)), FLAT)
    assert "no tool 'list_alert'" in message
    assert "the nearest is 'list_alerts'" in message


def test_an_action_that_the_dispatcher_does_not_have_is_named_with_the_nearest() -> None:
    (message,) = _messages(policy(rule("truenas", Decision.ALLOW, action="pool_lst")), DISPATCHER)
    assert "the nearest is 'pool_list'" in message


def test_a_rule_on_the_bare_name_of_an_action_is_told_how_to_be_one() -> None:
    (message,) = _messages(policy(rule("api_key_create", Decision.LIMIT)), DISPATCHER)
    assert "write the tool 'truenas' and when 'action' is 'api_key_create'" in message


def test_names_of_a_server_that_nobody_looked_at_are_left_alone() -> None:
    assert _messages(policy(rule("anything", Decision.ALLOW)), None) == []


def test_rules_that_contradict_are_named_with_the_one_that_wins() -> None:
    (message,) = _messages(policy(rule("t", Decision.ALLOW), rule("u", Decision.ALLOW), rule("t", Decision.DENY)))
    assert message == "rules 0, 2 say allow and deny of the same calls; the strictest, deny, wins"


def test_a_server_without_rules_denies_everything_and_says_so() -> None:
    assert _messages(policy()) == ["there are no rules, so every call is denied"]


def test_a_parameter_without_values_is_told() -> None:
    tried = Policy(
        server="s",
        rules=(rule("t", Decision.ALLOW),),
        parameters={"hosts": Parameter(description="Hosts."), "full": Parameter(description="", values=("a",))},
    )
    assert [doubt.about for doubt in review(tried, None)] == ["hosts"]
