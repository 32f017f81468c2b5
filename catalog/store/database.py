"""Connections and transactions, with the same guarantees on SQLite and PostgreSQL.

SQLite: write-ahead log, so that readers and one writer work side by side; a write transaction takes the write lock when
it begins, because upgrading a read lock later can fail at once. PostgreSQL: the statements lock the rows they change.
"""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from sqlalchemy import URL, Connection, Engine, Table, create_engine, event, make_url
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from catalog.errors import StoreError
from catalog.store.trouble import explain

# Seconds to wait for another process's write transaction; the longest one holds a listing of some ten thousand tools.
BUSY_TIMEOUT: Final = 30
# Seconds to wait for a PostgreSQL server that does not answer.
CONNECT_TIMEOUT: Final = 10

_KINDS: Final = "use a path, sqlite:///PATH or postgresql://USER@HOST/DATABASE."


class Database:
    """One database, opened by its URL."""

    def __init__(self, url: str) -> None:
        """Prepare connections; nothing is opened yet.

        Raises:
            StoreError: the URL cannot be understood, or the folder of the file cannot be made.
        """
        address = _address(url)
        self.is_sqlite = address.get_backend_name() == "sqlite"
        self.place = (address.database or ":memory:") if self.is_sqlite else address.render_as_string()
        try:
            self._engine = _sqlite(address) if self.is_sqlite else _postgresql(address)
        except ModuleNotFoundError as error:
            raise StoreError(
                f"PostgreSQL needs the module {error.name!r}: install it with `pip install 'mcp-catalog[postgres]'`."
            ) from error

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a connection in a transaction that only reads. Raises: StoreError."""
        with self._transaction("BEGIN") as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Give a connection in a transaction that is committed at the end, or rolled back. Raises: StoreError."""
        with self._transaction("BEGIN IMMEDIATE") as connection:
            yield connection

    def keep_write_ahead_log(self) -> None:
        """Turn SQLite's write-ahead log on; the file remembers it. PostgreSQL always has one."""
        if not self.is_sqlite:
            return
        from tenacity import Retrying, retry_if_exception, stop_after_delay, wait_random  # noqa: PLC0415  # seldom needed

        # Unlike other statements, this one does not wait for a lock where two processes ask for it at once.
        trying = Retrying(
            retry=retry_if_exception(_is_busy),
            wait=wait_random(max=0.1),
            stop=stop_after_delay(BUSY_TIMEOUT),
            reraise=True,
        )
        trying(self._switch_log)

    def _switch_log(self) -> None:
        with self._transaction(None) as connection:  # the log cannot be switched inside a transaction
            connection.exec_driver_sql("PRAGMA journal_mode=WAL")

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()

    @contextmanager
    def _transaction(self, begin: str | None) -> Iterator[Connection]:
        try:
            with self._engine.execution_options(sqlite_begin=begin).begin() as connection:
                yield connection
        except DBAPIError as error:
            explained = explain(error, self.place)
            if explained is None:
                raise
            raise explained from error


def _is_busy(error: BaseException) -> bool:
    cause = error.__cause__
    original = cause.orig if isinstance(cause, DBAPIError) else None
    # The lower byte is the kind of error, the others say more of it.
    return isinstance(original, sqlite3.Error) and original.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY


def insert_into(connection: Connection, table: Table) -> sqlite.Insert | postgresql.Insert:
    """Return the dialect's own INSERT, which knows ON CONFLICT."""
    return sqlite.insert(table) if connection.dialect.name == "sqlite" else postgresql.insert(table)


def _address(url: str) -> URL:
    try:
        address = make_url(url)
        backend = address.get_backend_name()
        address.get_dialect()
    except (ArgumentError, NoSuchModuleError, ValueError) as error:  # a port that is no number is a ValueError
        shown = re.sub(r":[^:/@]*@", ":***@", url)  # it may hold a password
        raise StoreError(f"The database URL {shown!r} is not understood: {_KINDS}") from error
    if backend not in {"sqlite", "postgresql"}:
        raise StoreError(f"Databases of the kind {backend!r} are not supported: {_KINDS}")
    return address


def _sqlite(address: URL) -> Engine:
    file = address.database
    if file and file != ":memory:" and not file.startswith("file:"):
        folder = Path(file).parent
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            said = f"The folder {str(folder)!r} for the database cannot be made ({error.strerror})"
            raise StoreError(f"{said}: name another place with --db.") from error
    engine = create_engine(address, connect_args={"timeout": BUSY_TIMEOUT})
    event.listen(engine, "connect", _configure_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _configure_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # Python's driver would begin transactions itself, and late
    connection.execute("PRAGMA foreign_keys=ON")
    # With the write-ahead log NORMAL survives any crash of a process; only a power cut can lose the last commits.
    connection.execute("PRAGMA synchronous=NORMAL")


def _begin_sqlite(connection: Connection) -> None:
    begin = connection.get_execution_options()["sqlite_begin"]
    if begin:
        connection.exec_driver_sql(begin)


def _postgresql(address: URL) -> Engine:
    timeout = {} if "connect_timeout" in address.query else {"connect_timeout": CONNECT_TIMEOUT}
    return create_engine(address, connect_args=timeout)
