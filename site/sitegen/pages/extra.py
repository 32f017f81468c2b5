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
    for token in (*tokens, *(part for block in tokens for part in block.children or ())):
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(6, int(token.tag[1]) + 1)}"
        token.attrs.pop("style", None)  # how a column is aligned: the policy of the site allows no style in a page
        if token.type == "link_open" and external(str(token.attrs["href"])):
            token.attrs["rel"] = "noopener"
    html: str = markdown.renderer.render(tokens, markdown.options, {})
    return html
