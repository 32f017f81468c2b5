"""Why a rule says what it says: one sentence from the classification, plain text."""

from collections.abc import Sequence
from typing import assert_never

from catalog.policy.model import Condition, Decision, Limit, Operator, Rule
from classifier.verdict import Category, Classification, Evidence, Recoverability

_QUOTE = 60
"""Characters of a server's own words that a sentence quotes at most."""


def sentence(
    name: str,
    noun: str,
    classification: Classification,
    *,
    decision: Decision,
    limits: Sequence[Limit] = (),
    conditions: Sequence[Condition] = (),
) -> str:
    """Return why ``name`` (a ``noun``: tool or action) gets this decision.

    ``name`` and quoted words come from the server: plain text that every output escapes.
    """
    article = "an" if classification.category is Category.ADMIN else "a"
    return (
        f"{name} is {article} {classification.category} {noun} of {classification.severity.label} severity"
        f"{_because(classification)}; {_undone(classification)}{_doubt(classification)}, "
        f"so {_consequence(decision, limits)}{_provided(conditions)}."
    )


def _because(classification: Classification) -> str:
    """Return what gave the tool its severity: the trait behind it if there is one, and the words that show it."""
    shown = [
        item
        for item in classification.evidence
        if item.contributes == "severity" and item.value == classification.severity.label and item.text.strip()
    ]
    if not shown:
        return ""
    of_rule = [item for item in shown if item.rule == shown[0].rule]
    # Nearly every rule looks at the name; what it saw elsewhere tells more.
    decisive = next((item for item in of_rule if item.field != "name"), of_rule[0])
    traits = [
        item.value for item in classification.evidence if item.contributes == "trait" and item.rule == decisive.rule
    ]
    return f" ({traits[0]}: {_seen(decisive)})" if traits else f" ({_seen(decisive)})"


def _seen(evidence: Evidence) -> str:
    words = " ".join(evidence.text.split())
    if len(words) > _QUOTE:
        words = words[: _QUOTE - 1] + "…"
    kind, _, name = evidence.field.partition(":")
    place = _PLACES.get(kind, kind)
    if name == words:
        return f"its {place} “{words}”"
    return f"“{words}” in its {place} {name}" if name else f"“{words}” in its {place}"


_PLACES = {
    "param": "parameter",
    "param-description": "description of parameter",
    "output-description": "description of result",
}
"""Kinds of fields that evidence abbreviates."""


def _undone(classification: Classification) -> str:
    match classification.recoverability:
        case Recoverability.R0:
            return "it changes no state"
        case Recoverability.R1:
            return f"{classification.inverse} on the same server undoes it"
        case Recoverability.R2:
            return "its effect can be made good only out of band"
        case Recoverability.R3:
            return "its effect is irreversible or unbounded"
    assert_never(classification.recoverability)


def _doubt(classification: Classification) -> str:
    """Return what is wrong with the definition itself, where something is."""
    return f", and its definition shows {', '.join(classification.findings)}" if classification.findings else ""


def _provided(conditions: Sequence[Condition]) -> str:
    return f", and only where {' and '.join(map(demand, conditions))}" if conditions else ""


def _consequence(decision: Decision, limits: Sequence[Limit]) -> str:
    bounds = " and ".join(map(rate, limits))
    match decision:
        case Decision.ALLOW:
            return "it is allowed"
        case Decision.LIMIT:
            return f"it is limited to {bounds}"
        case Decision.APPROVE:
            return f"every call needs a person's approval{f', at most {bounds}' if limits else ''}"
        case Decision.DENY:
            return "it is denied"
        case Decision.HIDE:
            return "it is denied and not even listed"
    assert_never(decision)


def rate(limit: Limit) -> str:
    """Return a limit in words, for example ``30 calls per minute``."""
    if limit.sum_of is not None:
        return f"a total of {limit.max:,} in {limit.sum_of} per {limit.window}"
    return f"{limit.max} {'call' if limit.max == 1 else 'calls'} per {limit.window}"


def wish(rule: Rule) -> str:
    """Return what a rule wants in a few words: ``limit to 5 calls per hour, where /allowlist is present``."""
    wanted = str(rule.decision)
    if rule.limits:
        bounds = " and ".join(map(rate, rule.limits))
        wanted = f"limit to {bounds}" if rule.decision is Decision.LIMIT else f"{wanted}, at most {bounds}"
    if rule.conditions:
        wanted += f", where {' and '.join(map(demand, rule.conditions))}"
    if rule.after_taint:
        wanted += f"; after text of outsiders: {rule.after_taint}"
    return wanted


def demand(condition: Condition) -> str:
    """Return a condition in words, for example ``/url is an address at one of a.example, b.example``."""
    values = ", ".join(map(str, condition.values)) or f"the values of {condition.parameter}, of which there are none"
    match condition.operator:
        case Operator.PRESENT:
            asked = "is given"
        case Operator.ABSENT:
            asked = "is not given"
        case Operator.ONE_OF:
            asked = f"is one of {values}" if len(condition.values) != 1 else f"is {values}"
        case Operator.AT_MOST:
            asked = f"is at most {values}"
        case Operator.AT_LEAST:
            asked = f"is at least {values}"
        case Operator.WITHIN:
            asked = f"is a path in {values}"
        case Operator.HOST_IN:
            asked = f"is an address at one of {values}"
        case _:
            assert_never(condition.operator)
    return f"{condition.argument} {asked}{' or not given' if condition.optional else ''}"
