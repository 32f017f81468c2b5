"""Every file that is not one server's: lists, explanations, assets, what programs and crawlers read."""

from collections.abc import Iterator

from sitegen.api import api_files
from sitegen.crawlers import crawler_files
from sitegen.feeds import change_feeds
from sitegen.index import Index
from sitegen.pages.overview import listed_pages
from sitegen.parts import Parts, SiteOptions
from sitegen.render import Renderer, assets
from sitegen.serverfiles import html_file


def whole_files(index: Index, parts: Parts, options: SiteOptions, renderer: Renderer) -> Iterator[tuple[str, bytes]]:
    """Yield each file's path from the site's root and its content; they stream from the index."""
    yield from assets(options).items()
    paths = []
    for page in listed_pages(index, parts, options):
        paths.append(page.path)
        yield html_file(page), renderer.html(page)
    yield from api_files(index)
    yield from change_feeds(index)
    yield from crawler_files(index, options.base_url, paths)
