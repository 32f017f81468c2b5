"""Every file of one server: its pages, those of its entries and of what is gone, and what stands beside them."""

from collections.abc import Iterable, Iterator

from sitegen.api import ndjson, tool_summaries
from sitegen.api import server_files as api_files
from sitegen.catalogue import CataloguedServer
from sitegen.control import HARDENED
from sitegen.exports import own_format
from sitegen.feeds import server_feeds
from sitegen.pages.base import Page
from sitegen.pages.gone import removal_page
from sitegen.pages.server import server_pages
from sitegen.pages.tool import files, tool_page
from sitegen.parts import Parts, SiteOptions
from sitegen.related import Neighbours
from sitegen.render import Renderer
from sitegen.twins import server_twins, tool_twins

NDJSON = "tools.ndjson"
"""Beside a server's page: a line of JSON for each entry."""


def server_files(
    server: CataloguedServer, parts: Parts, options: SiteOptions, renderer: Renderer
) -> Iterator[tuple[str, bytes]]:
    """Yield each file's path from the site's root and its content."""
    pages = server_pages(server, parts)
    for page in pages:
        yield html_file(page), renderer.html(page)
    yield from server_twins(pages[0], server)
    # Two exports may share a file.
    yield from _texts({server.path + name: text for one in server.exports for name, text in one.files()}.items())
    if server.hardened and (text := own_format(server.hardened, parts.exporters)):
        yield from _texts([(server.path + HARDENED, text)])
    yield from server_feeds(server, options)
    tools = tool_summaries(server)
    yield from api_files(server, tools)
    yield f"{server.path}{NDJSON}", ndjson(tools)
    neighbours = Neighbours(server.entries)
    for entry in server.entries:
        tool = tool_page(entry, server, neighbours, parts)
        yield html_file(tool), renderer.html(tool)
        yield from tool_twins(tool, entry, server)
        yield from _texts(files(tool, entry).items())
    for removal in server.removed:
        gone = removal_page(removal, server)
        yield html_file(gone), renderer.html(gone)


def html_file(page: Page) -> str:
    """Return the file of a page."""
    return page.path if page.path.endswith(".html") else f"{page.path}index.html"


def _texts(files: Iterable[tuple[str, str]]) -> Iterator[tuple[str, bytes]]:
    # Lone surrogates are made visible in pages; in the files beside them they can only become replacement marks.
    return ((path, text.encode("utf-8", "replace")) for path, text in files)
