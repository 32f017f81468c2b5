"""Render every page in memory, then write; a failed build leaves the old site alone."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

from catalog.errors import UsageError
from sitegen.catalogue import Catalogue, CataloguedServer, read
from sitegen.links import absolute, external
from sitegen.output import read_manifest, write
from sitegen.pages.base import Page
from sitegen.pages.gone import removal_page
from sitegen.pages.lists import category_pages, home_page, product_pages, risk_pages
from sitegen.pages.server import server_pages
from sitegen.pages.texts import method_page, not_found_page, rules_page
from sitegen.pages.tool import files, tool_page
from sitegen.parts import Parts, SiteOptions
from sitegen.related import Neighbours
from sitegen.render import Renderer, assets
from sitegen.report import report_address
from sitegen.twins import server_json, servers_json

Progress = Callable[[int, int], None]
"""Called with the number of servers rendered and the number of all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteReport:
    """What a build made."""

    output: Path
    servers: int
    entries: int
    pages: int
    files: int
    size: int
    """Bytes of all files together."""
    changed: int
    unchanged: int
    removed: int


def build_site(
    parts: Parts, options: SiteOptions, output: Path, progress: Progress = lambda done, total: None
) -> SiteReport:
    """Build the site into ``output``.

    Raises: UsageError where ``output`` is not ours to write or an option is not usable; CatalogError where the disk
    refuses.
    """
    if options.base_url is not None and external(options.base_url) is None:
        raise UsageError(f"--base-url {options.base_url!r} is no address: give one like 'https://example.org/catalog/'")
    if options.report_url is not None and report_address(options.report_url) is None:
        raise UsageError(
            f"--report-url {options.report_url!r} is no address: give one like "
            "'https://example.org/new?title={tool}%20on%20{server}' or 'mailto:catalog@example.org?subject={tool}'"
        )
    earlier = read_manifest(output)
    catalogue = read(parts)
    renderer = Renderer(catalogue, options)
    rendered: dict[str, bytes] = dict(assets())
    pages = 0
    for page in _pages(catalogue, parts, options):
        rendered[_file(page)] = _encoded(renderer.html(page))
        pages += 1
    for done, server in enumerate(catalogue.servers):
        progress(done, len(catalogue.servers))
        for page, beside in _server_pages(server, catalogue, parts):
            rendered[_file(page)] = _encoded(renderer.html(page))
            rendered.update({path: _encoded(text) for path, text in beside.items()})
            pages += 1
    progress(len(catalogue.servers), len(catalogue.servers))
    rendered["api/v1/servers.json"] = _encoded(servers_json(catalogue))
    if options.base_url:
        rendered |= _for_crawlers(options.base_url, rendered)
    written = write(output, rendered, earlier)
    return SiteReport(
        output=output,
        servers=len(catalogue.servers),
        entries=len(catalogue.entries),
        pages=pages,
        files=len(rendered),
        size=sum(len(content) for content in rendered.values()),
        changed=written.changed,
        unchanged=written.unchanged,
        removed=written.removed,
    )


def _pages(catalogue: Catalogue, parts: Parts, options: SiteOptions) -> Iterator[Page]:
    """Yield the pages that are not about one server."""
    yield home_page(catalogue, options.title)
    yield from risk_pages(catalogue)
    yield from category_pages(catalogue)
    yield from product_pages(catalogue)
    yield rules_page(catalogue, parts.rules)
    yield method_page()
    yield not_found_page()


def _server_pages(
    server: CataloguedServer, catalogue: Catalogue, parts: Parts
) -> Iterator[tuple[Page, Mapping[str, str]]]:
    """Yield a server's page and those of its entries, each with the files beside it."""
    home, *more = server_pages(server, parts)
    policies = {f"{server.path}{name}": export.text for name, export in server.files.items()}
    yield home, {**policies, home.twin: server_json(server)}
    for page in more:
        yield page, {}
    for removal in server.removed:
        yield removal_page(removal, server), {}
    neighbours = Neighbours(server.entries)
    for entry in server.entries:
        tool = tool_page(entry, server, neighbours, parts)
        yield tool, files(tool, entry)


def _for_crawlers(base_url: str, rendered: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return the sitemap of every page, and the robots.txt that names it."""
    paths = [path.removesuffix("index.html") for path in sorted(rendered) if path.endswith("index.html")]
    entries = "".join(f"<url><loc>{escape(absolute(base_url, path))}</loc></url>\n" for path in paths)
    sitemap = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{entries}</urlset>\n'
    )
    robots = f"User-agent: *\nAllow: /\nSitemap: {absolute(base_url, 'sitemap.xml')}\n"
    return {"sitemap.xml": _encoded(sitemap), "robots.txt": _encoded(robots)}


def _file(page: Page) -> str:
    return page.path if page.path.endswith(".html") else f"{page.path}index.html"


def _encoded(text: str) -> bytes:
    # Lone surrogates are made visible in pages; in the files beside them they can only become replacement marks.
    return text.encode("utf-8", "replace")
