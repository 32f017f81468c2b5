"""A verdict as JSON: the same members in every command."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from classifier.verdict import Classification


def verdict_json(verdict: "Classification") -> dict[str, object]:
    """Return the verdict without its evidence, with what the baseline policy decides from it."""
    from catalog.policy.recommend import decide

    return {
        "category": verdict.category,
        "also": list(verdict.also),
        "severity": verdict.severity.label,
        "recoverability": verdict.recoverability,
        "inverse": verdict.inverse,
        "risk": verdict.risk.label,
        "confidence": verdict.confidence,
        "traits": list(verdict.traits),
        "findings": list(verdict.findings),
        "decision": decide(verdict),
    }
