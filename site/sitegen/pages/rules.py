"""The rules: all of them by kind, and for each what it finds, why that matters, and where it fired."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar

from catalog.rulepages import KINDS, contributed
from sitegen.pages.base import EntryLine, Link
from sitegen.pages.riskiest import Riskiest
from sitegen.parts import Parts, RuleInfo
from sitegen.places import rule_path
from sitegen.rulewords import Clause, ExampleLine, clauses, example_line, groups
from sitegen.words import count

RULES = Link(text="Rules", to="rules/")


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleLine:
    """One rule in a table."""

    name: str
    """Its id, where its kind stands above: without that."""
    to: str
    summary: str
    number: int
    """On how many entries it fired."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleKind:
    """The rules that say one kind of thing."""

    name: str
    title: str
    rules: tuple[RuleLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RulesPage:
    """Every rule."""

    template: ClassVar[str] = "rules.html"

    path: str
    title: str
    summary: str
    crumbs: tuple[Link, ...]
    kinds: tuple[RuleKind, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Saying:
    """What a rule adds to a verdict."""

    kind: str
    """``category``, ``severity at least``."""
    value: str
    how: str
    """How it counts; empty where that goes without saying."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RulePage:
    """One rule. Of one that this version does not have, only where it fired is known."""

    template: ClassVar[str] = "rule.html"

    path: str
    title: str
    summary: str
    crumbs: tuple[Link, ...]
    id: str
    known: bool
    """Whether the rules of this version have it."""
    experimental: bool
    why: str
    looks: tuple[Clause, ...]
    says: tuple[Saying, ...]
    examples: tuple[ExampleLine, ...]
    counterexamples: tuple[ExampleLine, ...]
    groups: tuple[tuple[str, tuple[str, ...]], ...]
    """The groups of words that it names, where their words are known."""
    references: tuple[str, ...]
    total: str
    number: int
    """On how many entries it fired."""
    entries: tuple[EntryLine, ...]
    """The riskiest of them, the riskiest first."""


def rule_pages(fired: Mapping[str, Riskiest], parts: Parts) -> Iterator[RulesPage | RulePage]:
    """Yield the list of rules, then the page of each. ``fired`` has every rule, by id, also one that never fired."""
    yield _rules(fired, parts)
    for rule in sorted(fired):
        yield _rule(rule, parts.rules.get(rule), fired[rule], parts.word_groups)


def _rules(fired: Mapping[str, Riskiest], parts: Parts) -> RulesPage:
    kinds: dict[str, list[RuleLine]] = {kind: [] for kind in KINDS}
    for rule in sorted(fired):
        kind, _, name = rule.partition("/")
        info = parts.rules.get(rule)
        line = RuleLine(
            name=name or rule,
            to=rule_path(rule),
            summary=info.summary if info else _SINCE_GONE,
            number=fired[rule].total,
        )
        kinds.setdefault(kind, []).append(line)
    number = count(len(parts.rules), "rule")
    return RulesPage(
        path=RULES.to,
        title="The rules behind the verdicts",
        summary=f"{number}, each with what it finds, why that matters, examples, and the tools on which it fired.",
        crumbs=(),
        kinds=tuple(
            RuleKind(name=kind, title=KINDS.get(kind, kind), rules=tuple(rules))
            for kind, rules in kinds.items()
            if rules
        ),
    )


def _rule(rule: str, info: RuleInfo | None, fired: Riskiest, word_groups: Mapping[str, tuple[str, ...]]) -> RulePage:
    return RulePage(
        path=rule_path(rule),
        title=f"The rule {rule}",
        summary=f"{info.summary}." if info else _SINCE_GONE,
        crumbs=(RULES,),
        id=rule,
        known=info is not None,
        experimental=info is not None and info.status == "experimental",
        why=info.why.strip() if info else "",
        looks=clauses(info.match) if info else (),
        says=tuple(Saying(kind=kind, value=value, how=how) for kind, value, how in map(contributed, info.contributes))
        if info
        else (),
        examples=tuple(map(example_line, info.examples)) if info else (),
        counterexamples=tuple(map(example_line, info.counterexamples)) if info else (),
        groups=tuple((group, word_groups[group]) for group in groups(info.match) if group in word_groups)
        if info
        else (),
        references=tuple(info.references) if info else (),
        total=count(fired.total, "tool or action", "tools and actions"),
        number=fired.total,
        entries=fired.lines(),
    )


_SINCE_GONE = "No rule of this version has this name: an older version did, or a person decided."
