"""The pages about many servers, rendered in memory from an index, with the project's own rules and attack patterns."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from selectolax.lexbor import LexborHTMLParser, LexborNode

from catalog.accuracy import Accuracy
from catalog.attacks import load_attacks
from catalog.export.policylayer import PolicyLayerExporter
from catalog.policy.recommend import recommend
from catalog.rules import load_ruleset
from catalog_testing.built import words
from catalog_testing.view import memory_view
from sitegen.index import Index
from sitegen.pages.base import Page
from sitegen.pages.overview import listed_pages
from sitegen.parts import Parts, RuleInfo, SiteOptions
from sitegen.render import Renderer


@dataclass(frozen=True, slots=True)
class Listed:
    """Rendered pages by path, read back."""

    html: Mapping[str, str]

    def page(self, path: str) -> LexborHTMLParser:
        """Return a page by its folder: ``risk/low/``."""
        return LexborHTMLParser(self.html[path])

    def text(self, path: str, selector: str = "main") -> str:
        """Return the words of the one part of a page that ``selector`` names, with single spaces."""
        found = self.page(path).css(selector)
        assert len(found) == 1, f"{len(found)} of {selector} on {path}"
        return words(found[0])

    def rows(self, path: str, table: str = "tbody") -> list[str]:
        """Return the words of each row of a page's tables."""
        return [" ".join(row.text(separator=" ").split()) for row in self.nodes(path, f"{table} tr")]

    def nodes(self, path: str, selector: str) -> list[LexborNode]:
        """Return the parts of a page that ``selector`` names."""
        return self.page(path).css(selector)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What pages are made with besides the index."""

    rules: Mapping[str, RuleInfo] = field(default_factory=dict)
    ruleset: str = ""
    accuracy: Accuracy | None = None
    options: SiteOptions = field(default_factory=SiteOptions)


def parts_of(settings: Settings) -> Parts:
    """Return the parts of a build whose pages about single servers nobody makes."""
    return Parts(
        view=memory_view(),
        recommend=recommend,
        exporters=(PolicyLayerExporter(),),
        rules=settings.rules,
        attacks=load_attacks(),
        word_groups=load_ruleset().groups,
        ruleset=settings.ruleset,
        accuracy=settings.accuracy,
    )


def listed(index: Index, settings: Settings | None = None) -> Listed:
    """Make and render every page about many servers; no two have one path."""
    settings = settings or Settings()
    found: dict[str, str] = {}
    for page, html in rendered(listed_pages(index, parts_of(settings), settings.options), settings.options):
        assert page.path not in found, f"two pages at {page.path!r}"
        found[page.path] = html
    return Listed(found)


def rendered(pages: Iterable[Page], options: SiteOptions) -> Iterable[tuple[Page, str]]:
    """Yield each page with its HTML."""
    renderer = Renderer(options)
    for page in pages:
        yield page, renderer.html(page).decode()
