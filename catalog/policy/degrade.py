"""A policy as a target can express it: the nearest that is stricter, and what became of each rule. Pure.

One place decides what is given up, so that no exporter can write anything looser than the policy: it writes what is
left here exactly.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from catalog.policy.evaluate import evaluate, strictest
from catalog.policy.model import REFUSING, Condition, Decision, Limit, Operator, Policy, Rule
from catalog.policy.reason import wish
from catalog.policy.target import Expresses, Unsupported


def degrade(policy: Policy, can: Expresses) -> tuple[Policy, tuple[Unsupported, ...]]:
    """Return the policy that a target with these abilities can express, and a note on every rule that is stricter.

    No call is decided more loosely than by ``policy``. A note's key is a rule's; it is a dispatcher tool's own where
    calls that select nothing are refused that were allowed.
    """
    notes: list[Unsupported] = []
    rules: list[Rule] = []
    for rule in policy.rules:
        stricter, why = _stricter(rule, can)
        rules.append(stricter)
        if why and rule.decision not in REFUSING:
            notes.append(Unsupported(key=rule.key, wanted=wish(rule), written=f"{stricter.decision}: {why}"))
    if not can.arguments:
        rules = list(_as_whole_tools(rules))
    degraded = replace(policy, rules=tuple(rules))
    told = {note.key for note in notes}
    return degraded, (*notes, *(note for note in _shut(policy, degraded) if note.key not in told))


def _stricter(rule: Rule, can: Expresses) -> tuple[Rule, str]:
    """Return the rule as the target can express it, and what it cannot express; nothing where it can."""
    why: list[str] = []
    decision, conditions = rule.decision, rule.conditions
    if rule.after_taint and not can.taint:
        if decision is not strictest((decision, rule.after_taint)):
            why.append("what ran before in a session does not count there")
        decision = strictest((decision, rule.after_taint))
    if decision is Decision.HIDE and not can.hiding:
        decision = Decision.DENY
    if rule.when and not can.arguments:
        why.append("it cannot tell the actions of one tool apart")
        decision = Decision.DENY
    if not all(_can_ask(condition, can) for condition in rule.conditions):
        why.append("it cannot look into these arguments")
        decision = strictest((decision, Decision.DENY))
    limits = tuple(_limit(limit, can) for limit in rule.limits)
    if limits != rule.limits and decision not in REFUSING:
        why.append("it cannot count a session's calls apart")
    if decision is Decision.LIMIT and not all(_can_count(limit, can) for limit in limits):
        why.append("it cannot count calls" if not can.limits else "it cannot count so")
        # Without a number that can be added up, the call is denied; to ask about it instead would be looser.
        summed = tuple(_is_number(limit.sum_of) for limit in limits if limit.sum_of is not None)
        decision = Decision.APPROVE if all(_can_ask(condition, can) for condition in summed) else Decision.DENY
        conditions, limits = (*conditions, *summed), ()
    if (
        decision is Decision.APPROVE
        and limits
        and not (can.approved_limits and all(_can_count(limit, can) for limit in limits))
    ):
        why.append("it cannot count calls that are approved")
        decision = Decision.DENY
    if decision is Decision.APPROVE and not can.approval:
        why.append("it cannot ask a person")
        decision = Decision.DENY
    kept = decision not in REFUSING
    return replace(
        rule,
        decision=decision,
        limits=limits if kept else (),
        conditions=conditions if kept else (),
        taints=rule.taints and can.taint,
        after_taint=rule.after_taint if can.taint else None,
    ), "; ".join(why)


def _is_number(argument: str) -> Condition:
    """Return what a sum asks of each call: a number that is not negative."""
    return Condition(argument=argument, operator=Operator.AT_LEAST, values=(0,))


def _can_ask(condition: Condition, can: Expresses) -> bool:
    return condition.operator in can.operators and (can.nested or condition.argument.count("/") == 1)


def _limit(limit: Limit, can: Expresses) -> Limit:
    """Return the limit, counted over every client where a session's own calls cannot be counted."""
    return limit if can.sessions or limit.scope == "server" else replace(limit, scope="server")


def _can_count(limit: Limit, can: Expresses) -> bool:
    return can.limits and limit.window in can.windows and (can.sums or limit.sum_of is None)


def _as_whole_tools(rules: Sequence[Rule]) -> Iterator[Rule]:
    """Yield one denial for each dispatcher tool in place of the rules on its actions."""
    told: set[str] = set()
    for rule in rules:
        if not rule.when:
            yield rule
        elif rule.tool not in told:
            told.add(rule.tool)
            reason = f"{rule.tool!r} runs any of its actions, so it is denied as a whole."
            yield Rule(tool=rule.tool, decision=Decision.DENY, reason=reason, key=rule.tool)


def _shut(policy: Policy, degraded: Policy) -> Iterator[Unsupported]:
    """Yield a note on each dispatcher tool that could be called without selecting anything and no longer can."""
    dispatchers = dict.fromkeys(rule.tool for rule in policy.rules if rule.when)
    if not dispatchers:
        return
    policy, degraded = _unconditional(policy), _unconditional(degraded)
    for tool in dispatchers:
        before, after = evaluate(policy, tool, {}), evaluate(degraded, tool, {})
        if after.strictness > before.strictness:
            yield Unsupported(key=tool, wanted=str(before), written=f"{after}: none of its actions passes there")


def _unconditional(policy: Policy) -> Policy:
    """Return the policy as it decides on calls with just the arguments that it asks for."""
    rules = (replace(rule, conditions=(), limits=tuple(map(_uncounted, rule.limits))) for rule in policy.rules)
    return replace(policy, rules=tuple(rules))


def _uncounted(limit: Limit) -> Limit:
    return replace(limit, sum_of=None)
