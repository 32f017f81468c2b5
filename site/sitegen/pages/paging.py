"""Long lists on several pages: rows come one by one, and no more than a page of them is held."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from sitegen.pages.base import Link

# Pages on each side of a page that it links to, besides the first and the last.
_AROUND = 2

FOLDER_MARK = "page_"
"""Before the number of a page whose neighbours are folders named by slugs: no slug has an underscore."""

Row = TypeVar("Row")
Made = TypeVar("Made")


@dataclass(frozen=True, slots=True, kw_only=True)
class Paging:
    """Where a page stands among the pages of its list."""

    path: str
    number: int
    """From 1."""
    count: int
    first_row: int
    """The place in the list of the page's first row, from 1."""
    previous: Link | None
    next: Link | None
    links: tuple[Link | None, ...]
    """The first page, the last, and those around this one, in order; None stands for a gap. Empty for one page."""

    @property
    def suffix(self) -> str:
        """Return what tells this page's title from the first one's: ``, page 2``; empty on the first."""
        return f", page {self.number:,}" if self.number > 1 else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread(Generic[Row, Made]):
    """How one list is spread over pages."""

    path: str
    """The first page; the others are below it."""
    total: int
    """Rows of the list, shown or not."""
    make: Callable[[Sequence[Row], Paging], Made]
    """Makes a page of its rows."""
    per_page: int
    most: int | None = None
    """Rows that are shown; None shows all."""
    mark: str = ""
    """Stands before the number in the folder of every page but the first."""

    @property
    def shown(self) -> int:
        """Return how many rows the pages show."""
        return self.total if self.most is None else min(self.total, self.most)

    @property
    def count(self) -> int:
        """Return the number of pages; an empty list has one."""
        return max(1, -(-self.shown // self.per_page))

    def page(self, number: int, rows: Sequence[Row]) -> Made:
        """Return the page with this number, from 1, of its own rows."""
        near = range(max(1, number - _AROUND), min(self.count, number + _AROUND) + 1)
        numbers = sorted({1, *near, self.count}) if self.count > 1 else []
        links: list[Link | None] = []
        for before, each in zip([0, *numbers], numbers, strict=False):
            links += [None] * (each > before + 1) + [self._link(each)]
        return self.make(
            rows,
            Paging(
                path=self._path(number),
                number=number,
                count=self.count,
                first_row=(number - 1) * self.per_page + 1,
                previous=self._link(number - 1) if number > 1 else None,
                next=self._link(number + 1) if number < self.count else None,
                links=tuple(links),
            ),
        )

    def _link(self, number: int) -> Link:
        return Link(text=f"{number:,}", to=self._path(number))

    def _path(self, number: int) -> str:
        return self.path if number == 1 else f"{self.path}{self.mark}{number}/"


class Filling(Generic[Row, Made]):
    """Takes the rows of a list in order and gives each page as soon as it is full."""

    __slots__ = ("_made", "_rows", "_spread")

    def __init__(self, spread: Spread[Row, Made]) -> None:
        self._spread = spread
        self._rows: list[Row] = []
        self._made = 0

    def add(self, row: Row) -> Iterator[Made]:
        """Take the next row; yield the page that it fills. Rows beyond those that are shown are dropped."""
        if self._made == self._spread.count:
            return
        self._rows.append(row)
        if (
            len(self._rows) == self._spread.per_page
            or self._made * self._spread.per_page + len(self._rows) == self._spread.shown
        ):
            yield self._page()

    def end(self) -> Iterator[Made]:
        """Yield what no further row will fill: the page of a list without rows."""
        if self._rows or not self._made:
            yield self._page()

    def _page(self) -> Made:
        self._made += 1
        rows, self._rows = self._rows, []
        return self._spread.page(self._made, rows)


def pages(spread: Spread[Row, Made], rows: Iterable[Row]) -> Iterator[Made]:
    """Yield the pages of one list."""
    filling = Filling(spread)
    for row in rows:
        yield from filling.add(row)
    yield from filling.end()
