"""The reference evaluator: what a policy says about one call. Every exported policy is measured against it."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from catalog.policy.conditions import holds, number, value_at
from catalog.policy.model import PASSING, REFUSING, Decision, Limit, Policy, Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """What a call that passes adds to one counter, and what the counter may come to."""

    counter: str
    """Names the counter among those of the policy."""
    limit: Limit
    amount: float | int


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """What a policy says about one call."""

    decision: Decision
    """Never HIDE: that is a matter of lists, and a call of what is hidden is denied."""
    reason: str
    """Why, in one sentence: of a rule, or what is wrong with the call."""
    rules: tuple[Rule, ...] = ()
    """The rules that apply."""
    charges: tuple[Charge, ...] = ()
    """All must fit for the call to pass; none where it is refused."""
    taints: bool = False
    """Whether the session is tainted by what this call returns."""


def evaluate(policy: Policy, tool: str, arguments: Mapping[str, object], *, tainted: bool = False) -> Decision:
    """Return the decision of `rule_on` alone."""
    return rule_on(policy, tool, arguments, tainted=tainted).decision


def rule_on(policy: Policy, tool: str, arguments: Mapping[str, object], *, tainted: bool = False) -> Ruling:
    """Return what ``policy`` says about a call of ``tool`` as it is on the wire.

    A tool that no rule names is denied. Otherwise the strictest applies of the tool's own rules and, for each selector
    that the call carries, the rules on its value. A value must be the rule's exactly: text, same case, at the top
    level; any other value is denied. Without a selector (absent, or null) a dispatcher tool only tells what it offers:
    that is allowed where at least one of its actions is allowed or limited. A rule whose conditions do not hold denies.

    Counting is left to the caller: the decision is LIMIT where a call passes and ``charges`` must fit.
    """
    of_tool = [rule for rule in policy.rules if rule.tool == tool]
    if not of_tool:
        return Ruling(decision=Decision.DENY, reason=f"no rule of the policy names the tool {tool!r}")
    selectors = {match.argument: arguments.get(match.argument) for rule in of_tool for match in rule.when}
    sent = {argument: value for argument, value in selectors.items() if value is not None}
    chosen = [rule for rule in of_tool if all(sent.get(match.argument) == match.value for match in rule.when)]
    for argument, value in sent.items():
        if not any(match.argument == argument for rule in chosen for match in rule.when):
            reason = f"no rule of the policy names what {argument!r} of {tool!r} selects: {_shown(value)}"
            return Ruling(decision=Decision.DENY, reason=reason)
    if not chosen:
        return _unselected(tool, of_tool, tainted=tainted)
    return _of_rules(chosen, arguments, tainted=tainted)


def is_listed(policy: Policy, tool: str) -> bool:
    """Say whether ``tools/list`` may show a tool: what no rule names, or every rule hides, it may not."""
    return any(rule.tool == tool and rule.decision is not Decision.HIDE for rule in policy.rules)


def strictest(decisions: Iterable[Decision]) -> Decision:
    """Return the strictest decision; DENY for none at all, since what no rule names is denied."""
    return max(decisions, key=lambda decision: decision.strictness, default=Decision.DENY)


def decided(rule: Rule, *, tainted: bool) -> Decision:
    """Return what a rule decides where its conditions hold."""
    return strictest((rule.decision, rule.after_taint)) if tainted and rule.after_taint else rule.decision


def _of_rules(rules: list[Rule], arguments: Mapping[str, object], *, tainted: bool) -> Ruling:
    deciding = max(rules, key=lambda rule: decided(rule, tainted=tainted).strictness)
    decision = decided(deciding, tainted=tainted)
    if decision not in REFUSING and (broken := _broken(rules, arguments)):
        return Ruling(decision=Decision.DENY, reason=broken, rules=tuple(rules))
    if decision in REFUSING:
        return Ruling(decision=Decision.DENY, reason=deciding.reason, rules=tuple(rules))
    charges = _each_once(charge for rule in rules for charge in _charges(rule, arguments))
    if decision is Decision.ALLOW and charges:
        decision = Decision.LIMIT
    reason = deciding.reason
    if decision is not deciding.decision:
        reason = f"the session has read text of outsiders, and then this needs more: {deciding.reason}"
    taints = any(rule.taints for rule in rules)
    return Ruling(decision=decision, reason=reason, rules=tuple(rules), charges=charges, taints=taints)


def _unselected(tool: str, rules: list[Rule], *, tainted: bool) -> Ruling:
    values: dict[tuple[str, str], list[Decision]] = {}
    for rule in rules:
        for match in rule.when:
            values.setdefault((match.argument, match.value), []).append(decided(rule, tainted=tainted))
    if PASSING.intersection(map(strictest, values.values())):
        return Ruling(decision=Decision.ALLOW, reason=f"{tool!r} is asked what it offers")
    return Ruling(decision=Decision.DENY, reason=f"no action of {tool!r} passes, so it need not be asked")


def _broken(rules: list[Rule], arguments: Mapping[str, object]) -> str:
    """Return which condition does not hold, or nothing."""
    for rule in rules:
        for condition in rule.conditions:
            if not holds(condition, arguments):
                named = f"the argument {condition.argument!r} of {rule.key!r} must be {condition.operator}"
                return f"{named} {json.dumps(condition.values)}" if condition.values else named
        for limit in rule.limits:
            amount = number(value_at(limit.sum_of, arguments)) if limit.sum_of is not None else 0
            if amount is None or amount < 0:
                return f"the argument {limit.sum_of!r} of {rule.key!r} must be a number that is not negative"
    return ""


def _charges(rule: Rule, arguments: Mapping[str, object]) -> Iterable[Charge]:
    for limit in rule.limits:
        amount = 1 if limit.sum_of is None else number(value_at(limit.sum_of, arguments))
        target = [rule.tool, *(part for match in rule.when for part in (match.argument, match.value))]
        counter = json.dumps([*target, limit.window, limit.scope, limit.sum_of])
        yield Charge(counter=counter, limit=limit, amount=amount or 0)


def _each_once(charges: Iterable[Charge]) -> tuple[Charge, ...]:
    """Return one charge on each counter, with its smallest limit: a call counts once, however many rules count it."""
    found: dict[str, Charge] = {}
    for charge in charges:
        found[charge.counter] = min(charge, found.get(charge.counter, charge), key=lambda one: one.limit.max)
    return tuple(found.values())


def _shown(value: object) -> str:
    """Return a selector's value, cut: whoever calls can send any length."""
    if not isinstance(value, str):
        return "something that is no text"
    return repr(value) if len(value) <= _SHOWN else f"{value[:_SHOWN]!r}…"


_SHOWN = 80
"""Characters of a selector's value that a reason quotes."""
