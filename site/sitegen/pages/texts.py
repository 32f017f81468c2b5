"""Pages that explain: the rules, the method, and the page for addresses that do not exist."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from classifier.verdict import Level, Recoverability, risk_of
from sitegen.catalogue import Catalogue
from sitegen.pages.base import Link
from sitegen.parts import RuleInfo
from sitegen.slugs import anchor
from sitegen.words import count


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleLine:
    """One classification rule."""

    id: str
    anchor: str
    summary: str
    why: str
    references: tuple[str, ...]
    fired: str
    """On how many entries it fired."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RulesPage:
    """Every rule that made a verdict in this catalogue."""

    template: ClassVar[str] = "old-rules.html"

    path: str
    title: str
    summary: str
    crumbs: tuple[Link, ...]
    rules: tuple[RuleLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MethodPage:
    """How we classify, and what we do not claim."""

    template: ClassVar[str] = "old-method.html"

    path: str
    title: str
    summary: str
    crumbs: tuple[Link, ...]
    matrix: tuple[tuple[str, tuple[str, ...]], ...]
    """For each severity, the risk at R0, R1, R2 and R3."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotFoundPage:
    """What a web server shows for an address that does not exist."""

    template: ClassVar[str] = "404.html"

    path: str
    title: str
    summary: str
    crumbs: tuple[Link, ...]


def rules_page(catalogue: Catalogue, rules: Mapping[str, RuleInfo]) -> RulesPage:
    """Gather the rules that fired, by id."""
    fired = Counter(rule for entry in catalogue.entries for rule in {item.rule for item in entry.verdict.evidence})
    return RulesPage(
        path="rules/",
        title="The rules behind the verdicts",
        summary=f"{count(len(fired), 'rule')} fired on these tools: what each finds, and why it matters.",
        crumbs=(),
        rules=tuple(_rule(rule, number, rules.get(rule)) for rule, number in sorted(fired.items())),
    )


def method_page() -> MethodPage:
    """Gather the page on the method."""
    return MethodPage(
        path="method/",
        title="How tools are classified",
        summary="How a tool gets its category, severity and risk from its definition, and what that does not say.",
        crumbs=(),
        matrix=tuple(
            (severity.label, tuple(risk_of(severity, recoverability).label for recoverability in Recoverability))
            for severity in Level
        ),
    )


def not_found_page() -> NotFoundPage:
    """Gather the page for unknown addresses."""
    return NotFoundPage(path="404.html", title="No such page", summary="There is nothing at this address.", crumbs=())


def _rule(rule: str, number: int, info: RuleInfo | None) -> RuleLine:
    return RuleLine(
        id=rule,
        anchor=anchor(rule),
        summary=info.summary if info else "",
        why=info.why if info else "",
        references=tuple(info.references) if info else (),
        fired=count(number, "tool or action", "tools and actions"),
    )
