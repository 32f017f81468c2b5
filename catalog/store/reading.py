"""The rows of catalog.view: servers as last known, and their present and judged entries.

Statements are built once: a site asks for one server after the other, and building costs more than running them.
"""

from collections.abc import Callable
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, Table, bindparam, case, func, select, true

from catalog.store.encoding import AnyRow, classification, entry, observation_row, origin
from catalog.store.tables import DEFINITION, JUDGEMENT, OBSERVATION, PRESENCE, SERVER
from catalog.view import EntryRow, ObservationRow, ServerRow


def servers(connection: Connection, slug: str | None = None) -> list[ServerRow]:
    """Return every server, or the one that ``slug`` names, sorted by slug.

    The latest attempt is the one recorded last: clocks may jump.
    """
    found = connection.execute(_all_servers()) if slug is None else connection.execute(_one_server(), {"slug": slug})
    # Sorted here, because databases sort text by their own rules.
    return sorted(map(_server, found), key=lambda server: server.slug)


@cache
def _all_servers() -> Select[Any]:
    return _servers(lambda _: true())


@cache
def _one_server() -> Select[Any]:
    # Said within the subqueries as well: else they would group the rows of all servers to show one.
    server_id = select(SERVER.c.id).where(SERVER.c.slug == bindparam("slug")).scalar_subquery()
    return _servers(lambda column: column == server_id)


def _servers(chosen: Callable[[ColumnElement[Any]], ColumnElement[bool]]) -> Select[Any]:
    """Return the statement for the servers whose id, in each table's column, is ``chosen``."""
    is_listed = OBSERVATION.c.outcome.in_(("listed", "declared"))
    ids = (
        select(
            OBSERVATION.c.server_id,
            func.max(OBSERVATION.c.id).label("latest"),
            func.max(case((is_listed, OBSERVATION.c.id))).label("listing"),
        )
        .where(chosen(OBSERVATION.c.server_id))
        .group_by(OBSERVATION.c.server_id)
        .subquery()
    )
    counts = (
        select(
            PRESENCE.c.server_id,
            func.count().label("entries"),
            func.count(PRESENCE.c.dispatch).label("actions"),
        )
        .where(PRESENCE.c.closed_by.is_(None), chosen(PRESENCE.c.server_id))
        .group_by(PRESENCE.c.server_id)
        .subquery()
    )
    latest, listing = OBSERVATION.alias("latest"), OBSERVATION.alias("listing")
    return (
        select(
            SERVER,
            *(column.label(f"latest_{column.name}") for column in latest.c),
            *(column.label(f"listing_{column.name}") for column in listing.c),
            func.coalesce(counts.c.entries, 0).label("entries"),
            func.coalesce(counts.c.actions, 0).label("actions"),
        )
        .join(ids, ids.c.server_id == SERVER.c.id)
        .join(latest, latest.c.id == ids.c.latest)
        .outerjoin(listing, listing.c.id == ids.c.listing)
        .outerjoin(counts, counts.c.server_id == SERVER.c.id)
        .where(chosen(SERVER.c.id))
    )


def _server(row: AnyRow) -> ServerRow:
    known = ("slug", "title", "product", "product_title", "publisher", "homepage", "repository")
    return ServerRow(
        **{name: getattr(row, name) for name in known},
        origin=origin(row.origin),
        environment=tuple(row.environment),
        arguments=tuple(row.arguments),
        latest=_observation(row, "latest"),
        listing=None if row.listing_id is None else _observation(row, "listing"),
        tools=row.entries - row.actions,
        actions=row.actions,
    )


def _observation(row: AnyRow, label: str) -> ObservationRow:
    return observation_row({column.name: getattr(row, f"{label}_{column.name}") for column in OBSERVATION.c})


def entries(connection: Connection, server: str) -> list[EntryRow]:
    """Return the present and judged entries of ``server``, sorted by key."""
    rows = [_entry(server, row) for row in connection.execute(_entries(), {"slug": server})]
    return sorted(rows, key=lambda row: row.key)


@cache
def _entries() -> Select[Any]:
    server_id = select(SERVER.c.id).where(SERVER.c.slug == bindparam("slug")).scalar_subquery()
    first = (
        select(PRESENCE.c.definition, func.min(PRESENCE.c.opened_by).label("observation"))
        .where(PRESENCE.c.server_id == server_id)
        .group_by(PRESENCE.c.definition)
        .subquery()
    )
    first_seen, last_seen = OBSERVATION.alias("first_seen"), OBSERVATION.alias("last_seen")
    return (
        select(
            PRESENCE.c.key,
            PRESENCE.c.provenance,
            PRESENCE.c.dispatch,
            PRESENCE.c.run,
            DEFINITION.c.body,
            first_seen.c.finished_at.label("first_seen"),
            last_seen.c.finished_at.label("last_seen"),
            *_without(JUDGEMENT, "presence_id", "as_of", "first_ruleset", "first_category", "first_risk"),
        )
        .join(DEFINITION, DEFINITION.c.hash == PRESENCE.c.definition)
        .join(JUDGEMENT, JUDGEMENT.c.presence_id == PRESENCE.c.id)
        .join(first, first.c.definition == PRESENCE.c.definition)
        .join(first_seen, first_seen.c.id == first.c.observation)
        .join(last_seen, last_seen.c.id == PRESENCE.c.last_seen)
        .where(PRESENCE.c.server_id == server_id, PRESENCE.c.closed_by.is_(None))
    )


def _without(table: Table, *names: str) -> list[Any]:
    return [column for column in table.c if column.name not in names]


def _entry(server: str, row: AnyRow) -> EntryRow:
    found = entry(row)
    return EntryRow(
        server=server,
        key=row.key,
        definition=found.definition,
        provenance=found.provenance,
        dispatch=found.dispatch,
        run=found.run,
        first_seen=row.first_seen,
        last_seen=row.last_seen,
        classification=classification(row),
        ruleset=row.ruleset,
    )
