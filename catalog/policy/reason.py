"""Why a rule says what it says: one sentence from the classification, plain text."""

from typing import assert_never

from catalog.policy.model import Decision, Limit
from classifier.verdict import Category, Classification, Evidence, Recoverability

_QUOTE = 60
"""Characters of a server's own words that a sentence quotes at most."""


def sentence(name: str, noun: str, classification: Classification, decision: Decision, limit: Limit | None) -> str:
    """Return why ``name`` (a ``noun``: tool or action) gets this decision.

    ``name`` and quoted words come from the server: plain text that every output escapes.
    """
    article = "an" if classification.category is Category.ADMIN else "a"
    return (
        f"{name} is {article} {classification.category} {noun} of {classification.severity.label} severity"
        f"{_because(classification)}; {_undone(classification)}{_doubt(classification)}, "
        f"so {_consequence(decision, limit)}."
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


def _consequence(decision: Decision, limit: Limit | None) -> str:
    match decision:
        case Decision.ALLOW:
            return "it is allowed"
        case Decision.LIMIT:
            return f"it is limited to {rate(limit)}" if limit else "it is limited"
        case Decision.APPROVE:
            return "every call needs a person's approval"
        case Decision.DENY:
            return "it is denied"
    assert_never(decision)


def rate(limit: Limit) -> str:
    """Return a limit in words, for example ``30 calls per minute``."""
    return f"{limit.max} {'call' if limit.max == 1 else 'calls'} per {limit.window}"
