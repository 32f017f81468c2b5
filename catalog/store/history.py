"""A server's past, read from presence intervals, and the stamps that say whether its rows may differ."""

import hashlib
from functools import cache
from typing import Any

from sqlalchemy import Connection, ScalarSelect, Select, Text, bindparam, func, or_, select, type_coerce

from catalog.intervals import Interval, Past, Verdict
from catalog.store.encoding import AnyRow, entry
from catalog.store.tables import DEFINITION, JUDGEMENT, OBSERVATION, PRESENCE, SERVER
from classifier.verdict import Category, Level


def past(connection: Connection, server: str) -> Past:
    """Return what is known of the past of ``server``, without the entries that never changed."""
    looks = connection.execute(_looks(), {"slug": server}).all()
    first_looks = {row.outcome: row.id for row in looks}.values()  # the latest comes first: the earliest stays
    moved = connection.execute(_moved(), {"slug": server, "first_looks": list(first_looks)})
    return Past(
        server=server,
        intervals=[_interval(row) for row in moved],
        looks={row.id: row.finished_at for row in looks},
        first_looks=frozenset(first_looks),
    )


@cache
def _looks() -> Select[Any]:
    return (
        select(OBSERVATION.c.id, OBSERVATION.c.outcome, OBSERVATION.c.finished_at)
        .where(OBSERVATION.c.server_id == _server_id(), OBSERVATION.c.outcome.in_(("listed", "declared")))
        .order_by(OBSERVATION.c.id.desc())
    )


@cache
def _moved() -> Select[Any]:
    """Return the statement for all intervals of entries that came, went or changed after the first looks."""
    closed = select(PRESENCE.c.key_hash).where(PRESENCE.c.server_id == _server_id(), PRESENCE.c.closed_by.is_not(None))
    opened_later = PRESENCE.c.opened_by.not_in(bindparam("first_looks", expanding=True))
    judged = ("first_ruleset", "first_category", "first_risk", "ruleset", "category", "risk")
    interval = ("key", "provenance", "dispatch", "run", "opened_by", "last_seen", "closed_by")
    return (
        select(*(PRESENCE.c[name] for name in interval), DEFINITION.c.body, *(JUDGEMENT.c[name] for name in judged))
        .join(DEFINITION, DEFINITION.c.hash == PRESENCE.c.definition)
        .outerjoin(JUDGEMENT, JUDGEMENT.c.presence_id == PRESENCE.c.id)
        .where(PRESENCE.c.server_id == _server_id(), or_(opened_later, PRESENCE.c.key_hash.in_(closed)))
    )


def _server_id() -> ScalarSelect[int]:
    return select(SERVER.c.id).where(SERVER.c.slug == bindparam("slug")).scalar_subquery()


def _interval(row: AnyRow) -> Interval:
    found = entry(row)
    return Interval(
        key=row.key,
        definition=found.definition,
        provenance=found.provenance,
        dispatch=found.dispatch,
        opened=row.opened_by,
        last_seen=row.last_seen,
        closed=row.closed_by,
        first=_verdict(row.first_ruleset, row.first_category, row.first_risk),
        last=_verdict(row.ruleset, row.category, row.risk),
    )


def _verdict(ruleset: str | None, category: str | None, risk: int | None) -> Verdict:
    return Verdict(
        ruleset=ruleset,
        category=None if category is None else Category(category),
        risk=None if risk is None else Level(risk),
    )


def stamps(connection: Connection) -> dict[str, str]:
    """Return a digest for each server of what decides about all rows of it: see CatalogView.stamps.

    Facts of a server and its entries change with an observation only, and verdicts with a judging. The time and the
    facts are part of it, so that another database has other stamps though its numbers may be the same.
    """
    latest = select(func.max(OBSERVATION.c.id)).where(OBSERVATION.c.server_id == SERVER.c.id)
    at = (
        select(OBSERVATION.c.finished_at)
        .where(OBSERVATION.c.server_id == SERVER.c.id)
        .order_by(OBSERVATION.c.id.desc())
        .limit(1)
    )
    stored = [type_coerce(column, Text) for column in SERVER.c]  # as it is stored: nothing is decoded to be hashed
    # Subqueries, not a join: PostgreSQL would read all observations to join the latest ones.
    facts = (*stored, latest.scalar_subquery().label("latest"), at.scalar_subquery().label("at"))
    statement = select(SERVER.c.slug.label("name"), *facts)
    found = {row[0]: hashlib.sha256(repr(tuple(row[1:])).encode()).hexdigest() for row in connection.execute(statement)}
    return dict(sorted(found.items()))
