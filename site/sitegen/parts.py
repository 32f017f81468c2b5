"""What a build is made from. The command line builds these parts; the generator only uses them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from catalog.accuracy import Accuracy
from catalog.attacks import AttackPattern
from catalog.policy.target import Exporter, Recommender
from catalog.view import CatalogView
from classifier.rule import Condition, Contribution, Example, Status


class RuleInfo(Protocol):
    """What pages tell of a classification rule."""

    @property
    def id(self) -> str:
        """Return the rule's name, for example ``category/delete-verb``."""
        ...

    @property
    def status(self) -> Status:
        """Return whether verdicts follow it."""
        ...

    @property
    def summary(self) -> str:
        """Return what it finds, in one line."""
        ...

    @property
    def why(self) -> str:
        """Return why that matters."""
        ...

    @property
    def match(self) -> Condition:
        """Return what it asks for."""
        ...

    @property
    def contributes(self) -> Sequence[Contribution]:
        """Return what it adds to a verdict."""
        ...

    @property
    def examples(self) -> Sequence[Example]:
        """Return made-up tools that it finds."""
        ...

    @property
    def counterexamples(self) -> Sequence[Example]:
        """Return made-up tools that it leaves alone."""
        ...

    @property
    def references(self) -> Sequence[str]:
        """Return where to read more."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """The catalogue and what judges, recommends and explains it."""

    view: CatalogView
    recommend: Recommender
    exporters: Sequence[Exporter]
    """At least one; the first stands unfolded on each tool page, its files beside it."""
    rules: Mapping[str, RuleInfo]
    """By rule id. A rule that fired and is not here is named without an explanation."""
    attacks: Sequence[AttackPattern]
    word_groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The words of each group that rules name with a dollar sign, by its name."""
    ruleset: str = ""
    """The version of the rules that made the verdicts; empty where nobody says."""
    accuracy: Accuracy | None = None
    """How right the rules are; None where nobody has measured."""
    harden: Recommender | None = None
    """Makes the stricter policy that pages show beside the recommended one; None for none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtraPage:
    """A page of the publisher's own, in Markdown without HTML."""

    slug: str
    """Its folder from the site's root."""
    title: str
    markdown: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteOptions:
    """What the publisher of the site decides."""

    title: str = "Catalog"
    base_url: str | None = None
    """Where the site is published; canonical addresses and the sitemap need it."""
    report_url: str | None = None
    """Where a reader reports a wrong classification; None leaves the link out. It may name ``{tool}``, ``{server}`` and
    ``{page}``."""
    accent: str | None = None
    """The colour of links and marks, ``#rrggbb``; None for ours."""
    accent_dark: str | None = None
    """The same on a dark screen."""
    footer: str = ""
    """A sentence at the end of every page."""
    extra_pages: tuple[ExtraPage, ...] = ()
    templates: Path | None = None
    """A folder of templates that win over ours."""
    precompress: tuple[str, ...] = ()
    """``gzip``, ``brotli``: files that get a compressed copy beside them."""
    live: bool = False
    """Whether pages ask for their next version: only for a site that is being worked on."""
