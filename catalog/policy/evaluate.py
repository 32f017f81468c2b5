"""The reference evaluator: what a policy says about one call. Every exported policy is measured against it."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from catalog.policy.conditions import holds, number, value_at
from catalog.policy.model import PASSING, REFUSING, Decision, Limit, Policy, Rule, ToolRules


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
    of_tool = policy.on.get(tool)
    if of_tool is None:
        return Ruling(decision=Decision.DENY, reason=f"no rule of the policy names the tool {tool!r}")
    chosen = list(of_tool.own)
    for argument, values in of_tool.selected.items():
        value = arguments.get(argument)
        if value is None:
            continue
        rules = values.get(value) if isinstance(value, str) else None
        if rules is None:
            reason = f"no rule of the policy names what {argument!r} of {tool!r} selects: {_shown(value)}"
            return Ruling(decision=Decision.DENY, reason=reason)
        chosen += rules
    if not chosen:
        return _unselected(tool, of_tool, tainted=tainted)
    return _of_rules(chosen, arguments, tainted=tainted)


def is_listed(policy: Policy, tool: str) -> bool:
    """Say whether ``tools/list`` may show a tool: what no rule names, or every rule hides, it may not."""
    of_tool = policy.on.get(tool)
    return of_tool is not None and any(rule.decision is not Decision.HIDE for rule in of_tool.all)


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
        reason = deciding.reason or "the policy denies it"
        return Ruling(decision=Decision.DENY, reason=reason, rules=tuple(rules))
    charges = _each_once(charge for rule in rules for charge in _charges(rule, arguments))
    if decision is Decision.ALLOW and charges:
        decision = Decision.LIMIT
    reason = deciding.reason
    if decision is not deciding.decision:
        reason = f"the session has read text of outsiders, and then this needs more: {deciding.reason}"
    taints = any(rule.taints for rule in rules)
    return Ruling(decision=decision, reason=reason, rules=tuple(rules), charges=charges, taints=taints)


def _unselected(tool: str, of_tool: ToolRules, *, tainted: bool) -> Ruling:
    actions = (rules for values in of_tool.selected.values() for rules in values.values())
    if any(strictest(decided(rule, tainted=tainted) for rule in rules) in PASSING for rules in actions):
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
