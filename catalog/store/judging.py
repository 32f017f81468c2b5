"""Judgements of the entries that are present: which are missing or stale, and keeping new ones.

A judgement depends on the siblings of an entry, so any change of a server's entries makes all of that server's stale.
Those of entries that are gone stay as they are, and each keeps what was said first (catalog.history).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, and_, select, update

from catalog.model import Entry
from catalog.store.database import insert_into
from catalog.store.encoding import Columns, classification_columns, entry
from catalog.store.tables import DEFINITION, JUDGEMENT, PRESENCE, SERVER
from classifier.verdict import Classification


@dataclass(frozen=True, slots=True, kw_only=True)
class Present:
    """The entries present on one server, and since which observation just these are."""

    server: str
    """The server's slug."""
    entries: tuple[Entry, ...]
    """Sorted by key."""
    as_of: int | None
    """None where the server was never seen to have an entry."""


def unjudged(connection: Connection, ruleset: str) -> list[str]:
    """Return the slugs, sorted, of servers with a present entry that ``ruleset`` has not judged among its siblings."""
    fresh = and_(
        JUDGEMENT.c.presence_id == PRESENCE.c.id,
        JUDGEMENT.c.ruleset == ruleset,
        JUDGEMENT.c.as_of == SERVER.c.entries_as_of,
    )
    statement = (
        select(SERVER.c.slug)
        .distinct()
        .join(PRESENCE, PRESENCE.c.server_id == SERVER.c.id)
        .outerjoin(JUDGEMENT, fresh)
        .where(PRESENCE.c.closed_by.is_(None), JUDGEMENT.c.presence_id.is_(None))
    )
    return sorted(connection.execute(statement).scalars())


def present(connection: Connection, server: str) -> Present:
    """Return the entries present on ``server``; none where there is no such server."""
    statement = (
        select(SERVER.c.entries_as_of, DEFINITION.c.body, PRESENCE.c.provenance, PRESENCE.c.dispatch, PRESENCE.c.run)
        .join(PRESENCE, PRESENCE.c.server_id == SERVER.c.id)
        .join(DEFINITION, DEFINITION.c.hash == PRESENCE.c.definition)
        .where(SERVER.c.slug == server, PRESENCE.c.closed_by.is_(None))
    )
    rows = connection.execute(statement).all()
    entries = sorted(map(entry, rows), key=lambda found: found.key)
    return Present(server=server, entries=tuple(entries), as_of=rows[0].entries_as_of if rows else None)


def judge(connection: Connection, judged: Present, ruleset: str, classifications: Mapping[str, Classification]) -> bool:
    """Replace the judgements of the entries in ``judged``; see Store.judge."""
    keys = {found.key for found in judged.entries}
    if keys != classifications.keys():
        raise ValueError(f"verdicts and entries differ on {sorted(keys ^ classifications.keys())!r}")
    lock = select(SERVER.c.id, SERVER.c.entries_as_of).where(SERVER.c.slug == judged.server).with_for_update()
    server = connection.execute(lock).one_or_none()
    if server is None or server.entries_as_of != judged.as_of:
        return False
    is_open = (PRESENCE.c.server_id == server.id) & PRESENCE.c.closed_by.is_(None)
    presences = connection.execute(select(PRESENCE.c.id, PRESENCE.c.key).where(is_open)).all()
    rows = [_judgement(row.id, judged.as_of, ruleset, classifications[row.key]) for row in presences]
    if rows:
        statement = insert_into(connection, JUDGEMENT)
        renewed = {name: statement.excluded[name] for name in rows[0] if not name.startswith("first_")}
        connection.execute(statement.on_conflict_do_update(index_elements=["presence_id"], set_=renewed), rows)
    counted = update(SERVER).where(SERVER.c.id == server.id)
    connection.execute(counted.values(judged_by=ruleset, judgings=SERVER.c.judgings + 1))
    return True


def _judgement(presence: int, as_of: int | None, ruleset: str, verdict: Classification) -> Columns:
    columns = {"presence_id": presence, "as_of": as_of, "ruleset": ruleset} | classification_columns(verdict)
    return columns | {f"first_{name}": columns[name] for name in ("ruleset", "category", "risk")}
