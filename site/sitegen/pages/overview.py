"""Every page about many servers or none, in the order in which they are made."""

from collections.abc import Iterator

from sitegen.index import Index
from sitegen.pages.base import Page
from sitegen.pages.changes import changes_pages
from sitegen.pages.home import home_page
from sitegen.pages.method import method_page
from sitegen.pages.missing import not_found_page
from sitegen.pages.ranked import ranked_pages
from sitegen.pages.servers import products_pages, servers_pages
from sitegen.parts import Parts, SiteOptions


def listed_pages(index: Index, parts: Parts, options: SiteOptions) -> Iterator[Page]:
    """Yield the pages; whatever the catalogue's size, a few of them are in memory at a time."""
    yield home_page(index, options.title)
    yield from servers_pages(index)
    yield from products_pages(index)
    yield from ranked_pages(index, parts)
    yield from changes_pages(index)
    yield method_page(parts)
    yield not_found_page()
