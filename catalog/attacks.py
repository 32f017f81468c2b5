"""Documented attack patterns as data (data/knowledge/attacks): what abuses which kind of access, and who says so.

A pattern is matched by a tool's traits alone. It never says that a catalogued server is vulnerable.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

import knowledge
from catalog.errors import KnowledgeError

Text = Annotated[str, Field(min_length=1)]
Slug = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
Traits = Annotated[tuple[Slug, ...], Field(min_length=1)]

# Where an identifier's own page is, by how the identifier begins; the longest beginning wins.
_PAGES = {
    "AML.CS": "https://atlas.mitre.org/studies/{}",
    "AML.T": "https://atlas.mitre.org/techniques/{}",
    "CVE-": "https://www.cve.org/CVERecord?id={}",
    "GHSA-": "https://github.com/advisories/{}",
    "arXiv ": "https://arxiv.org/abs/{}",
}


class Reference(BaseModel):
    """Someone who wrote about the pattern."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Text
    """A taxonomy's or advisory's identifier such as ``ASI03`` or ``CVE-2025-11749``, or a short name for a report."""
    what: str = ""
    """What happened there, in a few words; empty for a taxonomy."""
    checked: Literal["primary", "secondary"]
    """Whether we read it at its source, or only a report of it."""

    @cached_property
    def url(self) -> str | None:
        """Return the identifier's own page, where its form tells."""
        for beginning, page in _PAGES.items():
            if self.id.startswith(beginning):
                return page.format(self.id.removeprefix("arXiv "))
        if self.id.startswith("CWE-"):
            return f"https://cwe.mitre.org/data/definitions/{self.id.removeprefix('CWE-')}.html"
        return None


class AttackPattern(BaseModel):
    """One way to abuse a kind of access."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    slug: Slug
    name: Text
    sentence: Text
    traits: Annotated[tuple[Traits, ...], Field(min_length=1)]
    """Sets of traits; the pattern applies to a tool that has every trait of at least one set."""
    seen: Literal["occurred", "demonstrated", "analogous"]
    """Whether it happened to someone, was shown by researchers, or is known from other software only."""
    severity: Literal["medium", "high", "critical"]
    references: Annotated[tuple[Reference, ...], Field(min_length=1)]

    def matched(self, traits: Collection[str]) -> tuple[str, ...]:
        """Return the traits by which the pattern applies to a tool with ``traits``; empty where it does not."""
        of_tool = frozenset(traits)
        held = [group for group in self.traits if of_tool.issuperset(group)]
        return tuple(sorted({trait for group in held for trait in group}))


@dataclass(frozen=True, slots=True, kw_only=True)
class AttackMatch:
    """A pattern that abuses the same kind of access as a tool gives, and the traits that say so."""

    pattern: AttackPattern
    traits: tuple[str, ...]


def matching(patterns: Sequence[AttackPattern], traits: Collection[str]) -> tuple[AttackMatch, ...]:
    """Return the patterns that apply to a tool with ``traits``.

    Those that match by most traits come first, then what really happened, then the most severe.
    """
    of_tool = frozenset(traits)
    if not of_tool:  # most tools: nothing to sort
        return ()
    severities = ("critical", "high", "medium")
    certainties = ("occurred", "demonstrated", "analogous")
    found = [AttackMatch(pattern=pattern, traits=held) for pattern in patterns if (held := pattern.matched(of_tool))]
    return tuple(
        sorted(
            found,
            key=lambda match: (
                -len(match.traits),
                certainties.index(match.pattern.seen),
                severities.index(match.pattern.severity),
                match.pattern.slug,
            ),
        )
    )


def load_attacks() -> tuple[AttackPattern, ...]:
    """Read every attack pattern, by slug. Raises: KnowledgeError with the file and the field that is wrong."""
    patterns = []
    for file in sorted(knowledge.folder("attacks").iterdir(), key=lambda entry: entry.name):
        if not file.name.endswith(".yaml"):
            continue
        try:
            pattern = AttackPattern.model_validate(knowledge.parsed(file.read_text(encoding="utf-8")))
        except (ValidationError, yaml.YAMLError) as error:
            raise KnowledgeError(f"attack pattern {file.name!r} is not valid: {error}") from error
        if file.name != f"{pattern.slug}.yaml":
            raise KnowledgeError(f"attack pattern {file.name!r} calls itself {pattern.slug!r}: rename one of them")
        patterns.append(pattern)
    return tuple(patterns)
