"""Which servers an export is about, and what whoever enforces the policy calls each of them."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from catalog.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from catalog.view import CatalogView, EntryRow, ServerRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Subjects:
    """What the command line names."""

    named: "Sequence[str]" = ()
    """Slugs of servers and products."""
    client_config: Path | None = None
    name: str | None = None
    """What the one server is to be called."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """One server to make a policy for."""

    name: str
    """What whoever enforces the policy calls it."""
    slug: str
    entries: "Sequence[EntryRow]"
    """What is known of it; none where it was never listed: then everything is denied."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The servers that were named."""

    servers: tuple[Subject, ...]
    notes: tuple[str, ...]
    unlisted: bool
    """Whether one of them was never listed."""


def find(view: "CatalogView", subjects: Subjects) -> Found:
    """Return the servers to export. Raises: UsageError, and InputError for a file that cannot be read."""
    if subjects.client_config is not None:
        if subjects.named or subjects.name is not None:
            raise UsageError("--client-config names the servers itself: leave out SERVER and --as")
        return _configured(view, subjects.client_config)
    notes: list[str] = []
    rows = {row.slug: row for word in subjects.named for row in _rows(view, word, notes)}
    servers = [Subject(name=row.slug, slug=row.slug, entries=view.entries(row.slug)) for row in rows.values()]
    if subjects.name is not None:
        if len(servers) != 1:
            raise UsageError(f"--as names one server, and there are {len(servers)}: export them one after the other")
        servers = [Subject(name=subjects.name, slug=servers[0].slug, entries=servers[0].entries)]
    notes += [f"{one.slug} offers no tool, so everything is denied" for one in servers if not one.entries]
    return Found(servers=tuple(servers), notes=tuple(notes), unlisted=False)


def _rows(view: "CatalogView", word: str, notes: list[str]) -> "Iterator[ServerRow]":
    """Yield the server with this slug, or the servers of the product with this slug that were ever listed."""
    from catalog.cli.lookup import find_server

    of_product = [row for row in view.servers() if row.product == word] if view.server(word) is None else []
    if not of_product:
        row = find_server(view, word)
        if row.listing is None:
            raise UsageError(f"{word!r} has never been listed, so there is nothing to recommend. {row.latest.hint}")
        yield row
        return
    listed = [row for row in of_product if row.listing is not None]
    if not listed:
        raise UsageError(f"no server of {word!r} has ever been listed; look at them: catalog sync {word}")
    left_out = [row.slug for row in of_product if row.listing is None]
    if left_out:
        notes.append(f"never listed, so left out of {word}: {', '.join(left_out)}")
    yield from listed


def _configured(view: "CatalogView", path: Path) -> Found:
    from catalog.sources.client_config import read_client_file

    config = read_client_file(path, use_secrets=False)
    notes = [f"{config.client}: {problem.where}: {problem.message}" for problem in config.problems]
    servers: list[Subject] = []
    unlisted: list[str] = []
    for name, slugs in config.slugs.items():
        row = view.server(slugs[0]) if len(slugs) == 1 else None
        known = row if row is not None and row.listing is not None else None
        slug = known.slug if known else ""
        servers.append(Subject(name=name, slug=slug, entries=view.entries(slug) if known else ()))
        if known is None and len(slugs) == 1:
            unlisted.append(name)
        elif known is None:
            why = "names different servers in different sections" if slugs else "is no server that can be looked at"
            notes.append(f"{name!r} {why}, so all of it is denied")
        elif not servers[-1].entries:
            notes.append(f"{name!r} offers no tool, so all of it is denied")
    if not servers:
        raise UsageError(f"{str(path)!r} configures no server that its client starts")
    if unlisted:
        names = ", ".join(map(repr, unlisted))
        notes.append(f"never listed, so all of it is denied: {names}. To look: catalog sync --config {path}")
    return Found(servers=tuple(servers), notes=tuple(notes), unlisted=bool(unlisted))
