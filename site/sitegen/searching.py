"""Which engine a site's search has, and its files."""

from collections.abc import Iterator
from pathlib import Path

from sitegen.index import Index
from sitegen.pages.search import Engine, search_page
from sitegen.render import Renderer
from sitegen.search.files import search_files
from sitegen.search.pagefind import MOST_PAGES, Indexed, NotIndexed, is_installed, run_pagefind
from sitegen.serverfiles import html_file


def suits_pagefind(pages: int) -> bool:
    """Say whether Pagefind is there and can hold so many pages."""
    return pages <= MOST_PAGES and is_installed()


def own_search(index: Index, renderer: Renderer) -> Iterator[tuple[str, bytes]]:
    """Yield the search page and our own index."""
    yield _page("shards", renderer)
    yield from search_files(index)


def pagefind_search(directory: Path, index: Index, renderer: Renderer) -> tuple[Iterator[tuple[str, bytes]], str]:
    """Read the built site in ``directory``; return the files of its search, and why they are ours after all."""
    match run_pagefind(directory):
        case Indexed(files=files):
            return iter([_page("pagefind", renderer), *files.items()]), ""
        case NotIndexed(reason=reason):
            return own_search(index, renderer), reason


def _page(engine: Engine, renderer: Renderer) -> tuple[str, bytes]:
    page = search_page(engine)
    return html_file(page), renderer.html(page)
