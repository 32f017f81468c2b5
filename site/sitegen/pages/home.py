"""The first page: how much there is, where it is risky, what changed, and the ways in."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from heapq import nsmallest
from itertools import islice
from typing import ClassVar

from classifier.verdict import Category, Level
from sitegen.index import Index, IndexedServer
from sitegen.pages.base import EntryLine, Link, Share, day, shares
from sitegen.pages.lines import ChangeLine, ServerLine, change_line, entry_line, server_line
from sitegen.pages.servers import Product, products
from sitegen.places import category_path, risk_path
from sitegen.words import count

_RISKIEST = 12
_CHANGES = 10
_SERVERS = 60
_PRODUCTS = 60

# Shades of the matrix: they grow with the square root of a number, so that small ones differ as well.
_SHADES = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """How many entries have one category and risk."""

    number: int
    shade: int
    """From 0 for none to 5 for the largest number of the matrix."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MatrixRow:
    """One category of the matrix, with a cell for each risk."""

    category: Link
    cells: tuple[Cell, ...]
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HomePage:
    """The first page."""

    template: ClassVar[str] = "home.html"

    path: str
    title: str
    summary: str
    crumbs: tuple[Link, ...]
    as_of: str
    """The day of the latest look; empty in an empty catalogue."""
    totals: tuple[tuple[str, str], ...]
    """A number and what it counts."""
    shares: tuple[Share, ...]
    levels: tuple[Link, ...]
    matrix: tuple[MatrixRow, ...]
    riskiest: tuple[EntryLine, ...]
    changes: tuple[ChangeLine, ...]
    """The latest first."""
    products: tuple[Product, ...]
    """Those with most servers."""
    product_count: int
    servers: tuple[ServerLine, ...]
    """The riskiest and largest first."""
    server_count: int


def home_page(index: Index, title: str) -> HomePage:
    """Gather the first page of a site called ``title``."""
    levels = sorted(Level, reverse=True)
    risks = {level: sum(index.cells.get((category, level), 0) for category in Category) for level in levels}
    entries, servers = sum(risks.values()), index.server_count
    tools = entries - index.action_count
    known = products(index).values()
    return HomePage(
        path="",
        title=f"{title}: what the tools of AI agents can do",
        summary=f"{count(tools, 'tool')} and {count(index.action_count, 'action')} of {count(servers, 'MCP server')}, "
        "each with its risk, the evidence, and a recommended policy.",
        crumbs=(),
        as_of=day(index.as_of) if index.as_of else "",
        totals=(
            _total(servers, "server"),
            _total(tools, "tool"),
            _total(index.action_count, "action behind dispatcher tools", "actions behind dispatcher tools"),
            _total(risks[Level.HIGH] + risks[Level.CRITICAL], "at High or Critical risk", ""),
        ),
        shares=shares({level.label: (number, risk_path(level)) for level, number in risks.items()}),
        levels=tuple(Link(text=level.label, to=risk_path(level)) for level in levels),
        matrix=_matrix(index.cells),
        riskiest=tuple(map(entry_line, islice(index.ranked(), _RISKIEST))),
        changes=tuple(map(change_line, index.changes(_CHANGES))),
        products=tuple(nsmallest(_PRODUCTS, known, key=lambda product: (-product.servers, product.name.casefold()))),
        product_count=len(known),
        servers=tuple(map(server_line, nsmallest(_SERVERS, index.servers(), key=_order))),
        server_count=servers,
    )


def _order(server: IndexedServer) -> tuple[int, int, int, str]:
    """Sort the riskiest first, then those with most that is risky, then the largest."""
    _, _, high, critical = server.risks
    return (-(server.worst or 0), -(high + critical), -(server.tools + server.actions), server.slug)


def _matrix(cells: Mapping[tuple[Category, Level], int]) -> tuple[MatrixRow, ...]:
    largest = max(cells.values(), default=0)
    return tuple(
        MatrixRow(
            category=Link(text=category.value, to=category_path(category)),
            cells=tuple(_cell(cells.get((category, level), 0), largest) for level in sorted(Level, reverse=True)),
            total=sum(cells.get((category, level), 0) for level in Level),
        )
        for category in Category
    )


def _cell(number: int, largest: int) -> Cell:
    return Cell(number=number, shade=math.ceil(_SHADES * math.sqrt(number / largest)) if number else 0)


def _total(number: int, noun: str, plural: str | None = None) -> tuple[str, str]:
    words = noun if number == 1 or plural == "" else plural or f"{noun}s"
    return f"{number:,}", words
