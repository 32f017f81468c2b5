"""Counters in an SQLite file: shared by every process on one machine, kept when one is killed."""

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from catalog.counters.base import SECONDS, CountersUnavailable, window_start
from catalog.policy.evaluate import Charge

# How long one process waits for another that is counting; each holds the file for well under a millisecond.
_WAIT_SECONDS = 5.0

_SCHEMA = """
CREATE TABLE IF NOT EXISTS counter (
    owner TEXT NOT NULL, name TEXT NOT NULL, seconds INTEGER NOT NULL, starts INTEGER NOT NULL, total NUMERIC NOT NULL,
    PRIMARY KEY (owner, name)
) WITHOUT ROWID
"""


class SqliteCounters:
    """See `Counters`. A counter is one row: its current window and total; an older window counts as empty."""

    def __init__(self, path: "str | os.PathLike[str]") -> None:
        """Open the file, made where it is missing. Raises: CountersUnavailable."""
        try:
            # Without pathlib: the hook program would wait 15 ms for it on every call that is counted.
            os.makedirs(os.path.dirname(path) or ".", exist_ok=True)  # noqa: PTH103, PTH120
            self._database = sqlite3.connect(path, timeout=_WAIT_SECONDS, isolation_level=None, check_same_thread=False)
            self._database.execute("PRAGMA journal_mode = WAL")
            # Survives the death of a process; only a power cut can lose the last calls.
            self._database.execute("PRAGMA synchronous = NORMAL")
            self._database.execute(_SCHEMA)
            # Sessions have counters of their own, which nothing else would ever remove.
            self._database.execute("DELETE FROM counter WHERE starts < unixepoch() - 172800")
        except (sqlite3.Error, OSError) as error:
            raise CountersUnavailable(f"cannot count calls in {os.fspath(path)!r}: {error}") from error

    def charge(self, owner: str, charges: Sequence[Charge], now: datetime) -> Charge | None:
        """See `Counters.charge`."""
        if len(charges) == 1:  # nearly every call: one statement is a transaction of its own
            with _told():
                return None if self._fits(owner, charges[0], now) else charges[0]
        with self._transaction():
            for charge in charges:
                if not self._fits(owner, charge, now):
                    self._database.execute("ROLLBACK")
                    return charge
        return None

    def _fits(self, owner: str, charge: Charge, now: datetime) -> bool:
        """Count a charge and return True, or return False where it would be too much."""
        if charge.amount > charge.limit.max:
            return False
        starts = window_start(charge.limit.window, now)
        values = (owner, charge.counter, SECONDS[charge.limit.window], starts, charge.amount, charge.limit.max)
        return self._database.execute(_CHARGE, values).fetchone() is not None

    def refund(self, owner: str, charges: Sequence[Charge], charged_at: datetime) -> None:
        """See `Counters.refund`."""
        with self._transaction():
            for charge in charges:
                self._database.execute(
                    "UPDATE counter SET total = total - ? WHERE owner = ? AND name = ? AND starts = ?",
                    (charge.amount, owner, charge.counter, window_start(charge.limit.window, charged_at)),
                )

    def close(self) -> None:
        """See `Counters.close`."""
        self._database.close()

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with _told():
            self._database.execute("BEGIN IMMEDIATE")  # reads and writes as one, among all processes
            try:
                yield
                if self._database.in_transaction:
                    self._database.execute("COMMIT")
            except BaseException:
                if self._database.in_transaction:
                    self._database.execute("ROLLBACK")
                raise


@contextmanager
def _told() -> Iterator[None]:
    """Have trouble with the file be `CountersUnavailable`."""
    try:
        yield
    except sqlite3.Error as error:
        raise CountersUnavailable(f"cannot count calls: {error}") from error


# The total of the window, where it stays within the limit; no row where it would not. A window before the present one
# counts as empty, and a clock that goes back opens no new one.
_CHARGE = """
INSERT INTO counter VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO UPDATE SET
    total = CASE WHEN starts < excluded.starts THEN 0 ELSE total END + excluded.total,
    starts = max(starts, excluded.starts)
WHERE CASE WHEN starts < excluded.starts THEN 0 ELSE total END + excluded.total <= ?6 RETURNING total
"""
