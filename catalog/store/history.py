"""A server's past, read from presence intervals, and the stamps that say whether its rows may differ."""

import hashlib

from sqlalchemy import Connection, Text, func, or_, select, type_coerce

from catalog.intervals import Interval, Past, Verdict
from catalog.store.encoding import AnyRow, entry
from catalog.store.tables import DEFINITION, JUDGEMENT, OBSERVATION, PRESENCE, SERVER
from classifier.verdict import Category, Level


def past(connection: Connection, server: str) -> Past:
    """Return what is known of the past of ``server``, without the entries that never changed."""
    server_id = select(SERVER.c.id).where(SERVER.c.slug == server).scalar_subquery()
    looks = connection.execute(
        select(OBSERVATION.c.id, OBSERVATION.c.outcome, OBSERVATION.c.finished_at)
        .where(OBSERVATION.c.server_id == server_id, OBSERVATION.c.outcome.in_(("listed", "declared")))
        .order_by(OBSERVATION.c.id.desc())
    ).all()
    first_looks = {row.outcome: row.id for row in looks}.values()  # the latest comes first: the earliest stays
    closed_keys = select(PRESENCE.c.key_hash).where(
        PRESENCE.c.server_id == server_id, PRESENCE.c.closed_by.is_not(None)
    )
    statement = (
        select(
            PRESENCE.c.key,
            PRESENCE.c.provenance,
            PRESENCE.c.dispatch,
            PRESENCE.c.run,
            PRESENCE.c.opened_by,
            PRESENCE.c.last_seen,
            PRESENCE.c.closed_by,
            DEFINITION.c.body,
            JUDGEMENT.c.first_ruleset,
            JUDGEMENT.c.first_category,
            JUDGEMENT.c.first_risk,
            JUDGEMENT.c.ruleset,
            JUDGEMENT.c.category,
            JUDGEMENT.c.risk,
        )
        .join(DEFINITION, DEFINITION.c.hash == PRESENCE.c.definition)
        .outerjoin(JUDGEMENT, JUDGEMENT.c.presence_id == PRESENCE.c.id)
        .where(
            PRESENCE.c.server_id == server_id,
            or_(PRESENCE.c.opened_by.not_in(first_looks), PRESENCE.c.key_hash.in_(closed_keys)),
        )
    )
    return Past(
        server=server,
        intervals=[_interval(row) for row in connection.execute(statement)],
        looks={row.id: row.finished_at for row in looks},
        first_looks=frozenset(first_looks),
    )


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
    its = OBSERVATION.alias("its")
    latest = select(func.max(its.c.id)).where(its.c.server_id == SERVER.c.id).correlate(SERVER).scalar_subquery()
    stored = [type_coerce(column, Text) for column in SERVER.c]  # as it is stored: nothing is decoded to be hashed
    statement = (
        select(SERVER.c.slug.label("name"), *stored, OBSERVATION.c.id, OBSERVATION.c.finished_at)
        .select_from(SERVER)
        .join(OBSERVATION, OBSERVATION.c.id == latest)
    )
    found = {row[0]: hashlib.sha256(repr(tuple(row[1:])).encode()).hexdigest() for row in connection.execute(statement)}
    return dict(sorted(found.items()))
