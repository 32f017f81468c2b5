"""Pages of the publisher's own, written in Markdown; HTML in them is shown, not used."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from markdown_it import MarkdownIt
from markupsafe import Markup

from sitegen.links import external
from sitegen.pages.base import Link
from sitegen.parts import SiteOptions


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtraTextPage:
    """One page."""

    template: ClassVar[str] = "extra.html"

    path: str
    title: str
    summary: str
    crumbs: tuple[Link, ...]
    body: Markup


def extra_pages(options: SiteOptions) -> Iterator[ExtraTextPage]:
    """Yield the pages that the publisher wrote."""
    # "js-default" is CommonMark with tables, and without HTML. Images would be loaded from elsewhere.
    markdown = MarkdownIt("js-default").disable("image")
    for page in options.extra_pages:
        yield ExtraTextPage(
            path=f"{page.slug}/",
            title=page.title,
            summary=page.title,
            crumbs=(),
            body=Markup(_html(markdown, page.markdown)),  # noqa: S704  # the renderer escapes HTML
        )


def _html(markdown: MarkdownIt, text: str) -> str:
    """Return the HTML of a text whose headings stand below the page's own; links elsewhere say nothing of the site."""
    tokens = markdown.parse(text)
    for part in (part for token in tokens for part in token.children or ()):
        if part.type == "link_open" and external(str(part.attrs["href"])):
            part.attrs["rel"] = "noopener"
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(6, int(token.tag[1]) + 1)}"
    html: str = markdown.renderer.render(tokens, markdown.options, {})
    return html
