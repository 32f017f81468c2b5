"""Pages of risk levels and of categories: what there is of each, and its entries, the riskiest first."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from classifier.verdict import Category, Level
from sitegen.index import Index, IndexedEntry
from sitegen.pages.base import EntryLine, Link, Share, shares
from sitegen.pages.lines import entry_line
from sitegen.pages.paging import Paging, Spread, pages
from sitegen.places import category_path, risk_path
from sitegen.words import category_summary, count, level_summary

# Rows of one page: about 40 KB of HTML.
_PER_PAGE = 100

_MOST = 5_000

_RISKS = Link(text="Risk levels", to="risk/")
_CATEGORIES = Link(text="Categories", to="category/")


@dataclass(frozen=True, kw_only=True)
class ListPage:
    """One page of the entries at a risk or of a category."""

    template: ClassVar[str] = "list.html"

    path: str
    title: str
    summary: str
    crumbs: tuple[Link, ...]
    heading: str
    risk: str
    """The risk level that the list is about; empty for a category."""
    intro: str
    total: str
    shown: str
    """What part of them the pages show; empty where it is all."""
    rows: tuple[IndexedEntry, ...]
    paging: Paging

    @cached_property
    def entries(self) -> tuple[EntryLine, ...]:
        """Return the entries as rows of a table."""
        return tuple(map(entry_line, self.rows))

    def source(self) -> bytes:
        """Return all that the page shows in a form that is had sooner than the page."""
        about = (self.path, self.title, self.summary, self.heading, self.risk, self.intro, self.total, self.shown)
        told = ["\0".join(about), repr(self.paging), *map(_shown, self.rows)]
        return "\0\0".join(told).encode("utf-8", "surrogatepass")


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A risk level or a category, with its list."""

    name: str
    to: str
    says: str
    number: str
    risk: bool
    """Whether it is a risk level."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KindsPage:
    """All risk levels, or all categories."""

    template: ClassVar[str] = "kinds.html"

    path: str
    title: str
    summary: str
    crumbs: tuple[Link, ...]
    shares: tuple[Share, ...]
    """The distribution of risk; empty for categories."""
    kinds: tuple[Kind, ...]


def risks_page(numbers: Mapping[Level, int]) -> KindsPage:
    """Return the page of all risk levels, with how many entries are at each."""
    levels = sorted(Level, reverse=True)
    return KindsPage(
        path=_RISKS.to,
        title=_RISKS.text,
        summary="How bad a wrong call can be, by severity and by whether it can be undone.",
        crumbs=(),
        shares=shares({level.label: (numbers[level], risk_path(level)) for level in levels}),
        kinds=tuple(
            Kind(
                name=level.label,
                to=risk_path(level),
                says=level_summary(level),
                number=_number(numbers[level]),
                risk=True,
            )
            for level in levels
        ),
    )


def categories_page(numbers: Mapping[Category, int]) -> KindsPage:
    """Return the page of all categories, with how many entries are of each."""
    return KindsPage(
        path=_CATEGORIES.to,
        title=_CATEGORIES.text,
        summary="What a call does at worst, with arguments that the tool's own schema allows.",
        crumbs=(),
        shares=(),
        kinds=tuple(
            Kind(
                name=category.value,
                to=category_path(category),
                says=category_summary(category),
                number=_number(numbers[category]),
                risk=False,
            )
            for category in Category
        ),
    )


def risk_pages(index: Index, level: Level, total: int) -> Iterator[ListPage]:
    """Yield the pages of the entries at a risk, of which there are ``total``; the riskiest first."""
    link = Link(text=f"{level.label} risk", to=risk_path(level))
    about = _About(link=link, crumb=_RISKS, risk=level.label, intro=level_summary(level))
    return pages(_spread(about, total), index.of_risk(level, _MOST))


def category_pages(index: Index, category: Category, total: int) -> Iterator[ListPage]:
    """Yield the pages of the entries of a category, of which there are ``total``; the riskiest first."""
    link = Link(text=f"{category} tools", to=category_path(category))
    about = _About(link=link, crumb=_CATEGORIES, risk="", intro=category_summary(category))
    return pages(_spread(about, total), index.of_category(category, _MOST))


@dataclass(frozen=True, slots=True, kw_only=True)
class _About:
    """What a list is about."""

    link: Link
    crumb: Link
    risk: str
    intro: str


def _spread(about: _About, total: int) -> Spread[IndexedEntry, ListPage]:
    def page(rows: Sequence[IndexedEntry], paging: Paging) -> ListPage:
        return ListPage(
            path=paging.path,
            title=f"{about.link.text}{paging.suffix}",
            summary=f"{about.link.text}: {about.intro}",
            crumbs=(about.crumb,),
            heading=about.link.text,
            risk=about.risk,
            intro=about.intro,
            total=_number(total),
            shown=f"the {_MOST:,} riskiest of {_number(total)}" if total > _MOST else "",
            rows=tuple(rows),
            paging=paging,
        )

    return Spread(path=about.link.to, total=total, make=page, per_page=_PER_PAGE, most=_MOST)


def _shown(entry: IndexedEntry) -> str:
    """Return what ``entry_line`` shows of an entry."""
    where = (entry.path, entry.server, entry.server_path, entry.server_title)
    return "\0".join((*where, entry.name, entry.summary, entry.category, str(int(entry.risk))))


def _number(number: int) -> str:
    return count(number, "tool or action", "tools and actions")
