"""The page to search on, whichever engine answers."""

from dataclasses import dataclass
from typing import ClassVar, Literal

from catalog.model import Provenance
from classifier.verdict import Category, Level
from sitegen.pages.base import Link
from sitegen.policies import COMPUTING, FETCHING
from sitegen.provenance import provenance_words
from sitegen.words import TRAITS

Engine = Literal["shards", "pagefind"]
"""``shards``: the files of sitegen.search.files. ``pagefind``: those of sitegen.search.pagefind."""

PATH = "search/"


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchPage:
    """Everything on the search page; results are its script's."""

    template: ClassVar[str] = "search.html"

    path: str
    title: str
    summary: str
    crumbs: tuple[Link, ...]
    engine: Engine
    policy: str
    risks: tuple[Link, ...]
    """Levels, and the pages that list their tools."""
    categories: tuple[Link, ...]
    provenances: tuple[tuple[str, str], ...]
    """A value of the filter, and what it is called."""
    traits: tuple[tuple[str, str], ...]


def search_page(engine: Engine) -> SearchPage:
    """Gather the search page."""
    levels = [level.label for level in sorted(Level, reverse=True)]
    return SearchPage(
        path=PATH,
        title="Search",
        summary="Find a tool by its name, by what it does, or by its server, risk, category and traits.",
        crumbs=(),
        engine=engine,
        policy=COMPUTING if engine == "pagefind" else FETCHING,
        risks=tuple(Link(text=level, to=f"risk/{level.lower()}/") for level in levels),
        categories=tuple(Link(text=category.value, to=f"category/{category.lower()}/") for category in Category),
        provenances=tuple((provenance.value, provenance_words(provenance)) for provenance in Provenance),
        traits=tuple((trait, words.does) for trait, words in TRAITS.items()),
    )
