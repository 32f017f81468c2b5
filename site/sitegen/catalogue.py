"""The whole catalogue as pages need it: every server and entry with its place on the site, read once."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import PurePosixPath

from catalog.origin import Command
from catalog.policy.model import Export, Exporter, Policy
from catalog.view import ChangeRow, EntryRow, RemovedRow, ServerRow
from classifier.definition import Tool
from classifier.verdict import Category, Classification, Level
from sitegen.index import IndexedEntry
from sitegen.parts import Parts
from sitegen.slugs import unique_slugs


@dataclass(frozen=True, slots=True, kw_only=True)
class CataloguedEntry:
    """A tool or an action, and where its page is."""

    row: EntryRow
    tool: Tool
    """The definition, read once."""
    server: ServerRow
    path: str
    """The page's folder from the site's root, for example ``servers/truenas-mcp/api-key-create/``."""

    @property
    def name(self) -> str:
        """Return the name as published."""
        return self.tool.name

    @property
    def verdict(self) -> Classification:
        """Return its classification."""
        return self.row.classification


@dataclass(frozen=True, slots=True, kw_only=True)
class CataloguedRemoval:
    """An entry that is gone, and the page that says so."""

    row: RemovedRow
    path: str
    moved_to: str | None
    """The page of the entry that took its place under another name; None where none did."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CataloguedServer:
    """A server, its entries by key, and the policy recommended for it."""

    row: ServerRow
    path: str
    entries: tuple[CataloguedEntry, ...]
    policy: Policy
    files: Mapping[str, Export]
    """The policy of the whole server by file name, for each exporter; empty where nothing is listed."""
    history: tuple[ChangeRow, ...] = ()
    """What changed, the latest first."""
    removed: tuple[CataloguedRemoval, ...] = ()
    namesakes: Mapping[str, tuple[IndexedEntry, ...]] = field(default_factory=dict)
    """By entry key, entries of the same name on other servers, the riskiest first: a few at most."""

    @property
    def place(self) -> str:
        """Return what the server's tools act on, for sentences: the product where it is known."""
        return self.row.product_title or self.label

    @property
    def label(self) -> str:
        """Return what sentences call the server: its title, unless that is a whole command line."""
        return "this server" if isinstance(self.row.origin, Command) else self.row.title


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """Everything that pages are made from."""

    servers: tuple[CataloguedServer, ...]
    as_of: datetime | None
    """When a server was last looked at; None in an empty catalogue."""
    risks: Mapping[Level, int]
    categories: Mapping[Category, int]

    @property
    def entries(self) -> tuple[CataloguedEntry, ...]:
        """Return the entries of every server, server by server."""
        return tuple(entry for server in self.servers for entry in server.entries)


def read(parts: Parts) -> Catalogue:
    """Read the whole view and recommend a policy for each server."""
    rows = parts.view.servers()
    slugs = unique_slugs((row.slug, row.slug) for row in rows)
    servers = tuple(_server(row, f"servers/{slugs[row.slug]}/", parts) for row in rows)
    verdicts = [entry.verdict for server in servers for entry in server.entries]
    risks = Counter(verdict.risk for verdict in verdicts)
    categories = Counter(verdict.category for verdict in verdicts)
    return Catalogue(
        servers=servers,
        as_of=max((row.latest.finished_at for row in rows), default=None),
        risks={level: risks[level] for level in sorted(Level, reverse=True)},
        categories={category: categories[category] for category in Category},
    )


def exported(policy: Policy, exporters: Sequence[Exporter]) -> Mapping[str, Export]:
    """Export a policy for each target, by a file name of its own: two targets may call their files the same."""
    files: dict[str, Export] = {}
    for exporter in exporters:
        export = exporter.export(policy)
        name = PurePosixPath(export.filename).name
        files[name if name not in files else f"{exporter.format}-{name}"] = export
    return files


def order_of_risk(entry: CataloguedEntry) -> tuple[int, int, float, str, str]:
    """Sort the riskiest first: by risk, severity, then how sure we are; ties by server and key."""
    verdict = entry.verdict
    return (-verdict.risk, -verdict.severity, -verdict.confidence, entry.server.slug, entry.row.key)


def _server(row: ServerRow, path: str, parts: Parts) -> CataloguedServer:
    rows = parts.view.entries(row.slug)
    tools = {entry.key: entry.definition.tool for entry in rows}
    slugs = unique_slugs((key, tool.name) for key, tool in tools.items())
    policy = parts.recommend(row.slug, rows)
    return CataloguedServer(
        row=row,
        path=path,
        entries=tuple(
            CataloguedEntry(row=entry, tool=tools[entry.key], server=row, path=f"{path}{slugs[entry.key]}/")
            for entry in rows
        ),
        policy=policy,
        files=exported(policy, parts.exporters) if rows else {},
    )
