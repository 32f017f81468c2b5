"""The page of an entry that its server no longer has, or that has another name now."""

from dataclasses import dataclass
from typing import ClassVar

from sitegen.catalogue import CataloguedRemoval, CataloguedServer
from sitegen.pages.base import Link, day
from sitegen.places import category_path, risk_path
from sitegen.visible import LONGEST_NAME, bounded, one_line

# Characters of its last description that the page shows.
_DESCRIPTION = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class GonePage:
    """Everything on the page of a removed or renamed entry."""

    template: ClassVar[str] = "gone.html"

    path: str
    title: str
    summary: str
    crumbs: tuple[Link, ...]
    name: str
    server: Link
    moved_to: Link | None
    """The page of the entry that took its place; a browser goes there by itself."""
    description: str
    """Its last description, or the beginning."""
    reached: str
    """The dispatcher tool of an action; empty for a tool."""
    category: Link | None
    """As last judged; None where it never was."""
    risk: str
    """As last judged; empty where it never was."""
    risk_page: str
    first_seen: str
    last_seen: str
    removed_at: str
    hash: str


def removal_page(removal: CataloguedRemoval, server: CataloguedServer) -> GonePage:
    """Gather the page of an entry that is gone."""
    row = removal.row
    name = one_line(row.definition.name, LONGEST_NAME) or "(no name)"
    home = Link(text=server.title, to=server.path)
    moved_to = _moved_to(removal, server)
    return GonePage(
        path=removal.path,
        title=f"{name} is now {moved_to.text}" if moved_to else f"{name} was removed from {home.text}",
        summary=f"{name} of {home.text} was last seen on {day(row.last_seen)}"
        + (f"; it is called {moved_to.text} now." if moved_to else " and is gone."),
        crumbs=(Link(text="Servers", to="servers/"), home),
        name=name,
        server=home,
        moved_to=moved_to,
        description=bounded(row.definition.tool.description, _DESCRIPTION),
        reached=row.dispatch.tool if row.dispatch else "",
        category=Link(text=row.category.value, to=category_path(row.category)) if row.category else None,
        risk=row.risk.label if row.risk else "",
        risk_page=risk_path(row.risk) if row.risk else "",
        first_seen=day(row.first_seen),
        last_seen=day(row.last_seen),
        removed_at=day(row.removed_at),
        hash=row.definition.hash[:12],
    )


def _moved_to(removal: CataloguedRemoval, server: CataloguedServer) -> Link | None:
    if removal.moved_to is None:
        return None
    new = next((entry for entry in server.entries if entry.path == removal.moved_to), None)
    return Link(text=(one_line(new.name, LONGEST_NAME) if new else "") or "another tool", to=removal.moved_to)
