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
        f"{_because(classification)}; {_undone(classification)}, so {_consequence(decision, limit)}."
    )


def _because(classification: Classification) -> str:
    evidence = _decisive(classification)
    if evidence is None:
        return ""
    words = " ".join(evidence.text.split())
    if len(words) > _QUOTE:
        words = words[: _QUOTE - 1] + "…"
    what = f"{evidence.value}: " if evidence.contributes == "trait" else ""
    return f" ({what}“{words}” in {_place(evidence.field)})"


def _decisive(classification: Classification) -> Evidence | None:
    """Return what set the severity, else the first trait, else what set the category."""
    sought = (
        ("severity", {classification.severity.label}),
        ("trait", set(classification.traits)),
        ("category", {classification.category.value}),
    )
    for contributes, values in sought:
        for evidence in classification.evidence:
            if evidence.contributes == contributes and evidence.value in values and evidence.text.strip():
                return evidence
    return None


def _place(field: str) -> str:
    kind, _, name = field.partition(":")
    match kind:
        case "param":
            return f"its parameter {name}"
        case "output":
            return f"its output {name}"
        case "annotation":
            return f"its annotation {name}"
        case "sibling":
            return f"its sibling {name}"
        case _:
            return f"its {kind}"


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
