"""Reads a built site back and reports what is broken in it: links, anchors, headings, and anything that could run."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from posixpath import normpath
from urllib.parse import unquote, urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from catalog.errors import InputError
from sitegen.render import POLICY
from sitegen.structured import JSON_LD

_LINKS = {"a": "href", "link": "href", "script": "src", "img": "src"}


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteProblem:
    """Something on a page that is not as it must be."""

    page: str
    """The page's file, from the site's root."""
    message: str


def check_site(directory: Path, base_url: str | None = None) -> list[SiteProblem]:
    """Return every problem of the site in ``directory``, page by page; ``base_url`` is the one it was built with.

    Raises: InputError where ``directory`` holds no site.
    """
    if not (directory / "index.html").is_file():
        raise InputError(f"there is no site in {str(directory)!r}; build one with 'catalog site build'")
    pages = {
        path.relative_to(directory).as_posix(): LexborHTMLParser(path.read_bytes())
        for path in sorted(directory.rglob("*.html"))
    }
    site = _Site(directory, pages, urlsplit(base_url).path.rstrip("/") if base_url else None)
    return [
        SiteProblem(page=name, message=message)
        for name, page in pages.items()
        for message in (*_structure(page), *_active(page), *site.broken_links(name, page))
    ]


class _Site:
    """The files that links may lead to."""

    def __init__(self, directory: Path, pages: dict[str, LexborHTMLParser], root: str | None) -> None:
        self._root = root
        self._files = {path.relative_to(directory).as_posix() for path in directory.rglob("*") if path.is_file()}
        self._anchors = {name: {node.attributes["id"] for node in page.css("[id]")} for name, page in pages.items()}

    def broken_links(self, name: str, page: LexborHTMLParser) -> Iterator[str]:
        for tag, attribute in _LINKS.items():
            for node in page.css(f"{tag}[{attribute}]"):
                link = node.attributes[attribute] or ""
                if tag == "link" and node.attributes.get("rel") == "canonical":
                    continue
                parts = urlsplit(link)
                if not parts.scheme and not parts.netloc:
                    yield from self._broken(name, link, parts.path, parts.fragment)
                elif tag == "a" and parts.scheme == "mailto":
                    continue
                elif parts.scheme not in ("http", "https"):
                    yield f"link {link!r} leads to something that is no web page"
                elif tag != "a":
                    yield f"<{tag}> loads {link!r} from elsewhere"

    def _broken(self, name: str, link: str, path: str, fragment: str) -> Iterator[str]:
        target = self._target(name, unquote(path))
        if target not in self._files:
            yield f"link {link!r} leads nowhere"
        elif fragment and target in self._anchors and unquote(fragment) not in self._anchors[target]:
            yield f"link {link!r} names an anchor that is not there"

    def _target(self, name: str, path: str) -> str:
        if path.startswith("/") and self._root is not None and f"{path}/".startswith(f"{self._root}/"):
            joined = path[len(self._root) :].lstrip("/")
        else:
            joined = normpath(str(PurePosixPath(name).parent / path)) if path else name
        is_folder = path.endswith(("/", "..", ".")) or joined in ("", ".")
        return normpath(f"{joined}/index.html").lstrip("/") if is_folder else joined


def _structure(page: LexborHTMLParser) -> Iterator[str]:
    headings = len(page.css("h1"))
    if headings != 1:
        yield f"has {headings} <h1> instead of one"
    identifiers = [node.attributes["id"] for node in page.css("[id]")]
    for identifier in sorted({str(name) for name in identifiers if identifiers.count(name) > 1}):
        yield f"has the id {identifier!r} more than once"
    policies = page.css('meta[http-equiv="Content-Security-Policy"]')
    if [node.attributes.get("content") for node in policies] != [POLICY]:
        yield "does not have the site's Content-Security-Policy"


def _active(page: LexborHTMLParser) -> Iterator[str]:
    """Yield whatever could run or style from inside the page."""
    for node in page.css("script"):
        if node.attributes.get("type") == JSON_LD:
            yield from _data(node)
        elif not node.attributes.get("src") or node.text().strip():
            yield "has an inline script"
    if page.css("style"):
        yield "has an inline style sheet"
    for node in page.css("*"):
        yield from _attributes(node)
    for tag in ("iframe", "object", "embed", "base", "form"):
        if page.css(tag):
            yield f"has a <{tag}>"


def _data(node: LexborNode) -> Iterator[str]:
    """Yield what is wrong with a block of data: no browser runs it, so long as its type says that it is data."""
    try:
        json.loads(node.text())
    except ValueError as error:
        yield f"has JSON-LD that is not JSON: {error}"
    if node.attributes.get("src"):
        yield "loads JSON-LD from another file, which no browser does"


def _attributes(node: LexborNode) -> Iterator[str]:
    for attribute in node.attributes:
        if attribute.startswith("on"):
            yield f"has the event handler {attribute!r} on <{node.tag}>"
        elif attribute == "style":
            yield f"has an inline style on <{node.tag}>"
