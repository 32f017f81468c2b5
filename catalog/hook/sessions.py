"""Which sessions have read text of outsiders, in the file that also has the counters."""

import os
import sqlite3

from catalog.counters.base import CountersUnavailable

_WAIT_SECONDS = 5.0

_KEPT_SECONDS = 90 * 86_400
"""How long a session that is never heard of again is remembered; a session can be taken up long after."""


class SqliteSessions:
    """See `catalog.hook.decide.Sessions`. ``client`` keeps the sessions of clients apart."""

    def __init__(self, path: str, client: str) -> None:
        """Open the file, made where it is missing. Raises: CountersUnavailable."""
        self._client = client
        try:
            os.makedirs(os.path.dirname(path) or ".", exist_ok=True)  # noqa: PTH103, PTH120  # without pathlib, as there
            self._database = sqlite3.connect(path, timeout=_WAIT_SECONDS, isolation_level=None)
            self._database.execute("PRAGMA journal_mode = WAL")
            self._database.execute("PRAGMA synchronous = NORMAL")  # survives the death of a process, as the counters do
            self._database.execute(
                "CREATE TABLE IF NOT EXISTS tainted (client TEXT NOT NULL, session TEXT NOT NULL, "
                "at INTEGER NOT NULL, PRIMARY KEY (client, session)) WITHOUT ROWID"
            )
        except (sqlite3.Error, OSError) as error:
            raise CountersUnavailable(f"cannot remember sessions in {path!r}: {error}") from error

    def is_tainted(self, session: str) -> bool:
        """See `Sessions.is_tainted`."""
        try:
            found = self._database.execute(
                "SELECT 1 FROM tainted WHERE client = ? AND session = ?", (self._client, ascii(session))
            )
            return found.fetchone() is not None
        except sqlite3.Error as error:
            raise CountersUnavailable(f"cannot tell whether a session is tainted: {error}") from error

    def taint(self, session: str) -> None:
        """See `Sessions.taint`."""
        try:
            self._database.execute("DELETE FROM tainted WHERE at < unixepoch() - ?", (_KEPT_SECONDS,))
            self._database.execute(
                "INSERT INTO tainted VALUES (?, ?, unixepoch()) ON CONFLICT DO UPDATE SET at = excluded.at",
                (self._client, ascii(session)),
            )
        except sqlite3.Error as error:
            raise CountersUnavailable(f"cannot remember that a session is tainted: {error}") from error

    def close(self) -> None:
        """Give back what is held open."""
        self._database.close()
