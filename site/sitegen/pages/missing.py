"""The page for addresses that do not exist."""

from dataclasses import dataclass
from typing import ClassVar

from sitegen.pages.base import Link


@dataclass(frozen=True, slots=True, kw_only=True)
class NotFoundPage:
    """What a web server shows for an address that does not exist."""

    template: ClassVar[str] = "404.html"

    path: str
    title: str
    summary: str
    crumbs: tuple[Link, ...]


def not_found_page() -> NotFoundPage:
    """Gather the page for unknown addresses."""
    return NotFoundPage(path="404.html", title="No such page", summary="There is nothing at this address.", crumbs=())
