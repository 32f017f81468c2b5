"""Pages that list tools or servers: home, risk levels, categories, products."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from types import MappingProxyType
from typing import ClassVar

from classifier.verdict import Category, Level
from sitegen.catalogue import Catalogue, CataloguedEntry, CataloguedServer, order_of_risk
from sitegen.pages.base import LONGEST_NAME, EntryLine, Link, Share, day, line, product_link, shares
from sitegen.standing import Kind, reason_words, standing
from sitegen.visible import bounded, one_line
from sitegen.words import category_summary, count, level_summary

# Rows of one page: about 40 KB of HTML.
_PER_PAGE = 100

_RISKIEST = 12

_KNOWN: Mapping[Kind, str] = MappingProxyType(
    {"listed": "", "declared": ", declared", "recorded": ", recorded", "not_listed": ""}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerLine:
    """A server as one row of a table."""

    name: str
    to: str
    origin: str
    product: str
    tools: str
    """How many tools and actions, or why there are none."""
    number: int
    worst: str
    """The highest risk among its entries; empty where nothing is listed."""
    rank: int
    seen: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MatrixRow:
    """How many entries of one category have each risk, in the order of the home page's columns."""

    category: Link
    numbers: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class HomePage:
    """The first page."""

    template: ClassVar[str] = "old-home.html"

    path: str
    title: str
    summary: str
    crumbs: tuple[Link, ...]
    totals: tuple[tuple[str, str], ...]
    """A number and what it counts."""
    shares: tuple[Share, ...]
    riskiest: tuple[EntryLine, ...]
    servers: tuple[ServerLine, ...]
    levels: tuple[Link, ...]
    matrix: tuple[MatrixRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListPage:
    """One page of a list of tools."""

    template: ClassVar[str] = "old-list.html"

    path: str
    title: str
    summary: str
    crumbs: tuple[Link, ...]
    heading: str
    risk: str
    """The risk level that the list is about; empty for a list of another kind."""
    intro: str
    total: str
    entries: tuple[EntryLine, ...]
    numbers: tuple[Link, ...]
    """Every page of the list; empty where there is one."""
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductPage:
    """The servers for one product."""

    template: ClassVar[str] = "old-product.html"

    path: str
    title: str
    summary: str
    crumbs: tuple[Link, ...]
    name: str
    servers: tuple[ServerLine, ...]


def home_page(catalogue: Catalogue, title: str) -> HomePage:
    """Gather the first page."""
    entries = catalogue.entries
    actions = sum(1 for entry in entries if entry.row.dispatch)
    cells: dict[tuple[Category, Level], int] = defaultdict(int)
    for entry in entries:
        cells[entry.verdict.category, entry.verdict.risk] += 1
    levels = sorted(Level, reverse=True)
    return HomePage(
        path="",
        title=f"{title}: what the tools of AI agents can do",
        summary=f"{count(len(entries) - actions, 'tool')} and {count(actions, 'action')} of "
        f"{count(len(catalogue.servers), 'MCP server')}, each with its risk, the evidence, and a recommended policy.",
        crumbs=(),
        totals=(
            _total(len(catalogue.servers), "server"),
            _total(len(entries) - actions, "tool"),
            _total(actions, "action behind dispatcher tools", "actions behind dispatcher tools"),
            _total(catalogue.risks[Level.HIGH] + catalogue.risks[Level.CRITICAL], "at High or Critical risk", ""),
        ),
        shares=shares({level.label: (number, _level_path(level)) for level, number in catalogue.risks.items()}),
        riskiest=tuple(line(entry) for entry in sorted(entries, key=order_of_risk)[:_RISKIEST]),
        servers=tuple(server_line(server) for server in catalogue.servers),
        levels=tuple(Link(text=level.label, to=_level_path(level)) for level in levels),
        matrix=tuple(
            MatrixRow(
                category=Link(text=category.value, to=_category_path(category)),
                numbers=tuple(cells[category, level] for level in levels),
            )
            for category in Category
        ),
    )


def risk_pages(catalogue: Catalogue) -> Iterator[ListPage]:
    """Yield the pages of each risk level; a level without a tool has its page too."""
    entries = sorted(catalogue.entries, key=order_of_risk)
    by_level = {level: tuple(group) for level, group in groupby(entries, key=lambda entry: entry.verdict.risk)}
    for level in sorted(Level, reverse=True):
        yield from _list(
            _level_path(level), f"{level.label} risk", level_summary(level), by_level.get(level, ()), risk=level.label
        )


def category_pages(catalogue: Catalogue) -> Iterator[ListPage]:
    """Yield the pages of each category."""
    entries = sorted(catalogue.entries, key=order_of_risk)
    for category in Category:
        chosen = tuple(entry for entry in entries if entry.verdict.category is category)
        yield from _list(_category_path(category), f"{category} tools", category_summary(category), chosen)


def product_pages(catalogue: Catalogue) -> Iterator[ProductPage]:
    """Yield a page for each product that a server is for."""
    products: dict[Link, list[CataloguedServer]] = defaultdict(list)
    for server in catalogue.servers:
        if link := product_link(server.row):
            products[link].append(server)
    for link, servers in sorted(products.items(), key=lambda item: item[0].to):
        name = link.text
        yield ProductPage(
            path=link.to,
            title=f"MCP servers for {name}",
            summary=f"{count(len(servers), 'MCP server')} for {name}, with every tool's risk and recommended policies.",
            crumbs=(),
            name=name,
            servers=tuple(server_line(server) for server in servers),
        )


def server_line(server: CataloguedServer) -> ServerLine:
    """Return a server as a table row."""
    row = server.row
    worst = max((entry.verdict.risk for entry in server.entries), default=None)
    counts = count(row.tools, "tool") + (f", {count(row.actions, 'action')}" if row.actions else "")
    reason = row.latest.reason
    how = standing(row, [entry.row for entry in server.entries])
    return ServerLine(
        name=one_line(row.title, LONGEST_NAME) or row.slug,
        to=server.path,
        origin=bounded(row.origin.public, LONGEST_NAME),
        product=row.product_title or "",
        tools=f"{counts}{_KNOWN[how.kind]}" if row.listing or reason is None else f"not listed: {reason_words(reason)}",
        number=row.tools + row.actions,
        worst=worst.label if worst else "",
        rank=int(worst or 0),
        seen=day(row.latest.finished_at),
    )


def _list(
    path: str, heading: str, intro: str, entries: Sequence[CataloguedEntry], *, risk: str = ""
) -> Iterator[ListPage]:
    pages = max(1, -(-len(entries) // _PER_PAGE))
    numbers = tuple(Link(text=str(number), to=_numbered(path, number)) for number in range(1, pages + 1))
    for number in range(1, pages + 1):
        part = entries[(number - 1) * _PER_PAGE : number * _PER_PAGE]
        suffix = f", page {number}" if number > 1 else ""
        yield ListPage(
            path=_numbered(path, number),
            title=f"{heading}{suffix}",
            summary=f"{heading}: {intro}",
            crumbs=(),
            heading=heading,
            risk=risk,
            intro=intro,
            total=count(len(entries), "tool or action", "tools and actions"),
            entries=tuple(line(entry) for entry in part),
            numbers=numbers if pages > 1 else (),
            number=number,
        )


def _numbered(path: str, number: int) -> str:
    return path if number == 1 else f"{path}{number}/"


def _level_path(level: Level) -> str:
    return f"risk/{level.label.lower()}/"


def _category_path(category: Category) -> str:
    return f"category/{category.lower()}/"


def _total(number: int, noun: str, plural: str | None = None) -> tuple[str, str]:
    words = noun if number == 1 or plural == "" else plural or f"{noun}s"
    return f"{number:,}", words
