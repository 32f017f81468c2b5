"""What search engines read of a page: schema.org's vocabulary as JSON-LD, in a block that no browser runs.

It is built as one string, since every page has it: in a template it would cost as much as the rest of the page.
"""

from collections.abc import Callable, Iterator, Sequence

from markupsafe import Markup

from sitegen.documents.encoding import encoded
from sitegen.links import Links, absolute
from sitegen.pages.base import Page
from sitegen.pages.server import ServerPage
from sitegen.pages.tool import ToolPage
from sitegen.questions import Question
from sitegen.visible import is_visible, visible

JSON_LD = "application/ld+json"
"""The type of the block."""

Thing = dict[str, object]
"""One node of the graph; its keys are schema.org's."""

Shown = Callable[[str], str]
"""Writes out the hidden characters of a page's words."""


def structured_data(page: Page, base_url: str | None, *, all_visible: bool = False) -> Markup:
    """Return the block for a page's head; empty for a page of which there is nothing to say.

    ``all_visible`` is for a page whose words need not be looked at, because the whole page is.

    Every address is absolute where the site has one, and else relative to the page.
    """
    shown = str if all_visible or _all_visible(page) else visible
    things = list(_things(page, base_url, shown))
    if not things:
        return Markup()
    data = encoded({"@context": "https://schema.org", "@graph": things}).decode().rstrip()
    return Markup(f'<script type="{JSON_LD}">{data}</script>')  # noqa: S704  # encoded() leaves no markup in it


def _things(page: Page, base_url: str | None, shown: Shown) -> Iterator[Thing]:
    if page.crumbs:
        yield {"@type": "BreadcrumbList", "itemListElement": _way(page, base_url, shown)}
    if isinstance(page, ToolPage | ServerPage):
        yield _article(page, base_url, shown)
    if isinstance(page, ToolPage) and page.questions:
        yield {"@type": "FAQPage", "mainEntity": _questions(page.questions, shown)}


def _way(page: Page, base_url: str | None, shown: Shown) -> list[Thing]:
    links = Links(page=page.path, base_url=base_url)
    items: list[Thing] = []
    for place, crumb in enumerate(page.crumbs, 1):
        path, hash_, fragment = crumb.to.partition("#")
        address = f"{absolute(base_url, path)}{hash_}{fragment}" if base_url else links.to(crumb.to)
        items.append({"@type": "ListItem", "position": place, "name": shown(crumb.text), "item": address})
    # The last one is the page itself, which needs no address.
    items.append({"@type": "ListItem", "position": len(items) + 1, "name": shown(_name(page))})
    return items


def _article(page: ToolPage | ServerPage, base_url: str | None, shown: Shown) -> Thing:
    return {
        "@type": "TechArticle",
        "headline": shown(page.title),
        "description": shown(page.summary),
        "about": {"@type": "Thing", "name": shown(page.name)},
        **({"url": absolute(base_url, page.path)} if base_url else {}),
    }


def _questions(questions: Sequence[Question], shown: Shown) -> list[Thing]:
    return [
        {
            "@type": "Question",
            "name": shown(item.question),
            "acceptedAnswer": {"@type": "Answer", "text": shown(item.answer)},
        }
        for item in questions
    ]


def _name(page: Page) -> str:
    return page.name if isinstance(page, ToolPage | ServerPage) else page.title


def _all_visible(page: Page) -> bool:
    """Say whether no word of the block hides anything: nearly always, and cheaper to ask once than of each."""
    words = [page.title, page.summary, _name(page), *(crumb.text for crumb in page.crumbs)]
    if isinstance(page, ToolPage):
        for item in page.questions:
            words += (item.question, item.answer)
    try:
        return is_visible("".join(words).encode())
    except UnicodeEncodeError:  # lone surrogates
        return False
