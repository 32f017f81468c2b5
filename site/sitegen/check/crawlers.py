"""What search engines read: sitemaps of pages that are there, and robots.txt."""

from collections.abc import Iterator
from typing import TYPE_CHECKING
from xml.etree import ElementTree

from sitegen.check.elements import parsed

if TYPE_CHECKING:
    from sitegen.check.links import Links

_NAMESPACE = "{http://www.sitemaps.org/schemas/sitemap/0.9}"

MOST_URLS, MOST_BYTES = 50_000, 50 * 1024 * 1024
"""What one sitemap may hold (sitemaps.org)."""


def check_sitemap(content: bytes, links: "Links") -> Iterator[str]:
    """Yield what is wrong with a sitemap or an index of sitemaps."""
    root = parsed(content)
    if root is None:
        yield "is no XML"
        return
    if root.tag not in (f"{_NAMESPACE}urlset", f"{_NAMESPACE}sitemapindex"):
        yield f"is no sitemap, but a <{root.tag}>"
        return
    if len(root) > MOST_URLS or len(content) > MOST_BYTES:
        yield f"has {len(root):,} addresses in {len(content):,} bytes; at most {MOST_URLS:,} in {MOST_BYTES:,} are read"
    for item in root:
        yield from _item(item, links)


def check_robots(content: bytes, links: "Links") -> Iterator[str]:
    """Yield sitemaps that robots.txt names and that are not there."""
    for line in content.decode("utf-8", "replace").splitlines():
        name, _, value = line.partition(":")
        if name.strip().lower() == "sitemap" and not links.has(value.strip()):
            yield f"names the sitemap {value.strip()!r}, which is not there"


def _item(item: ElementTree.Element, links: "Links") -> Iterator[str]:
    address = item.findtext(f"{_NAMESPACE}loc") or ""
    if not links.has(address):
        yield f"names {address!r}, where the site has nothing"
