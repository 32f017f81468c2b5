"""What profiles ask beside the ladder: bounds on arguments and sums, parameters to fill in, watching for outsiders."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest

from catalog.errors import UsageError
from catalog.export.policylayer import PolicyLayerExporter
from catalog.model import Definition, Dispatch
from catalog.policy import ladder
from catalog.policy.evaluate import evaluate, rule_on
from catalog.policy.model import Condition, Decision, Limit, Operator, Policy
from catalog.policy.recommend import recommend
from catalog.rules import load_ruleset
from catalog.view import EntryRow
from catalog_testing.policy import MINTS, READS, REBOOTS, WIPES, judged, row
from classifier.definition import JsonObject
from classifier.verdict import Category, Classification, Evidence, Level, Recoverability

ALLOW, LIMIT, APPROVE, DENY, HIDE = Decision


def _trait(name: str, verdict: Classification) -> Classification:
    seen = Evidence(rule=f"trait/{name}", field="name", start=0, end=1, text="x", contributes="trait", value=name)
    return replace(verdict, traits=(*verdict.traits, name), evidence=(*verdict.evidence, seen))


def _entry(name: str, verdict: Classification, arguments: Sequence[str], *, action_of: str | None = None) -> EntryRow:
    dispatch = Dispatch(tool=action_of, selector={"action": name}, payload="params") if action_of else None
    found = row(name, verdict, dispatch=dispatch)
    return replace(found, definition=_definition(name, {argument: {} for argument in arguments}))


def _definition(name: str, properties: JsonObject) -> Definition:
    return Definition(raw={"name": name, "inputSchema": {"type": "object", "properties": properties}})


def _hardened(*entries: EntryRow, **values: Sequence[str]) -> Policy:
    return recommend("s", entries, "hardened", values=values)


MEDIUM_WRITE = judged(Category.WRITE, Level.MEDIUM, Recoverability.R2)


def test_a_credential_is_minted_five_times_an_hour_and_only_with_its_allowlist() -> None:
    policy = _hardened(_entry("mint", _trait("credential-mint", MINTS), ["name", "allowlist"]))
    (rule,) = policy.rules
    assert rule.limits == (Limit(max=30, window="minute"), Limit(max=5, window="hour"))
    assert evaluate(policy, "mint", {"name": "x", "allowlist": ["10.0.0.0/8"]}) is LIMIT
    assert evaluate(policy, "mint", {"name": "x"}) is DENY
    assert evaluate(policy, "mint", {"name": "x", "allowlist": None}) is DENY
    assert "30 calls per minute and 5 calls per hour, and only where /allowlist is given" in rule.reason


def test_an_allowlist_that_the_schema_does_not_have_is_not_asked_for() -> None:
    policy = _hardened(_entry("mint", _trait("credential-mint", MINTS), ["name"]))
    assert evaluate(policy, "mint", {"name": "x"}) is LIMIT


def test_of_an_action_the_bounds_are_on_what_its_payload_carries() -> None:
    verdict = _trait("credential-mint", MINTS)
    policy = _hardened(row("truenas", WIPES), _entry("mint", verdict, ["allowlist", "a/b"], action_of="truenas"))
    sent = {"category": "system", "action": "mint"}
    assert evaluate(policy, "truenas", {**sent, "params": {"allowlist": ["10.0.0.0/8"]}}) is LIMIT
    assert evaluate(policy, "truenas", {**sent, "params": {}}) is DENY
    assert evaluate(policy, "truenas", {**sent, "allowlist": ["10.0.0.0/8"]}) is DENY
    assert evaluate(policy, "truenas", {**sent, "params": '{"allowlist": []}'}) is DENY


def test_money_is_added_up_and_moved_in_allowed_currencies_only() -> None:
    pay = _entry("pay", _trait("money", MEDIUM_WRITE), ["amount", "total", "currency"])
    policy = _hardened(pay, allowed_currencies=["EUR"])
    ruling = rule_on(policy, "pay", {"amount": 12.5, "currency": "EUR"})
    assert ruling.decision is LIMIT
    sums = [charge for charge in ruling.charges if charge.limit.sum_of]
    assert [(one.limit, one.amount) for one in sums] == [(Limit(max=1000, window="day", sum_of="/amount"), 12.5)]
    for arguments in ({"amount": 5, "currency": "USD"}, {"currency": "EUR"}, {"amount": -5}, {"amount": "5"}):
        assert evaluate(policy, "pay", arguments) is DENY


@pytest.mark.parametrize(
    ("trait", "argument", "parameter", "value", "good", "bad"),
    [
        (
            "egress-url",
            "webhook_url",
            "allowed_hosts",
            "a.example",
            "https://a.example/x",
            "https://b.example/a.example",
        ),
        ("egress-external", "recipients", "allowed_recipients", "a@a.example", ["a@a.example"], ["a@a.example", "b@b"]),
        ("file-write", "path", "allowed_folders", "/srv/reports", "/srv/reports/a", "/srv/reports/../../etc/passwd"),
    ],
)
def test_where_to_is_a_parameter_and_until_it_is_filled_in_the_call_is_denied(  # noqa: PLR0917
    trait: str, argument: str, parameter: str, value: str, good: object, bad: object
) -> None:
    send = _entry("send", _trait(trait, MEDIUM_WRITE), [argument])
    unfilled = _hardened(send)
    assert unfilled.parameters[parameter].values == ()
    assert evaluate(unfilled, "send", {argument: good}) is DENY
    assert evaluate(unfilled, "send", {}) is LIMIT
    filled = _hardened(send, **{parameter: [value]})
    assert filled.parameters[parameter].values == (value,)
    assert evaluate(filled, "send", {argument: good}) is LIMIT
    assert evaluate(filled, "send", {argument: bad}) is DENY


def test_only_parameters_that_some_rule_uses_are_asked_for() -> None:
    assert _hardened(_entry("peek", READS, ["url"])).parameters == {}
    fetch = _entry("fetch", _trait("egress-url", READS), ["url", "path"])
    assert list(_hardened(fetch).parameters) == ["allowed_hosts"]


@pytest.mark.parametrize(("given", "decision"), [({}, APPROVE), ({"force": False}, APPROVE), ({"force": True}, DENY)])
def test_what_makes_a_call_destroy_more_is_pinned_to_false(given: Mapping[str, object], decision: Decision) -> None:
    policy = _hardened(_entry("remove", _trait("delete-flag", REBOOTS), ["id", "force"]))
    assert evaluate(policy, "remove", {"id": 1, **given}) is decision
    assert evaluate(policy, "remove", {"id": 1, "force": "false"}) is DENY


def test_every_call_is_bounded_and_the_critical_is_not_even_listed() -> None:
    entries = [row("peek", READS), row("reboot", REBOOTS), row("wipe", WIPES)]
    peek, reboot, wipe = _hardened(*entries).rules
    assert (peek.decision, peek.limit) == (LIMIT, Limit(max=120, window="minute"))
    assert (reboot.decision, reboot.limit) == (APPROVE, Limit(max=10, window="hour"))
    assert (wipe.decision, wipe.limits, wipe.conditions) == (HIDE, (), ())


def test_after_text_of_outsiders_what_could_carry_out_a_flow_is_asked_about() -> None:
    inbox, send, peek = (
        _entry("inbox", _trait("untrusted-in", READS), []),
        _entry("send", _trait("egress-external", MEDIUM_WRITE), []),
        _entry("peek", READS, []),
    )
    policy = _hardened(inbox, send, peek)
    assert [rule.key for rule in policy.rules if rule.taints] == ["inbox"]
    assert [rule.key for rule in policy.rules if rule.after_taint is APPROVE] == ["send"]
    assert rule_on(policy, "inbox", {}).taints
    assert evaluate(policy, "send", {}) is LIMIT
    assert evaluate(policy, "send", {}, tainted=True) is APPROVE
    assert evaluate(policy, "peek", {}, tainted=True) is LIMIT


def test_the_taint_rule_can_be_asked_for_in_any_profile() -> None:
    entries = [_entry("inbox", _trait("untrusted-in", READS), []), _entry("pay", _trait("money", READS), [])]
    for profile in ("baseline", "observe"):
        assert not any(rule.taints or rule.after_taint for rule in recommend("s", entries, profile).rules)
        watched = recommend("s", entries, profile, after_taint=APPROVE)
        assert evaluate(watched, "pay", {}) is ALLOW
        assert evaluate(watched, "pay", {}, tainted=True) is APPROVE


def test_observe_lets_all_through_that_is_known_and_nothing_else() -> None:
    verdicts = {"peek": READS, "mint": _trait("credential-mint", MINTS), "reboot": REBOOTS, "wipe": WIPES}
    policy = recommend("s", [_entry(name, verdict, ["allowlist"]) for name, verdict in verdicts.items()], "observe")
    assert [evaluate(policy, name, {}) for name in verdicts] == [ALLOW] * 4
    assert evaluate(policy, "unknown", {}) is DENY
    assert (policy.resources, policy.prompts) == (("*",), ("*",))


def test_the_baseline_has_the_numbers_that_the_reference_publishes() -> None:
    entries = [row("list_keys", READS), row("api_key_create", MINTS), row("reboot", REBOOTS), row("wipe", WIPES)]
    assert json.loads(PolicyLayerExporter().export(recommend("truenas", entries)).text) == {
        "version": "1",
        "default": "deny",
        "hide": ["wipe"],
        "tools": {
            "list_keys": {},
            "api_key_create": {
                "limits": [{"counter": "api_key_create_rate", "window": "minute", "max": 30, "scope": "grant"}]
            },
            "reboot": {"deny_if": [{"conditions": [], "on_deny": "Requires human approval."}]},
        },
    }


def test_a_parameter_that_the_profile_does_not_have_is_a_usage_error_that_names_those_it_has() -> None:
    with pytest.raises(UsageError, match="no parameter 'allowed_host'; its parameters: allowed_currencies, "):
        _hardened(allowed_host=["a"])
    with pytest.raises(UsageError, match="'baseline' has no parameter 'x'; its parameters: none"):
        recommend("s", [], values={"x": []})


@pytest.mark.parametrize("profile", ladder.profiles())
def test_every_trait_that_a_profile_names_is_one_that_rules_give(profile: str) -> None:
    given = {item.trait for rule in load_ruleset().rules for item in rule.contributes if item.trait}
    assert {one.trait for one in ladder.load(profile).traits} <= given


def test_conditions_that_two_traits_ask_for_are_asked_once() -> None:
    verdict = _trait("egress-url", _trait("egress-url", MEDIUM_WRITE))
    (rule,) = _hardened(_entry("fetch", verdict, ["url"])).rules
    assert [one.argument for one in rule.conditions] == ["/url"]
    assert rule.conditions[0] == Condition(
        argument="/url", operator=Operator.HOST_IN, parameter="allowed_hosts", optional=True
    )
