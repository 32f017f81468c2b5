"""Write one observation: the server, the definitions that are new, and the intervals in which entries are present."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, update

from catalog.model import Changes, Declared, Entry, NotListed, Observation, Problem, Provenance
from catalog.steady import is_same_tool
from catalog.store.database import insert_into
from catalog.store.encoding import Columns, dispatch_value, observation_columns, server_columns
from catalog.store.tables import DEFINITION, OBSERVATION, PRESENCE, SERVER
from classifier.definition import JsonObject


def record(connection: Connection, observation: Observation, crawl: int | None) -> Changes:
    """Write ``observation`` within the caller's transaction; return what it changed of what is present.

    A listing extends the interval of each entry it repeats and closes the others; a changed definition closes one
    interval and opens the next, unless nothing but a moment, a path or an address differs. A listing that may be
    partial closes nothing that it does not mention. An observation that could not list the server closes nothing, and
    neither does one that read the source of a server whose tools are known from itself.
    """
    server_id = _keep_server(connection, server_columns(observation.server))
    outcome = observation.outcome
    if isinstance(outcome, NotListed):
        _append(connection, observation_columns(observation, server_id, (), crawl))
        return Changes()
    entries, repeated = _by_key(outcome.entries)
    columns = observation_columns(observation, server_id, (*outcome.problems, *repeated), crawl)
    observation_id = _append(connection, columns)
    if isinstance(outcome, Declared) and _is_known_from_itself(connection, server_id):
        return Changes()
    closes = isinstance(outcome, Declared) or not outcome.maybe_partial
    return _keep_entries(connection, server_id, observation_id, entries, closes=closes)


def _is_known_from_itself(connection: Connection, server_id: int) -> bool:
    """Say whether entries are present that somebody saw the server list."""
    is_open = (PRESENCE.c.server_id == server_id) & PRESENCE.c.closed_by.is_(None)
    seen = select(PRESENCE.c.id).where(is_open, PRESENCE.c.provenance != Provenance.DECLARED.value).limit(1)
    return connection.execute(seen).first() is not None


def _by_key(entries: Sequence[Entry]) -> tuple[Mapping[str, Entry], Sequence[Problem]]:
    """Return the first entry of each key; a key names one thing at a time, so repeated ones become problems."""
    first: dict[str, Entry] = {}
    repeated = [entry.key for entry in entries if first.setdefault(entry.key, entry) is not entry]
    return first, [Problem(where=f"entry {key!r}", message="listed again; the first one was kept") for key in repeated]


def _keep_server(connection: Connection, columns: Columns) -> int:
    """Insert or update the server; that locks its row until the transaction ends: one writer a server."""
    statement = insert_into(connection, SERVER)
    changed = {name: statement.excluded[name] for name in columns if name != "slug"}
    upsert = statement.on_conflict_do_update(index_elements=["slug"], set_=changed).returning(SERVER.c.id)
    server_id: int = connection.execute(upsert, columns).scalar_one()
    return server_id


def _append(connection: Connection, columns: Columns) -> int:
    observation_id: int = connection.execute(insert(OBSERVATION).returning(OBSERVATION.c.id), columns).scalar_one()
    return observation_id


def _keep_entries(
    connection: Connection, server_id: int, observation_id: int, entries: Mapping[str, Entry], *, closes: bool
) -> Changes:
    is_open = (PRESENCE.c.server_id == server_id) & PRESENCE.c.closed_by.is_(None)
    identity = (PRESENCE.c.key, PRESENCE.c.definition, PRESENCE.c.provenance, PRESENCE.c.dispatch)
    present = {row.key: row for row in connection.execute(select(PRESENCE.c.id, *identity).where(is_open))}
    steady = _steady(connection, entries, present)
    bodies: dict[str, JsonObject] = {}
    opened = []
    unchanged = set()
    for key, entry in entries.items():
        definition = entry.definition.hash
        dispatch = dispatch_value(entry.dispatch)
        before = present.get(key)
        if before is not None:
            shown = before.definition if key in steady else definition
            if tuple(before)[1:] == (key, shown, entry.provenance.value, dispatch):
                unchanged.add(key)
                continue
        bodies[definition] = entry.definition.raw
        opened.append(
            {
                "server_id": server_id,
                "key": key,
                "key_hash": hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest(),
                "definition": definition,
                "provenance": entry.provenance.value,
                "dispatch": dispatch,
                "run": entry.run,
                "opened_by": observation_id,
                "last_seen": observation_id,
                "closed_by": None,
            }
        )
    closed = [key for key in present if key not in unchanged and (closes or key in entries)]
    if closed:
        gone = [{"gone": present[key].id} for key in closed]
        connection.execute(
            update(PRESENCE).where(PRESENCE.c.id == bindparam("gone")).values(closed_by=observation_id), gone
        )
    seen = is_open if closes else is_open & PRESENCE.c.id.in_([present[key].id for key in unchanged])
    connection.execute(update(PRESENCE).where(seen).values(last_seen=observation_id))
    if opened:
        _keep_definitions(connection, bodies)
        connection.execute(insert(PRESENCE), opened)
    if closed or opened:
        connection.execute(update(SERVER).where(SERVER.c.id == server_id).values(entries_as_of=observation_id))
    added = tuple(key for key in entries if key not in present)
    changed = tuple(key for key in entries if key in present and key not in unchanged)
    return Changes(added=added, changed=changed, removed=tuple(key for key in closed if key not in entries))


def _steady(connection: Connection, entries: Mapping[str, Entry], present: Mapping[str, Any]) -> set[str]:
    """Return the keys whose definition differs from the present one in nothing but moments, paths and addresses."""
    differing = {
        key: present[key].definition
        for key, entry in entries.items()
        if key in present and present[key].definition != entry.definition.hash
    }
    bodies = select(DEFINITION.c.hash, DEFINITION.c.body).where(DEFINITION.c.hash.in_(set(differing.values())))
    before = {row.hash: row.body for row in connection.execute(bodies)} if differing else {}
    return {key for key, address in differing.items() if is_same_tool(before[address], entries[key].definition.raw)}


def _keep_definitions(connection: Connection, bodies: Mapping[str, JsonObject]) -> None:
    """Insert the definitions that are new, in the order of their hashes.

    Two PostgreSQL transactions that insert the same definitions wait for each other; in one order they cannot deadlock.
    """
    rows = [{"hash": address, "body": bodies[address]} for address in sorted(bodies)]
    connection.execute(insert_into(connection, DEFINITION).on_conflict_do_nothing(), rows)
