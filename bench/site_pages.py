"""The pages of made-up tools (site_tools.py): judged by the real rules, gathered by the real ``tool_page``."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial

from site_tools import servers

from catalog.attacks import load_attacks
from catalog.export.registry import exporters
from catalog.model import Provenance
from catalog.origin import Package
from catalog.policy.recommend import recommend
from catalog.rules import load_ruleset
from catalog.view import ChangeRow, EntryRow, ObservationRow, RemovedRow, ServerRow
from classifier.classify import classify_server
from sitegen.catalogue import CataloguedEntry, CataloguedServer, exported
from sitegen.pages.tool import ToolPage, tool_page
from sitegen.parts import Parts
from sitegen.related import Neighbours
from sitegen.twins import tool_twins

_SEEN = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)

Twins = Callable[[], Sequence[tuple[str, bytes]]]
"""Makes the files beside a page: path from the site's root, and content."""


def judged(tools: int) -> Iterator[tuple[ServerRow, Sequence[EntryRow]]]:
    """Yield servers of made-up, judged tools, as the view of a store would."""
    ruleset = load_ruleset()
    for slug, definitions in servers(tools):
        verdicts = classify_server(ruleset, [definition.tool for definition in definitions])
        rows = [
            EntryRow(
                server=slug,
                key=definition.tool.name,
                definition=definition,
                provenance=Provenance.LIVE,
                dispatch=None,
                run="",
                first_seen=_SEEN,
                last_seen=_SEEN,
                classification=verdict,
                ruleset="1",
            )
            for definition, verdict in zip(definitions, verdicts, strict=True)
        ]
        yield _server(slug, len(rows)), rows


def made_pages(tools: int) -> Iterator[ToolPage]:
    """Yield the pages of made-up tools, made and judged on the way."""
    for page, _ in made_with_twins(tools):
        yield page


def made_with_twins(tools: int) -> Iterator[tuple[ToolPage, Twins]]:
    """Yield the same pages, each with what makes the files for programs beside it."""
    parts = real_parts()
    for row, rows in judged(tools):
        yield from tool_pages(row, rows, parts)


def tool_pages(row: ServerRow, rows: Sequence[EntryRow], parts: Parts) -> Iterator[tuple[ToolPage, Twins]]:
    """Yield the page of each tool of one server."""
    path = f"servers/{row.slug}/"
    policy = parts.recommend(row.slug, rows)
    entries = tuple(
        CataloguedEntry(row=entry, tool=entry.definition.tool, server=row, path=f"{path}{entry.key.replace('_', '-')}/")
        for entry in rows
    )
    files = exported(policy, parts.exporters)
    server = CataloguedServer(row=row, path=path, entries=entries, policy=policy, files=files)
    neighbours = Neighbours(entries)
    for entry in entries:
        page = tool_page(entry, server, neighbours, parts)
        yield page, partial(tool_twins, page, entry, server)


def real_parts() -> Parts:
    """Return what the command line builds a site with, without a store."""
    every = tuple(exporters().values())
    return Parts(view=_NoView(), recommend=recommend, exporters=every, rules={}, attacks=load_attacks())


def _server(slug: str, tools: int) -> ServerRow:
    look = ObservationRow(
        started_at=_SEEN,
        finished_at=_SEEN,
        version="1.4.0",
        sandbox="bubblewrap",
        rungs=(),
        outcome="listed",
        reason=None,
        detail="",
        hint="",
        server_name=slug,
        server_version="1.4.0",
        protocol_version="2025-11-25",
    )
    return ServerRow(
        slug=slug,
        title=slug,
        origin=Package(ecosystem="npm", name=f"@farm/{slug}", version="1.4.0"),
        product=None,
        product_title=None,
        publisher="The Orchard Keepers",
        homepage="https://orchard.example",
        repository="https://git.example/orchard",
        environment=("ORCHARD_TOKEN",),
        latest=look,
        listing=look,
        tools=tools,
        actions=0,
    )


class _NoView:
    """A view of nothing: rows are given to `tool_pages` directly."""

    def servers(self) -> Sequence[ServerRow]:
        return ()

    def server(self, slug: str) -> ServerRow | None:
        return None

    def entries(self, server: str) -> Sequence[EntryRow]:
        return ()

    def stamps(self) -> Mapping[str, str]:
        return {}

    def history(self, server: str) -> Sequence[ChangeRow]:
        return ()

    def removed(self, server: str) -> Sequence[RemovedRow]:
        return ()
