"""A built site with every file for programs, read from the same view."""

from pathlib import Path

from catalog.attacks import load_attacks
from catalog.export.policylayer import PolicyLayerExporter
from catalog.policy.recommend import recommend
from catalog.server_profile import profile
from catalog.view import CatalogView
from catalog_testing.built import Built, built
from catalog_testing.index import MemoryIndex
from classifier.grade import Grade
from classifier.verdict import Level
from sitegen import api, crawlers, feeds
from sitegen.catalogue import Catalogue, CataloguedEntry, CataloguedServer, read
from sitegen.index import IndexedEntry, IndexedServer
from sitegen.pages.server import server_pages
from sitegen.pages.tool import tool_page
from sitegen.parts import Parts, SiteOptions
from sitegen.related import Neighbours
from sitegen.standing import standing
from sitegen.twins import server_twins, tool_twins
from sitegen.visible import one_line


def complete(view: CatalogView, output: Path, options: SiteOptions | None = None) -> Built:
    """Build the site of ``view`` into ``output``, with the files for programs."""
    options = options or SiteOptions()
    site = built(view, output, options)
    parts = Parts(view=view, recommend=recommend, exporters=(PolicyLayerExporter(),), rules={}, attacks=load_attacks())
    for path, content in machine_files(parts, options):
        (output / path).parent.mkdir(parents=True, exist_ok=True)
        (output / path).write_bytes(content)
    return site


def machine_files(parts: Parts, options: SiteOptions) -> list[tuple[str, bytes]]:
    """Return every file for programs."""
    catalogue = read(parts)
    index = index_of(catalogue)
    found = [*api.catalogue_files(index), *feeds.catalogue_feeds(index, options), crawlers.llms_txt(index, options)]
    shards = dict.fromkeys(api.shard_paths(), b"")
    for server in catalogue.servers:
        found += server_twins(server_pages(server, parts)[0], server)
        neighbours = Neighbours(server.entries)
        for entry in server.entries:
            found += tool_twins(tool_page(entry, server, neighbours, parts), entry, server)
        tools = api.tool_summaries(server)
        found += [*api.server_files(server, tools, parts.exporters), *feeds.server_feeds(server, options)]
        shards[api.shard_path(server.row.slug)] += api.ndjson(tools)
    if options.base_url:
        found += crawlers.crawler_files(index, options.base_url, ["", "method/"])
    return [*found, *shards.items()]


def index_of(catalogue: Catalogue) -> MemoryIndex:
    """Return a catalogue in short."""
    return MemoryIndex(
        listed=[_server(server) for server in catalogue.servers],
        found=[_entry(entry, server) for server in catalogue.servers for entry in server.entries],
        changed=[change for server in catalogue.servers for change in feeds.indexed_changes(server)],
    )


def _server(server: CataloguedServer) -> IndexedServer:
    row = server.row
    how = standing(row, [entry.row for entry in server.entries])
    facts = profile([entry.row for entry in server.entries])
    levels = [entry.verdict.risk for entry in server.entries]
    low, medium, high, critical = (levels.count(level) for level in Level)
    return IndexedServer(
        slug=row.slug,
        path=server.path,
        title=row.title,
        origin=row.origin.public,
        publisher=row.publisher or "",
        product=row.product or "",
        product_title=row.product_title or "",
        known_from=how.kind,
        maybe_partial=how.partial,
        reason=row.latest.reason or "",
        tools=row.tools,
        actions=row.actions,
        tokens=facts.tokens,
        grade=facts.grade.letter if isinstance(facts.grade, Grade) else "",
        risks=(low, medium, high, critical),
        looked_at=row.latest.finished_at,
        changed_at=row.latest.finished_at,
    )


def _entry(entry: CataloguedEntry, server: CataloguedServer) -> IndexedEntry:
    verdict = entry.verdict
    return IndexedEntry(
        server=server.row.slug,
        server_title=server.row.title,
        server_path=server.path,
        key=entry.row.key,
        name=entry.name,
        path=entry.path,
        summary=one_line(entry.tool.description, 150),
        category=verdict.category,
        risk=verdict.risk,
        severity=verdict.severity,
        confidence=verdict.confidence,
        traits=verdict.traits,
        rules=tuple(dict.fromkeys(evidence.rule for evidence in verdict.evidence)),
        provenance=entry.row.provenance.value,
        is_action=entry.row.dispatch is not None,
        changed_at=entry.row.first_seen,
    )
