"""One server as its pages need it: its entries with their places on the site, its history, its policy."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from catalog.errors import CatalogError
from catalog.origin import Command
from catalog.policy.model import Policy
from catalog.view import CatalogView, ChangeRow, EntryRow, RemovedRow, ServerRow
from classifier.definition import Tool
from classifier.verdict import Classification
from sitegen.exports import Exported, exported
from sitegen.folders import folders
from sitegen.index import IndexedEntry
from sitegen.parts import Parts
from sitegen.ruleindex import RuleIndex
from sitegen.visible import LONGEST_NAME, one_line


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
    def label(self) -> str:
        """Return what sentences call it: its name on one line, no longer than they can bear."""
        return one_line(self.tool.name, LONGEST_NAME) or "(no name)"

    @property
    def verdict(self) -> Classification:
        """Return its classification."""
        return self.row.classification


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where the pages of one server are, and what of other servers they name."""

    path: str
    """The server's folder: ``servers/x/``."""
    folders: Mapping[str, str]
    """The name of each entry's folder by key, also of those that are gone (sitegen.folders)."""
    namesakes: Mapping[str, tuple[IndexedEntry, ...]] = field(default_factory=dict)
    """See ``CataloguedServer.namesakes``."""

    def of(self, key: str) -> str:
        """Return the page of the entry with this key."""
        return f"{self.path}{self.folders[key]}/"

    def find(self, key: str) -> str | None:
        """Return the page of the entry with this key; None where it never had one."""
        return self.of(key) if key in self.folders else None


@dataclass(frozen=True, slots=True, kw_only=True)
class CataloguedRemoval:
    """An entry that is gone, and the page that says so."""

    row: RemovedRow
    path: str
    moved_to: str | None
    """The page of the entry that took its place under another name; None where none did."""


@dataclass(frozen=True, kw_only=True)
class CataloguedServer:
    """A server, its entries by key, and the policy recommended for it."""

    row: ServerRow
    path: str
    entries: tuple[CataloguedEntry, ...]
    policy: Policy
    exports: tuple[Exported, ...]
    """The policy of the whole server for each target; none where nothing is listed."""
    hardened: Policy | None = None
    """A stricter policy, which bounds arguments and sums too; None where the site has none, or nothing is listed."""
    history: tuple[ChangeRow, ...] = ()
    """What changed, the latest first."""
    removed: tuple[CataloguedRemoval, ...] = ()
    namesakes: Mapping[str, tuple[IndexedEntry, ...]] = field(default_factory=dict)
    """By entry key, entries of the same name on other servers, the riskiest first: a few at most."""

    @cached_property
    def rules(self) -> RuleIndex:
        """Return the policy's rules by what they are for."""
        return RuleIndex(self.policy)

    @cached_property
    def hardened_rules(self) -> RuleIndex | None:
        """Return the rules of the stricter policy."""
        return RuleIndex(self.hardened) if self.hardened else None

    @property
    def title(self) -> str:
        """Return the server's title, on one line and no longer than pages and files can bear."""
        return one_line(self.row.title, LONGEST_NAME) or self.row.slug

    @property
    def publisher(self) -> str | None:
        """Return who publishes the server, on one line and as short."""
        return one_line(self.row.publisher, LONGEST_NAME) if self.row.publisher else None

    @property
    def place(self) -> str:
        """Return what the server's tools act on, for sentences: the product where it is known."""
        return one_line(self.row.product_title or "", LONGEST_NAME) or self.label

    @property
    def label(self) -> str:
        """Return what sentences call the server: its title, unless that is a whole command line."""
        return "this server" if isinstance(self.row.origin, Command) else self.title


def server_of(view: CatalogView, slug: str) -> ServerRow:
    """Return a server. Raises: CatalogError where it vanished while the site was built."""
    row = view.server(slug)
    if row is None:
        raise CatalogError(f"the server {slug!r} was deleted while the site was built: build it again")
    return row


def catalogued(row: ServerRow, place: Place, parts: Parts) -> CataloguedServer:
    """Read all that the pages of one server say, and recommend its policy."""
    rows, gone = parts.view.entries(row.slug), parts.view.removed(row.slug)
    present = {entry.key for entry in rows}
    # Another process may have looked at the server between two of these reads: the next build sees its new stamp.
    gone = [one for one in gone if one.key not in present]
    place = replace(place, folders=folders(rows, gone, place.folders))
    policy = parts.recommend(row.slug, rows)
    return CataloguedServer(
        row=row,
        path=place.path,
        entries=tuple(
            CataloguedEntry(row=entry, tool=entry.definition.tool, server=row, path=place.of(entry.key))
            for entry in rows
        ),
        policy=policy,
        exports=exported(policy, parts.exporters) if rows else (),
        hardened=parts.harden(row.slug, rows) if rows and parts.harden else None,
        history=tuple(parts.view.history(row.slug)),
        removed=tuple(
            CataloguedRemoval(
                row=one,
                path=place.of(one.key),
                moved_to=place.of(one.new_key) if one.new_key is not None and one.new_key in present else None,
            )
            for one in gone
        ),
        namesakes=place.namesakes,
    )


def order_of_risk(entry: CataloguedEntry) -> tuple[int, int, float, str, str]:
    """Sort the riskiest first: by risk, severity, then how sure we are; ties by server and key."""
    verdict = entry.verdict
    return (-verdict.risk, -verdict.severity, -verdict.confidence, entry.server.slug, entry.row.key)
