"""What a profile asks of a tool beside the ladder: bounds that follow from its traits and the parameters it has."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from catalog.policy.conditions import pointer
from catalog.policy.ladder import Bound, Hardening, Ladder
from catalog.policy.model import PASSING, REFUSING, Condition, Decision, Limit, Parameter, Rule
from catalog.view import EntryRow
from classifier.flows import Leg, legs

CARRIERS = frozenset({Leg.EXTERNAL, Leg.DESTROY, Leg.EXECUTE, Leg.CREDENTIAL, Leg.MONEY})
"""What a tool contributes to a toxic flow that begins with text of outsiders."""


def hardened(rule: Rule, entry: EntryRow, ladder: Ladder, values: Mapping[str, Sequence[str]]) -> Rule:
    """Return the rule with the bounds that the profile asks for; a rule that refuses needs none.

    ``values`` are those of the profile's parameters that are filled in, by name.
    """
    if rule.decision in REFUSING:
        return rule
    traits = [one for one in ladder.traits if one.trait in entry.classification.traits]
    arguments = _arguments(entry)
    limits = (*rule.limits, *(limit for one in traits for limit in _limits(one, arguments)))
    conditions = tuple(
        condition for one in traits for bound in one.conditions for condition in _conditions(bound, arguments, values)
    )
    counted = rule.decision is Decision.ALLOW and limits
    return replace(
        rule,
        decision=Decision.LIMIT if counted else rule.decision,
        limits=_tightest(limits),
        conditions=tuple(dict.fromkeys(conditions)),
    )


def watched(rule: Rule, entry: EntryRow, after_taint: Decision | None) -> Rule:
    """Return the rule with its part in toxic flows: whether its results taint a session, and what it wants in one."""
    if after_taint is None or rule.decision in REFUSING:
        return rule
    found = legs(entry.classification)
    carries = rule.decision in PASSING and not CARRIERS.isdisjoint(found)
    return replace(rule, taints=Leg.UNTRUSTED in found, after_taint=after_taint if carries else None)


def parameters(ladder: Ladder, rules: Sequence[Rule], values: Mapping[str, Sequence[str]]) -> Mapping[str, Parameter]:
    """Return the parameters that conditions of these rules use."""
    used = {condition.parameter for rule in rules for condition in rule.conditions}
    return {
        name: Parameter(description=description, values=tuple(values.get(name, ())))
        for name, description in ladder.parameters.items()
        if name in used
    }


def _arguments(entry: EntryRow) -> Mapping[str, str]:
    """Return where a call carries each of an entry's own parameters, as a JSON Pointer by name."""
    members = entry.definition.tool.input_schema.get("properties")
    names = members if isinstance(members, Mapping) else {}
    payload = entry.dispatch.payload if entry.dispatch else None
    return {name: pointer(name) if payload is None else pointer(payload, name) for name in names}


def _limits(one: Hardening, arguments: Mapping[str, str]) -> Iterator[Limit]:
    if one.limit:
        yield Limit(max=one.limit.max, window=one.limit.window)
    if one.sum:
        summed = [name for name in one.sum.arguments if name in arguments]
        for name in summed[:1]:
            yield Limit(max=one.sum.max, window=one.sum.window, sum_of=arguments[name])


def _tightest(limits: Sequence[Limit]) -> tuple[Limit, ...]:
    """Return the smallest limit of each window, scope and sum, in the order of the first."""
    found: dict[object, Limit] = {}
    for limit in limits:
        what = (limit.window, limit.scope, limit.sum_of)
        found[what] = min(limit, found.get(what, limit), key=lambda one: one.max)
    return tuple(found.values())


def _conditions(bound: Bound, arguments: Mapping[str, str], values: Mapping[str, Sequence[str]]) -> Iterator[Condition]:
    for name in bound.arguments:
        if name in arguments:
            yield Condition(
                argument=arguments[name],
                operator=bound.operator,
                values=tuple(values.get(bound.parameter, ())) if bound.parameter else bound.values,
                parameter=bound.parameter,
                optional=bound.optional,
            )
