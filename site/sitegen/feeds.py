"""Feeds of changes: Atom (RFC 4287) and JSON Feed 1.1, for everything, for High and Critical risk, and for each server.

Dates are those of the changes, and identifiers come from what changed, so that equal changes give equal bytes.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import assert_never
from uuid import NAMESPACE_URL, UUID, uuid5

from feedgenerator import Atom1Feed
from markupsafe import escape

from catalog.view import ChangeKind, Effect
from classifier.verdict import Level
from sitegen.brief import indexed_change
from sitegen.catalogue import CataloguedServer
from sitegen.documents.api import change_document
from sitegen.documents.encoding import encoded
from sitegen.index import Index, IndexedChange
from sitegen.links import Links, absolute
from sitegen.parts import SiteOptions
from sitegen.visible import one_line, visible
from sitegen.words import article

# Entries of one feed: whoever reads it less than weekly has the pages.
_MOST = 100

# Changes among which those at high risk are looked for.
_LOOKED_AT = 10_000

# Names in a title.
_NAME = 80

# When a feed without an entry was last updated; the time of the build would change it at every build.
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """One feed in both formats."""

    title: str
    path: str
    """Its files' path from the site's root, without the ending: ``changes/feed``."""
    page: str
    """The page that says the same."""
    changes: Sequence[IndexedChange]
    """The latest first."""


class _AtomFeed(Atom1Feed):  # type: ignore[misc]  # feedgenerator has no types
    def latest_post_date(self) -> datetime:
        """Return when the feed changed last; the library takes the time of the build where there is no entry."""
        return max((item["pubdate"] for item in self.items), default=_NEVER)


def catalogue_feeds(index: Index, options: SiteOptions) -> Iterator[tuple[str, bytes]]:
    """Yield the feeds of all servers: every change, and those of tools at High or Critical risk."""
    changes = index.changes(_LOOKED_AT)
    high = [change for change in changes if _is_high(change)]
    title = f"{options.title}: changes"
    yield from change_feeds(Feed(title=title, path="changes/feed", page="changes/", changes=changes), options)
    title = f"{options.title}: changes at High or Critical risk"
    yield from change_feeds(Feed(title=title, path="changes/high-risk", page="changes/", changes=high), options)


def server_feeds(server: CataloguedServer, options: SiteOptions) -> Iterator[tuple[str, bytes]]:
    """Yield the feeds of one server."""
    feed = Feed(
        title=f"{server.title}: changes of its tools",
        path=f"{server.path}changes",
        page=server.path,
        changes=indexed_changes(server),
    )
    yield from change_feeds(feed, options)


def change_feeds(feed: Feed, options: SiteOptions) -> Iterator[tuple[str, bytes]]:
    """Yield a feed as ``.xml`` and ``.json``, with its latest changes.

    Links are relative where the site has no address; JSON Feed allows none, so its entries only name their pages then.
    """
    changes = feed.changes[:_MOST]
    yield f"{feed.path}.xml", _atom(feed, changes, options)
    yield f"{feed.path}.json", _json_feed(feed, changes, options)


def indexed_changes(server: CataloguedServer) -> tuple[IndexedChange, ...]:
    """Return one server's changes in short, the latest first."""
    paths = {removal.row.key: removal.path for removal in server.removed}
    paths |= {entry.row.key: entry.path for entry in server.entries}
    return tuple(
        indexed_change(change, title=server.title, page=server.path, path_of=paths.get) for change in server.history
    )


def change_title(change: IndexedChange) -> str:
    """Say in one line what changed. Names are the server's, with hidden characters written out."""
    name = _shown(change.name)
    server = _shown(change.server_title) or change.server
    match change.kind:
        case ChangeKind.ADDED:
            risk = f", {change.risk.label} risk" if change.risk else ""
            return f"{name} was added to {server}{risk}"
        case ChangeKind.REMOVED:
            return f"{name} was removed from {server}"
        case ChangeKind.RENAMED:
            return f"{name} of {server} is now called {_shown(change.new_name)}"
        case ChangeKind.CHANGED:
            return f"{name} of {server}: {_effect(change)}"
    assert_never(change.kind)


