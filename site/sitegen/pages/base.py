"""What pages of every kind share."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from catalog.view import ServerRow
from sitegen.catalogue import CataloguedEntry
from sitegen.slugs import slug
from sitegen.visible import LONGEST_NAME, one_line

_SUMMARY = 150


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A link to a page of the site."""

    text: str
    to: str
    """The target from the site's root: ``servers/x/``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alternate:
    """A file that says the same as a page in another format."""

    type: str
    """Its media type."""
    title: str
    to: str
    """Its path from the site's root."""


class Page(Protocol):
    """One page, ready for its template."""

    @property
    def template(self) -> str:
        """Return the template's file name."""
        ...

    @property
    def path(self) -> str:
        """Return the page's place from the site's root: a folder, or a file that ends in ``.html``."""
        ...

    @property
    def title(self) -> str:
        """Return the window title."""
        ...

    @property
    def summary(self) -> str:
        """Return one line for search results."""
        ...

    @property
    def crumbs(self) -> Sequence[Link]:
        """Return the way from the home page to here, without this page."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """One part of a distribution: how many entries have this risk or category."""

    name: str
    number: int
    to: str
    start: float
    """Where the part begins in a bar of 100."""
    width: float


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryLine:
    """A tool or action as one row of a table."""

    name: str
    to: str
    server: Link
    summary: str
    category: str
    risk: str
    rank: int
    """The risk as a number, for sorting."""
    decision: str
    """What the policy decides; empty where the table has no such column."""


def line(entry: CataloguedEntry, decision: str = "") -> EntryLine:
    """Return an entry as a table row."""
    verdict = entry.verdict
    return EntryLine(
        name=entry.label,
        to=entry.path,
        server=Link(text=entry.server.title, to=server_path(entry)),
        summary=one_line(entry.tool.description, _SUMMARY),
        category=verdict.category.value,
        risk=verdict.risk.label,
        rank=int(verdict.risk),
        decision=decision,
    )


def twins(folder: str) -> tuple[Alternate, ...]:
    """Return the twins of the page of a tool or a server, which lie beside it."""
    return (
        Alternate(type="application/json", title="This page as data", to=f"{folder}page.json"),
        Alternate(type="text/markdown", title="This page as Markdown", to=f"{folder}page.md"),
    )


def feeds(path: str) -> tuple[Alternate, ...]:
    """Return the feeds whose files are ``path`` with an ending, for the page of what they are about."""
    return (
        Alternate(type="application/atom+xml", title="Changes (Atom)", to=f"{path}.xml"),
        Alternate(type="application/feed+json", title="Changes (JSON Feed)", to=f"{path}.json"),
    )


def server_path(entry: CataloguedEntry) -> str:
    """Return the page of the server that an entry is on."""
    return entry.path.rstrip("/").rpartition("/")[0] + "/"


def product_link(server: ServerRow) -> Link | None:
    """Return the link to the page of the product that a server is for; None where it is for none."""
    if not server.product:
        return None
    folder = slug(server.product, distinct=server.product)
    return Link(text=one_line(server.product_title or server.product, LONGEST_NAME), to=f"products/{folder}/")


def shares(numbers: Mapping[str, tuple[int, str]]) -> tuple[Share, ...]:
    """Return a distribution from name to (number, target), in that order."""
    total = sum(number for number, _ in numbers.values()) or 1
    found, start = [], 0.0
    for name, (number, to) in numbers.items():
        width = round(100 * number / total, 2)
        found.append(Share(name=name, number=number, to=to, start=round(start, 2), width=width))
        start += width
    return tuple(found)


def day(moment: datetime) -> str:
    """Return the day of a moment, for example ``2026-11-22``."""
    return moment.date().isoformat()
