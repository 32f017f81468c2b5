"""Documented attack patterns: all of them, and for each which tools give the kind of access that it abuses."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from catalog.attacks import AttackPattern, Reference
from sitegen.pages.base import EntryLine, Link
from sitegen.pages.riskiest import Riskiest
from sitegen.places import attack_path
from sitegen.words import SEEN, count, trait_words

ATTACKS = Link(text="Attack patterns", to="attacks/")


@dataclass(frozen=True, slots=True, kw_only=True)
class AttackLine:
    """One pattern in a list."""

    name: str
    to: str
    sentence: str
    seen: str
    severity: str
    number: int
    """How many entries give the kind of access."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AttacksPage:
    """Every pattern."""

    template: ClassVar[str] = "attacks.html"

    path: str
    title: str
    summary: str
    crumbs: tuple[Link, ...]
    attacks: tuple[AttackLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TraitLine:
    """A trait, and what a tool does that has it."""

    name: str
    does: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AttackPage:
    """One pattern."""

    template: ClassVar[str] = "attack.html"

    path: str
    title: str
    summary: str
    crumbs: tuple[Link, ...]
    name: str
    seen: str
    severity: str
    traits: tuple[tuple[TraitLine, ...], ...]
    """Sets of traits: a tool that has every trait of one set gives the kind of access."""
    references: tuple[Reference, ...]
    total: str
    number: int
    """How many entries give the kind of access."""
    entries: tuple[EntryLine, ...]
    """The riskiest of them, the riskiest first."""


def attack_pages(
    found: Mapping[str, Riskiest], patterns: Sequence[AttackPattern]
) -> Iterator[AttacksPage | AttackPage]:
    """Yield the list of patterns, then the page of each. ``found`` has the entries of every pattern, by slug."""
    yield AttacksPage(
        path=ATTACKS.to,
        title="Attack patterns",
        summary=f"{count(len(patterns), 'documented way', 'documented ways')} to abuse what tools can do, "
        "with who wrote about each, and the tools that give the same kind of access.",
        crumbs=(),
        attacks=tuple(
            AttackLine(
                name=pattern.name,
                to=attack_path(pattern.slug),
                sentence=pattern.sentence,
                seen=SEEN[pattern.seen],
                severity=pattern.severity.capitalize(),
                number=found[pattern.slug].total,
            )
            for pattern in patterns
        ),
    )
    for pattern in patterns:
        yield _attack(pattern, found[pattern.slug])


def _attack(pattern: AttackPattern, found: Riskiest) -> AttackPage:
    return AttackPage(
        path=attack_path(pattern.slug),
        title=f"{pattern.name}: an attack pattern",
        summary=pattern.sentence,
        crumbs=(ATTACKS,),
        name=pattern.name,
        seen=SEEN[pattern.seen],
        severity=pattern.severity.capitalize(),
        traits=tuple(
            tuple(TraitLine(name=trait, does=trait_words(trait).does) for trait in group) for group in pattern.traits
        ),
        references=pattern.references,
        total=count(found.total, "tool or action", "tools and actions"),
        number=found.total,
        entries=found.lines(),
    )