def _effect(change: IndexedChange) -> str:
    match change.effect:
        case None:
            return "its definition changed"
        case Effect.COSMETIC:
            return "only its words changed"
        case Effect.INTERFACE:
            return "its parameters, results or hints changed, its risk did not"
        case Effect.RISK_RAISED:
            return f"its risk rose{_levels(change)}"
        case Effect.RISK_LOWERED:
            return f"its risk fell{_levels(change)}"
    assert_never(change.effect)


def _levels(change: IndexedChange) -> str:
    if change.risk is None or change.risk_before is None:
        return ""
    return f" from {change.risk_before.label} to {change.risk.label}"


def _atom(feed: Feed, changes: Sequence[IndexedChange], options: SiteOptions) -> bytes:
    file = f"{feed.path}.xml"
    links = Links(page=file, base_url=None)

    def link(target: str) -> str:
        return absolute(options.base_url, target) if options.base_url else links.to(target)

    atom = _AtomFeed(
        title=visible(feed.title),
        link=link(feed.page),
        description=None,
        language="en",
        author_name=options.title,
        feed_url=link(file) if options.base_url else None,
        feed_guid=_urn(options, feed.path),
    )
    for change in changes:
        atom.add_item(
            title=change_title(change),
            link=link(change.path),
            description=str(escape(_summary(change))),  # feedgenerator writes summaries as HTML
            pubdate=change.at,
            updateddate=change.at,
            unique_id=_change_urn(change, options),
            categories=_tags(change),
        )
    text: str = atom.writeString("utf-8")
    return f"{text}\n".encode()


def _json_feed(feed: Feed, changes: Sequence[IndexedChange], options: SiteOptions) -> bytes:
    base_url = options.base_url
    document: dict[str, object] = {"version": "https://jsonfeed.org/version/1.1", "title": visible(feed.title)}
    if base_url:
        document |= {
            "home_page_url": absolute(base_url, feed.page),
            "feed_url": absolute(base_url, f"{feed.path}.json"),
        }
    return encoded(
        {
            **document,
            "language": "en",
            "authors": [{"name": options.title}],
            "items": [
                {
                    "id": _change_urn(change, options),
                    **({"url": absolute(base_url, change.path)} if base_url else {}),
                    "title": change_title(change),
                    "content_text": _summary(change),
                    "date_published": change.at,
                    "tags": _tags(change),
                    # The format leaves names that begin with an underscore to us.
                    "_catalog": change_document(change),
                }
                for change in changes
            ],
        }
    )


def _summary(change: IndexedChange) -> str:
    """Say what the tool is, or was before it went."""
    if change.category is None or change.risk is None:
        return "It was never judged."
    was = "It was" if change.kind is ChangeKind.REMOVED else "It is"
    return f"{was} {article(f'{change.category} tool')} at {change.risk.label} risk."


def _tags(change: IndexedChange) -> list[str]:
    found = [change.kind.value]
    if change.effect:
        found.append(change.effect.value)
    if change.category:
        found.append(change.category.value)
    if change.risk:
        found.append(f"{change.risk.label} risk")
    return found


def _is_high(change: IndexedChange) -> bool:
    return max(change.risk or Level.LOW, change.risk_before or Level.LOW) >= Level.HIGH


def _change_urn(change: IndexedChange, options: SiteOptions) -> str:
    what = (change.server, change.path, change.name, change.new_name, change.kind.value, change.at.isoformat())
    return _urn(options, "\n".join(what))


def _urn(options: SiteOptions, name: str) -> str:
    """Return an identifier that stays the same from build to build, and is another site's never."""
    site: UUID = uuid5(NAMESPACE_URL, options.base_url or options.title)
    return uuid5(site, visible(name)).urn


def _shown(name: str) -> str:
    return visible(one_line(name, _NAME))
