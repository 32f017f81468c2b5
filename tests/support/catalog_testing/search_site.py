"""A built site with its search: the page, and the index of one of the two engines."""

from collections.abc import Iterable, Mapping

from catalog.attacks import load_attacks
from catalog.export.policylayer import PolicyLayerExporter
from catalog.policy.recommend import recommend
from catalog.view import CatalogView
from catalog_testing.built import Built
from catalog_testing.index import MemoryIndex
from sitegen.catalogue import CataloguedEntry, CataloguedServer, read
from sitegen.index import IndexedEntry, IndexedServer
from sitegen.pages.base import server_path
from sitegen.pages.search import Engine, search_page
from sitegen.parts import Parts, SiteOptions
from sitegen.render import Renderer
from sitegen.search.files import search_files
from sitegen.search.pagefind import Indexed, run_pagefind
from sitegen.visible import one_line


def add_search(site: Built, view: CatalogView, engine: Engine) -> None:
    """Write the search page and the index of ``engine`` into a site that was built from ``view``."""
    parts = Parts(view=view, recommend=recommend, exporters=(PolicyLayerExporter(),), rules={}, attacks=load_attacks())
    catalogue = read(parts)
    if engine == "pagefind":
        found = run_pagefind(site.directory)
        assert isinstance(found, Indexed), found
        files: Iterable[tuple[str, bytes]] = found.files.items()
    else:
        rows = [_server(server) for server in catalogue.servers]
        files = search_files(MemoryIndex(rows, [_entry(entry) for entry in catalogue.entries]))
    page = Renderer(catalogue, SiteOptions()).html(search_page(engine)).encode()
    _write(site, {**dict(files), "search/index.html": page})


def _write(site: Built, files: Mapping[str, bytes]) -> None:
    for path, content in files.items():
        target = site.directory / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)


def _server(server: CataloguedServer) -> IndexedServer:
    row = server.row
    return IndexedServer(
        slug=row.slug, path=server.path, title=row.title, origin=row.origin.public, publisher=row.publisher or "",
        product=row.product or "", product_title=row.product_title or "", known_from="listed", maybe_partial=False,
        reason="", tools=row.tools, actions=row.actions, tokens=0, grade="", risks=(0, 0, 0, 0),
        looked_at=row.latest.finished_at, changed_at=row.latest.finished_at,
    )  # fmt: skip


def _entry(entry: CataloguedEntry) -> IndexedEntry:
    verdict = entry.verdict
    return IndexedEntry(
        server=entry.server.slug, server_title=entry.server.title, server_path=server_path(entry), key=entry.row.key,
        name=entry.name, path=entry.path, summary=one_line(entry.tool.description, 150), category=verdict.category,
        risk=verdict.risk, severity=verdict.severity, confidence=verdict.confidence, traits=tuple(verdict.traits),
        rules=(), provenance=entry.row.provenance.value, is_action=entry.row.dispatch is not None,
        changed_at=entry.row.last_seen,
    )  # fmt: skip
