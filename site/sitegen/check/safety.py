"""Whatever could run, load or style from inside a page, and the policy that forbids it."""

import json
from collections.abc import Iterator

from selectolax.lexbor import LexborHTMLParser, LexborNode

from sitegen.pages.search import PATH
from sitegen.policies import PAGE_POLICIES, SEARCH_POLICIES

_FORBIDDEN = ("iframe", "object", "embed", "base", "style")


def check_safety(name: str, page: LexborHTMLParser) -> Iterator[str]:
    """Yield whatever the page in the file ``name`` must not have."""
    allowed = SEARCH_POLICIES if name.startswith(PATH) else PAGE_POLICIES
    policies = page.css('meta[http-equiv="Content-Security-Policy"]')
    if [node.attributes.get("content") in allowed for node in policies] != [True]:
        yield "does not have the site's Content-Security-Policy"
    for node in page.css("script"):
        yield from _script(node)
    for tag in _FORBIDDEN:
        if page.css(tag):
            yield f"has a <{tag}>" if tag != "style" else "has an inline style sheet"
    for node in page.css("form"):
        if node.attributes.get("method") != "get":
            yield "has a <form> that sends something"
    for node in page.css("*"):
        yield from _attributes(node)
    for node in page.css('a[href^="http"]'):
        if "noopener" not in (node.attributes.get("rel") or ""):
            yield f"has a link to elsewhere without rel=noopener: {node.attributes.get('href')!r}"


def _script(node: LexborNode) -> Iterator[str]:
    text = node.text()
    if node.attributes.get("type") == "application/ld+json":
        if node.attributes.get("src"):
            yield "has structured data in another file"
        try:
            document = json.loads(text)
        except ValueError as error:
            yield f"has structured data that is no JSON: {error}"
        else:
            if not isinstance(document, dict) or document.get("@context") != "https://schema.org":
                yield "has structured data that is not of schema.org"
    elif not node.attributes.get("src") or text.strip():
        yield "has an inline script"


def _attributes(node: LexborNode) -> Iterator[str]:
    for attribute in node.attributes:
        if attribute.startswith("on"):
            yield f"has the event handler {attribute!r} on <{node.tag}>"
        elif attribute == "style":
            yield f"has an inline style on <{node.tag}>"
