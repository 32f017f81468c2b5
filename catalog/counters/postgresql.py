"""Counters in PostgreSQL: shared by gateways on several machines."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING

from catalog.counters.base import CountersUnavailable, window_start
from catalog.policy.evaluate import Charge

if TYPE_CHECKING:
    import psycopg

# Seconds to wait for a server that does not answer: as long as the call that is counted waits.
_CONNECT_SECONDS = 5

_SCHEMA = """
CREATE TABLE IF NOT EXISTS catalog_counter (
    owner text NOT NULL, name text NOT NULL, starts bigint NOT NULL, total double precision NOT NULL,
    PRIMARY KEY (owner, name)
)
"""
# Two gateways that make the table at once would meet in the system's own tables; one waits for the other instead.
_LOCK = "SELECT pg_advisory_xact_lock(hashtext('catalog_counter'))"
_CHARGE = """
INSERT INTO catalog_counter AS counter VALUES (%s, %s, %s, %s) ON CONFLICT (owner, name) DO UPDATE SET
    total = CASE WHEN counter.starts < excluded.starts THEN 0 ELSE counter.total END + excluded.total,
    starts = greatest(counter.starts, excluded.starts)
RETURNING total
"""
_REFUND = "UPDATE catalog_counter SET total = total - %s WHERE owner = %s AND name = %s AND starts = %s"
_FORGET = "DELETE FROM catalog_counter WHERE starts < extract(epoch FROM now()) - 172800"


class PostgresqlCounters:
    """See `Counters`. A connection that was lost is opened again for the next call."""

    def __init__(self, url: str) -> None:
        """Connect, and make the table where it is missing. Raises: CountersUnavailable."""
        self._url = url
        self._turn = threading.Lock()
        self._connection: psycopg.Connection | None = None
        with self._transaction() as (connection, _):
            connection.execute(_LOCK)
            connection.execute(_SCHEMA)
            connection.execute(_FORGET)

    def charge(self, owner: str, charges: Sequence[Charge], now: datetime) -> Charge | None:
        """See `Counters.charge`."""
        # In one order everywhere: two calls that lock the same counters the other way round would stop each other.
        for_order = sorted(charges, key=lambda charge: charge.counter)
        full: list[Charge] = []
        with self._transaction() as (connection, undo):
            for charge in for_order:
                starts = window_start(charge.limit.window, now)
                row = connection.execute(_CHARGE, (owner, charge.counter, starts, charge.amount)).fetchone()
                if row is None or row[0] > charge.limit.max:
                    full.append(charge)
                    raise undo
        return full[0] if full else None

    def refund(self, owner: str, charges: Sequence[Charge], charged_at: datetime) -> None:
        """See `Counters.refund`."""
        with self._transaction() as (connection, _):
            for charge in sorted(charges, key=lambda charge: charge.counter):
                starts = window_start(charge.limit.window, charged_at)
                connection.execute(_REFUND, (charge.amount, owner, charge.counter, starts))

    def close(self) -> None:
        """See `Counters.close`."""
        if self._connection is not None:
            self._connection.close()

    @contextmanager
    def _transaction(self) -> "Iterator[tuple[psycopg.Connection, psycopg.Rollback]]":
        try:
            import psycopg  # noqa: PLC0415  # an extra of its own
        except ImportError as error:
            raise CountersUnavailable("PostgreSQL needs an extra: pip install 'mcp-catalog[postgres]'") from error
        with self._turn:
            try:
                if self._connection is None or self._connection.closed:
                    self._connection = psycopg.connect(self._url, connect_timeout=_CONNECT_SECONDS)
                with self._connection.transaction() as transaction:
                    yield self._connection, psycopg.Rollback(transaction)
            except psycopg.Error as error:
                raise CountersUnavailable(f"cannot count calls in PostgreSQL: {error}") from error
