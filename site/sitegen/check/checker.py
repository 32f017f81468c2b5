"""Check every file of a site: pages one at a time, so that a site of any size can be checked."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from selectolax.lexbor import LexborHTMLParser

from catalog.errors import InputError
from sitegen.check.crawlers import check_robots, check_sitemap
from sitegen.check.data import check_json, check_lines
from sitegen.check.feeds import check_feed
from sitegen.check.links import Links
from sitegen.check.markup import check_markup
from sitegen.check.safety import check_safety
from sitegen.check.sizes import check_size

# Folders of the search engine, whose files are its own.
_FOREIGN = ("pagefind/",)


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteProblem:
    """Something in a file that is not as it must be."""

    page: str
    """The file, from the site's root."""
    message: str


def check_site(directory: Path, base_url: str | None = None) -> list[SiteProblem]:
    """Return every problem of the site in ``directory``, file by file; ``base_url`` is the one it was built with.

    Raises: InputError where ``directory`` holds no site.
    """
    if not (directory / "index.html").is_file():
        raise InputError(f"there is no site in {str(directory)!r}; build one with 'catalog site build'")
    files = {name: size for name, size in _files(directory) if not name.startswith((".", *_FOREIGN))}
    links = Links(directory, files, base_url)
    found = [(name, message) for name, size in files.items() for message in _check(directory, name, size, links)]
    found += links.broken_anchors()
    return [SiteProblem(page=name, message=message) for name, message in sorted(found, key=lambda one: one[0])]


def _check(directory: Path, name: str, size: int, links: Links) -> Iterator[str]:
    yield from check_size(name, size)
    suffix = name.rpartition(".")[2]
    if suffix not in ("html", "json", "ndjson", "xml", "txt"):
        return
    content = (directory / name).read_bytes()
    match suffix:
        case "html":
            page = LexborHTMLParser(content)
            yield from check_markup(page, content)
            yield from check_safety(name, page)
            yield from links.broken(name, page)
        case "json":
            yield from check_json(name, content)
        case "ndjson":
            yield from check_lines(content)
        case "xml" if name.startswith("sitemap"):
            yield from check_sitemap(content, links)
        case "xml":
            yield from check_feed(content)
        case "txt" if name == "robots.txt":
            yield from check_robots(content, links)


def _files(directory: Path) -> Iterator[tuple[str, int]]:
    """Yield every file below ``directory`` and its size, in order."""
    for folder, folders, names in os.walk(directory):
        folders.sort()
        for name in sorted(names):
            path = Path(folder, name)
            yield path.relative_to(directory).as_posix(), path.stat().st_size
