"""Links between the files of a site: each leads somewhere, and to an anchor that is there."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from posixpath import normpath
from urllib.parse import unquote, urlsplit

from selectolax.lexbor import LexborHTMLParser

_LINKS = {"a": "href", "link": "href", "script": "src", "img": "src", "form": "action"}

_ABROAD = ("http", "https", "mailto")
"""Schemes of links that may lead out of the site."""


class Links:
    """The files that links may lead to, and the anchors that links have asked for."""

    def __init__(self, directory: Path, files: Mapping[str, int], base_url: str | None) -> None:
        self._directory = directory
        self._files = files
        self.base_url = base_url.rstrip("/") + "/" if base_url else None
        self._root = urlsplit(base_url).path.rstrip("/") if base_url else None
        # Anchors asked for, by file and fragment: the first page that did. Pages are not kept in memory for them.
        self._asked: dict[str, dict[str, tuple[str, str]]] = defaultdict(dict)

    def has(self, address: str) -> bool:
        """Say whether an address on the web is a file of this site."""
        if self.base_url is None or not address.startswith(self.base_url):
            return False
        return self._file_of(unquote(address.removeprefix(self.base_url))) in self._files

    def broken(self, name: str, page: LexborHTMLParser) -> Iterator[str]:
        """Yield what is wrong with the links of one page; anchors elsewhere are looked at in the end."""
        anchors: set[str] | None = None
        for tag, attribute in _LINKS.items():
            for node in page.css(f"{tag}[{attribute}]"):
                link = node.attributes[attribute] or ""
                parts = urlsplit(link)
                if tag == "link" and node.attributes.get("rel") in ("canonical", "alternate") and parts.netloc:
                    if not self.has(link):
                        yield f"names the address {link!r}, where the site has nothing"
                elif parts.scheme or parts.netloc:
                    yield from _abroad(tag, link, parts.scheme)
                else:
                    target = self._target(name, unquote(parts.path))
                    if target not in self._files:
                        yield f"link {link!r} leads nowhere"
                    elif parts.fragment and target == name:
                        anchors = _anchors(page) if anchors is None else anchors
                        if unquote(parts.fragment) not in anchors:
                            yield f"link {link!r} names an anchor that is not there"
                    elif parts.fragment and target.endswith(".html"):
                        self._asked[target].setdefault(unquote(parts.fragment), (name, link))

    def broken_anchors(self) -> list[tuple[str, str]]:
        """Return the page and the message for each anchor that a link on another page names and that is not there."""
        found = []
        for target, asked in self._asked.items():
            there = _anchors(LexborHTMLParser((self._directory / target).read_bytes()))
            for fragment, (name, link) in asked.items():
                if fragment not in there:
                    found.append((name, f"link {link!r} names an anchor that is not there"))
        return found

    def _target(self, name: str, path: str) -> str:
        if path.startswith("/") and self._root is not None and f"{path}/".startswith(f"{self._root}/"):
            return self._file_of(path[len(self._root) :].lstrip("/"))
        if not path:
            return name
        joined = normpath(str(PurePosixPath(name).parent / path))
        return self._file_of(f"{joined}/" if path.endswith(("/", "..", ".")) else joined)

    def _file_of(self, path: str) -> str:
        is_folder = path.endswith("/") or path in ("", ".")
        return normpath(f"{path}/index.html").lstrip("/") if is_folder else path


def _abroad(tag: str, link: str, scheme: str) -> Iterator[str]:
    if scheme not in _ABROAD or (scheme == "mailto" and tag != "a"):
        yield f"link {link!r} leads to something that is no web page"
    elif tag != "a":
        yield f"<{tag}> loads {link!r} from elsewhere"


def _anchors(page: LexborHTMLParser) -> set[str]:
    return {node.attributes["id"] or "" for node in page.css("[id]")}
