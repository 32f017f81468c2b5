"""A dispatcher tool is as strong as the strongest of its actions, and they together are as strong as it says it is."""

from collections.abc import Mapping
from dataclasses import replace

from classifier.verdict import Category, Classification, Contribution, Evidence, Recoverability

_RULES = {
    Category.WRITE: "category/offers-a-writing-action",
    Category.DELETE: "category/offers-a-deleting-action",
    Category.ADMIN: "category/offers-an-administering-action",
}
"""The rules that say the same of an enum's values; Read needs none, since nothing is raised."""

_STRENGTH = (Category.READ, Category.WRITE, Category.DELETE, Category.ADMIN)

MULTI_ACTION = "multi-action"


def with_actions(tool: Classification, actions: Mapping[str, Classification]) -> Classification:
    """Return the verdict on a dispatcher tool whose actions were judged; ``actions`` is by entry key.

    Category, severity, recoverability and risk are those of the strongest action: the highest risk, then the strongest
    category, then the first by key. The tool's own verdict stays where no action is stronger.
    """
    key, strongest = min(actions.items(), key=lambda item: (*(-part for part in _rank(item[1])), item[0]))
    rule = _RULES.get(strongest.category)
    if rule is None or _rank(strongest) <= _rank(tool):
        return tool
    claims: tuple[tuple[Contribution, str], ...] = (
        ("category", strongest.category.value),
        ("severity", strongest.severity.label),
        ("recoverability", strongest.recoverability.value),
        ("trait", MULTI_ACTION),
    )
    name = key.rpartition("/")[2]
    reasons = tuple(
        Evidence(
            rule=rule, field=f"sibling:{key}", start=0, end=len(name), text=name, contributes=contributes, value=value
        )
        for contributes, value in claims
    )
    kept = tuple(e for e in tool.evidence if e.contributes in ("trait", "finding"))
    return Classification(
        category=strongest.category,
        also=tool.also,
        severity=strongest.severity,
        recoverability=strongest.recoverability,
        inverse=strongest.inverse if strongest.recoverability is Recoverability.R1 else None,
        risk=strongest.risk,
        confidence=strongest.confidence,
        traits=tuple(sorted({*tool.traits, MULTI_ACTION})),
        findings=tool.findings,
        evidence=(*reasons, *kept),
    )


def with_tool(actions: Mapping[str, Classification], tool: Classification, key: str) -> dict[str, Classification]:
    """Return the verdicts on a tool's actions, by entry key, where the tool's own definition may say more than theirs.

    Where its risk is higher than that of every action ("irreversible", "all at once"), it is that of the actions of its
    category, or of the strongest where it has none: they take its severity and recoverability. ``key`` is the tool's.
    """
    if tool.risk <= max(one.risk for one in actions.values()):
        return dict(actions)
    meant = {name for name, one in actions.items() if one.category is tool.category}
    most = max(_rank(one) for one in actions.values())
    meant = meant or {name for name, one in actions.items() if _rank(one) == most}
    claims = tuple(
        replace(one, field=f"sibling:{key}", start=0, end=len(key), text=key)
        for one in tool.evidence
        if one.contributes in ("category", "severity", "recoverability")
    )
    return {name: _raised(one, tool, claims) if name in meant else one for name, one in actions.items()}


def _raised(action: Classification, tool: Classification, claims: tuple[Evidence, ...]) -> Classification:
    """Return an action's verdict with the tool's in the place of its own; traits and findings stay."""
    return replace(
        action,
        category=tool.category,
        severity=tool.severity,
        recoverability=tool.recoverability,
        inverse=tool.inverse,
        risk=tool.risk,
        evidence=(*dict.fromkeys(claims), *(one for one in action.evidence if one.contributes in ("trait", "finding"))),
    )


def _rank(verdict: Classification) -> tuple[int, int]:
    return verdict.risk, _STRENGTH.index(verdict.category)
