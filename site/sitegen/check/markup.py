"""The HTML of one page: what a browser would have to repair, and what a screen reader would miss."""

import re
from collections import Counter
from collections.abc import Iterator

from selectolax.lexbor import LexborHTMLParser, LexborNode

_START_TAG = re.compile(rb"<([a-zA-Z][a-zA-Z0-9]*)")
_RAW = re.compile(rb"<(script|style)\b[^>]*>.*?</\1>", re.DOTALL)

# Attributes that name other elements of the page.
_REFERENCES = ("for", "aria-labelledby", "aria-describedby", "aria-controls")


def check_markup(page: LexborHTMLParser, source: bytes) -> Iterator[str]:
    """Yield what is wrong with the structure of a page."""
    yield from _repaired(page, source)
    headings = page.css("h1, h2, h3, h4, h5, h6")
    levels = [int(str(node.tag)[1]) for node in headings]
    if levels.count(1) != 1:
        yield f"has {levels.count(1)} <h1> instead of one"
    for node, level, before in zip(headings, levels, [0, *levels], strict=False):
        if level > before + 1:
            yield f"has <{node.tag}> {node.text().strip()[:60]!r} below no <h{level - 1}>"
    yield from _identifiers(page)
    for node in page.css("img:not([alt])"):
        yield f"has an image without alt: {node.attributes.get('src')!r}"
    for node in page.css("a[href], button, summary"):
        if not _named(node):
            yield f"has a <{node.tag}> that says nothing: {(node.html or '')[:80]!r}"
    for node in page.css("input, select, textarea"):
        if not _labelled(node, page):
            yield f"has a <{node.tag}> without a label: {(node.html or '')[:80]!r}"
    if not (page.root and page.root.attributes.get("lang")):
        yield "does not say its language"
    if not page.css("title") or not page.css("title")[0].text().strip():
        yield "has no title"


def _repaired(page: LexborHTMLParser, source: bytes) -> Iterator[str]:
    """Yield elements that are in the tree and not in the source, or the other way round.

    A page of ours opens and closes all elements itself and writes ``<`` in text as a reference. So where the counts
    differ, the parser had to close, add or move something, as it does for a list in a paragraph.
    """
    without = _RAW.sub(lambda match: b"<" + match.group(1) + b">", source)
    written = Counter(match.group(1).decode().lower() for match in _START_TAG.finditer(without))
    there = Counter(str(node.tag) for node in page.css("*"))
    for tag in sorted({*written, *there}):
        if written[tag] != there[tag]:
            yield f"has {written[tag]} <{tag}> in its source and {there[tag]} once it is read"


def _identifiers(page: LexborHTMLParser) -> Iterator[str]:
    counts = Counter(node.attributes["id"] or "" for node in page.css("[id]"))
    for identifier, count in sorted(counts.items()):
        if count > 1:
            yield f"has the id {identifier!r} more than once"
    for attribute in _REFERENCES:
        for node in page.css(f"[{attribute}]"):
            for name in (node.attributes[attribute] or "").split():
                if name not in counts:
                    yield f"has {attribute}={name!r} on <{node.tag}>, which is the id of nothing"


def _named(node: LexborNode) -> bool:
    return bool(node.text().strip() or node.attributes.get("aria-label") or node.css("[aria-label], title"))


def _labelled(node: LexborNode, page: LexborHTMLParser) -> bool:
    if node.attributes.get("type") in ("hidden", "submit", "button"):
        return True
    if node.attributes.get("aria-label") or node.attributes.get("aria-labelledby"):
        return True
    identifier = node.attributes.get("id")
    if identifier and any(label.attributes["for"] == identifier for label in page.css("label[for]")):
        return True
    parent = node.parent
    while parent is not None and parent.tag != "label":
        parent = parent.parent
    return parent is not None
