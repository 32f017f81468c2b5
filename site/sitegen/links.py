"""Links between pages: relative, so that the site works from a sub-folder and from a disk.

Every target is written from the site's root: a page is its folder (``servers/x/``), the home page is empty, a file is
its path.
"""

import posixpath
from dataclasses import dataclass, field
from functools import lru_cache
from urllib.parse import quote, urlsplit

# What stands beside many pages: such a link is the name itself.
_BESIDE = frozenset({"catalog-policy.json", "definition.json", "page.json", "page.md", "policy.json", "tools.ndjson"})

# Links from one depth that are remembered; a large site has more, but most lead to the same few pages.
_REMEMBERED = 10_000


class Site:
    """Writes links for the pages of one site."""

    def __init__(self, base_url: str | None) -> None:
        self._base_url = base_url
        self._remembered: dict[int, dict[str, str]] = {}

    def links(self, page: str) -> "Links":
        """Return what writes the links that stand on ``page``."""
        # From two pages at the same depth, links to a third are the same. Links from the 404 page are not.
        depth = -1 if page.endswith(".html") else page.count("/")
        remembered = self._remembered.setdefault(depth, {})
        if len(remembered) > _REMEMBERED:
            remembered.clear()
        return Links(page=page, base_url=self._base_url, remembered=remembered)


@dataclass(frozen=True, slots=True, kw_only=True)
class Links:
    """Writes links for one page."""

    page: str
    """The page that the links stand on."""
    base_url: str | None
    """The address that the site is published at; None keeps ``index.html`` in links, so that a disk can follow them."""
    remembered: dict[str, str] = field(default_factory=dict)
    """Links to pages and files that are not below this page."""

    def to(self, target: str) -> str:
        """Return the link from this page to ``target``, which may end in ``#fragment``."""
        if target.startswith(self.page):
            below = target[len(self.page) :]
            return below if below in _BESIDE and self.page else self._to(target)
        known = self.remembered.get(target)
        if known is None:
            known = self.remembered[target] = self._to(target)
        return known

    def _to(self, target: str) -> str:
        path, hash_, fragment = target.partition("#")
        is_page = not path or path.endswith("/")
        file = f"{path}index.html" if is_page and not self.base_url else path
        return f"{self._path(file)}{hash_}{fragment}"

    def canonical(self) -> str | None:
        """Return this page's address on the web; None where the site has none."""
        return absolute(self.base_url, self.page) if self.base_url else None

    def _path(self, file: str) -> str:
        if self.page.endswith(".html") and self.base_url:
            # A web server answers any unknown address with the 404 page: only links from the root work there.
            return posixpath.join(urlsplit(self.base_url).path or "/", _quoted(file))
        below = file.removeprefix(self.page)
        if file.startswith(self.page) and not self.page.endswith(".html"):
            return _quoted(below) or "./"
        return "../" * self.page.count("/") + _quoted(file) or "./"


# An address is written several times on its page, and others lead there from pages nearby.
_quoted = lru_cache(maxsize=_REMEMBERED)(quote)


def absolute(base_url: str, target: str) -> str:
    """Return the address of ``target`` below ``base_url``."""
    return f"{base_url.rstrip('/')}/{_quoted(target)}"


# Characters of an address that somebody else gave; longer ones are no links.
LONGEST_ADDRESS = 2_000


def external(address: str | None) -> str | None:
    """Return an address that a server's publisher gave, if a browser may be sent there: only http and https."""
    if address is None or len(address) > LONGEST_ADDRESS:
        return None
    try:
        parts = urlsplit(address.strip())
    except ValueError:
        return None
    return address.strip() if parts.scheme in ("http", "https") and parts.hostname else None
