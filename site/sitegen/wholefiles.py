"""Every file that is not one server's: lists, explanations, assets, what programs and crawlers read."""

from collections.abc import Iterator
from functools import partial

from sitegen.api import catalogue_files, schema_files
from sitegen.assets import assets
from sitegen.crawlers import crawler_files, llms_txt
from sitegen.feeds import catalogue_feeds
from sitegen.index import Index
from sitegen.output import Later
from sitegen.pages.extra import extra_pages
from sitegen.pages.kinds import ListPage
from sitegen.pages.overview import listed_pages
from sitegen.pages.search import PATH
from sitegen.parts import Parts, SiteOptions
from sitegen.render import Renderer
from sitegen.serverfiles import html_file


def constant_files(options: SiteOptions, renderer: Renderer) -> Iterator[tuple[str, bytes]]:
    """Yield what is the same whatever the catalogue holds."""
    yield from assets(options)
    yield from schema_files()
    for page in extra_pages(options):
        yield html_file(page), renderer.html(page)


def whole_files(
    index: Index, parts: Parts, options: SiteOptions, renderer: Renderer
) -> Iterator[tuple[str, bytes] | Later]:
    """Yield each file's path from the site's root and its content; they stream from the index."""
    paths = [PATH, *(page.path for page in extra_pages(options))]
    for page in listed_pages(index, parts, options):
        if not page.path.endswith(".html"):
            paths.append(page.path)
        if isinstance(page, ListPage):  # by far the most, and few of them change with one server
            yield Later(html_file(page), page.source(), partial(renderer.html, page))
        else:
            yield html_file(page), renderer.html(page)
    yield from catalogue_files(index)
    yield from catalogue_feeds(index, options)
    yield llms_txt(index, options)
    if options.base_url is not None:
        yield from crawler_files(index, options.base_url, paths)
