"""A policy as a target can express it: stricter where it must be, never looser, and every difference owned up to."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.policy.degrade import degrade
from catalog.policy.evaluate import Ruling, evaluate, rule_on
from catalog.policy.model import Condition, Decision, Limit, Match, Operator, Policy, Rule
from catalog.policy.target import Expresses
from catalog_testing.policy import policy, rule
from catalog_testing.random_policies import calls, policies, targets

NOTHING = Expresses(arguments=False, limits=False, approval=False)


@settings(max_examples=300, deadline=None)
@given(drawn=policies(), can=targets(), data=st.data())
def test_what_a_target_can_say_is_never_looser_and_every_difference_is_listed(
    drawn: Policy, can: Expresses, data: st.DataObject
) -> None:
    degraded, notes = degrade(drawn, can)
    tool, arguments = data.draw(calls(drawn))
    for tainted in (False, True):
        wanted = rule_on(drawn, tool, arguments, tainted=tainted)
        # What a target without taint is told of a session is nothing.
        got = rule_on(degraded, tool, arguments, tainted=tainted and can.taint)
        assert got.decision.strictness >= wanted.decision.strictness
        assert got.decision is not wanted.decision or got.decision is Decision.DENY or not _lost(wanted, got)
        if got.decision is not wanted.decision:
            assert {note.key for note in notes} & ({one.key for one in wanted.rules} | {tool})


def _lost(wanted: Ruling, got: Ruling) -> list[Limit]:
    """Return limits on a call that nothing at least as strict counts any more."""
    kept = [charge.limit for charge in got.charges]
    asked = [charge.limit for charge in wanted.charges]
    return [
        one
        for one in asked
        if not any(
            (limit.window, limit.sum_of) == (one.window, one.sum_of)
            and limit.max <= one.max
            and limit.scope in {"server", one.scope}
            for limit in kept
        )
    ]


@settings(max_examples=150, deadline=None)
@given(drawn=policies(), can=targets())
def test_a_target_is_left_nothing_that_it_cannot_say(drawn: Policy, can: Expresses) -> None:
    degraded, _ = degrade(drawn, can)
    for one in degraded.rules:
        assert can.arguments or not one.when
        assert can.approval or one.decision is not Decision.APPROVE
        assert can.hiding or one.decision is not Decision.HIDE
        assert can.taint or not (one.taints or one.after_taint)
        assert can.limits or not one.limits
        for limit in one.limits:
            assert limit.window in can.windows
            assert can.sums or limit.sum_of is None
            assert can.sessions or limit.scope == "server"
            assert can.approved_limits or one.decision is Decision.LIMIT
        for condition in one.conditions:
            assert condition.operator in can.operators
            assert can.nested or condition.argument.count("/") == 1


def test_a_dispatcher_that_cannot_be_told_apart_is_denied_as_a_whole_and_asking_it_is_owned_up_to() -> None:
    offered = policy(rule("truenas", Decision.ALLOW, action="ls"), rule("truenas", Decision.DENY, action="rm"))
    degraded, notes = degrade(offered, NOTHING)
    assert evaluate(degraded, "truenas", {"action": "ls"}) is Decision.DENY
    assert [one.tool for one in degraded.rules] == ["truenas"]
    assert [(note.key, note.wanted) for note in notes] == [("truenas/ls", "allow"), ("truenas", "allow")]


def test_a_dispatcher_that_wants_approval_and_is_denied_as_a_whole_is_owned_up_to() -> None:
    both = policy(rule("truenas", Decision.APPROVE), rule("truenas", Decision.DENY, action="rm"))
    can = Expresses(arguments=False, limits=False, approval=True)
    degraded, notes = degrade(both, can)
    assert evaluate(both, "truenas", {}) is Decision.APPROVE
    assert evaluate(degraded, "truenas", {}) is Decision.DENY
    assert [note.key for note in notes] == ["truenas"]


@pytest.mark.parametrize(
    ("can", "decision", "why"),
    [
        (Expresses(arguments=True, limits=False, approval=True), Decision.APPROVE, "it cannot count calls"),
        (Expresses(arguments=True, limits=False, approval=False), Decision.DENY, "it cannot ask a person"),
    ],
)
def test_a_limit_that_cannot_be_counted_is_asked_about_or_else_denied(
    can: Expresses, decision: Decision, why: str
) -> None:
    degraded, (note,) = degrade(policy(rule("poke", Decision.LIMIT)), can)
    assert evaluate(degraded, "poke", {}) is decision
    assert note.wanted == "limit to 30 calls per minute"
    assert note.written.startswith(f"{decision}: ")
    assert why in note.written


def test_an_action_named_by_its_selector_keeps_its_condition_only_where_it_can_be_looked_at() -> None:
    nested = Condition(argument="/params/allowlist", operator=Operator.PRESENT)
    mint = Rule(
        tool="truenas",
        when=(Match(argument="action", value="mint"),),
        decision=Decision.ALLOW,
        conditions=(nested,),
        reason="",
        key="truenas/mint",
    )
    shallow = Expresses(arguments=True, limits=True, approval=True, operators=frozenset(Operator))
    degraded, notes = degrade(policy(mint), shallow)
    assert evaluate(degraded, "truenas", {"action": "mint", "params": {"allowlist": ["a"]}}) is Decision.DENY
    assert notes[0].wanted == "allow, where /params/allowlist is given"
