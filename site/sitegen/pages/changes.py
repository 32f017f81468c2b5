"""The latest changes of all servers, day by day: all of them, and those that raised a risk."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from typing import ClassVar

from catalog.view import Effect
from sitegen.index import Index, IndexedChange
from sitegen.pages.base import Alternate, Link, day, feeds
from sitegen.pages.lines import ChangeLine, change_line
from sitegen.pages.paging import Paging, Spread, pages
from sitegen.words import count

MOST = 500
"""Changes that the pages show; feeds and the pages of servers have the others."""

_PER_PAGE = 100

CHANGES = Link(text="Changes", to="changes/")

_RAISED = Link(text="Raised risks", to="changes/risk-raised/")

FEEDS = (
    Link(text="Atom feed", to="changes/feed.xml"),
    Link(text="JSON feed", to="changes/feed.json"),
    Link(text="Atom feed of High and Critical risk only", to="changes/high-risk.xml"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """The changes of one day."""

    day: str
    changes: tuple[ChangeLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangesPage:
    """One page of changes, the latest first."""

    template: ClassVar[str] = "changes.html"

    path: str
    title: str
    summary: str
    crumbs: tuple[Link, ...]
    heading: str
    total: str
    as_of: str
    """The day of the latest look; empty in an empty catalogue."""
    days: tuple[Day, ...]
    lists: tuple[Link, ...]
    """This list and the others of the kind."""
    here: str
    """The first page of this list, to tell it among those."""
    feeds: tuple[Link, ...]
    nothing: str
    """What the page says where there is no change."""
    paging: Paging

    @property
    def alternates(self) -> tuple[Alternate, ...]:
        """Return the feeds of all changes."""
        return feeds("changes/feed")


def changes_pages(index: Index) -> Iterator[ChangesPage]:
    """Yield the pages of all latest changes, then of those among them that raised a risk."""
    latest = index.changes(MOST)
    as_of = day(index.as_of) if index.as_of else ""
    raised = [change for change in latest if change.effect is Effect.RISK_RAISED]
    total = f"The latest {count(len(latest), 'change')}" if len(latest) == MOST else count(len(latest), "change")
    everything = partial(
        _page,
        link=CHANGES,
        summary="What servers added, removed and changed among their tools, and what that did to the risk.",
        total=total,
        as_of=as_of,
        nothing="No change has been seen yet. One is seen when a server is looked at again and lists something else.",
    )
    yield from _pages(CHANGES.to, latest, everything)
    risks = partial(
        _page,
        link=_RAISED,
        summary="Tools whose new definition is riskier than the one before: what was allowed then may not be now.",
        total=f"{len(raised):,} of {total[:1].lower()}{total[1:]}",
        as_of=as_of,
        nothing="Among the latest changes, none raised the risk of a tool.",
    )
    yield from _pages(_RAISED.to, raised, risks)


def _pages(path: str, changes: Sequence[IndexedChange], make: "partial[ChangesPage]") -> Iterator[ChangesPage]:
    yield from pages(Spread(path=path, total=len(changes), make=make, per_page=_PER_PAGE), map(change_line, changes))


def _page(
    rows: Sequence[ChangeLine],
    paging: Paging,
    *,
    link: Link,
    summary: str,
    total: str,
    as_of: str,
    nothing: str,
) -> ChangesPage:
    return ChangesPage(
        path=paging.path,
        title=f"{link.text}{paging.suffix}",
        summary=summary,
        crumbs=() if link is CHANGES else (CHANGES,),
        heading=link.text,
        total=total,
        as_of=as_of if paging.number == 1 else "",
        days=tuple(
            Day(day=day, changes=tuple(changes)) for day, changes in groupby(rows, key=lambda change: change.day)
        ),
        lists=(Link(text="All changes", to=CHANGES.to), _RAISED),
        here=link.to,
        feeds=FEEDS,
        nothing=nothing,
        paging=paging,
    )
