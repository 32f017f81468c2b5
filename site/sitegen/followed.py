"""Which evidence the verdict followed: only that may be said on a page."""

from typing import assert_never

from classifier.verdict import Classification, Evidence


def followed(verdict: Classification, evidence: Evidence) -> bool:
    """Say whether the verdict went the way of this evidence; a severity that others outdo says nothing any more."""
    value = evidence.value
    match evidence.contributes:
        case "category":
            return value in (verdict.category, *verdict.also)
        case "trait":
            return value in verdict.traits
        case "severity":
            return value == verdict.severity.label
        case "recoverability":
            return value == verdict.recoverability
        case "finding":
            return value in verdict.findings
    assert_never(evidence.contributes)
