"""Bring a database to this program's schema: create an empty one, upgrade an older one, refuse any other.

To change the schema: change ``tables.py``, add a revision in ``migrations/versions``, and set REVISION to it.
"""

from pathlib import Path
from typing import Final

from sqlalchemy import ColumnClause, Connection, column, func, inspect, select, table

from catalog.errors import StoreError
from catalog.store.database import Database
from catalog.store.tables import Row

REVISION: Final = "0004"
"""The newest revision in ``migrations/versions``; compared on every open, so that Alembic is loaded only to migrate."""

VERSION_TABLE: Final = "catalog_revision"

MIGRATIONS: Final = Path(__file__).parent / "migrations"

# Any constant will do: whoever migrates a PostgreSQL database holds this advisory lock.
_MIGRATION_LOCK: Final = 0x6361_7461_6C6F_67


def ensure_current(database: Database) -> None:
    """Create or upgrade the tables where needed; two processes at once do it once.

    Raises:
        StoreError: the schema is newer than this program, or the database belongs to another one.
    """
    with database.reading() as connection:
        found = _revision(connection, database)
    if found == REVISION:
        return
    if found is None:
        database.keep_write_ahead_log()
    with database.writing() as connection:
        if not database.is_sqlite:
            connection.execute(select(func.pg_advisory_xact_lock(_MIGRATION_LOCK)))
        found = _revision(connection, database)  # another process may have been faster
        if found != REVISION:
            _migrate(connection, database, found)


def _revision(connection: Connection, database: Database) -> str | None:
    """Return the revision of the schema, or None for a database that is ours to fill."""
    schema = inspect(connection)
    if schema.has_table(VERSION_TABLE):
        version: ColumnClause[str] = column("version_num")
        return connection.execute(select(version).select_from(table(VERSION_TABLE))).scalar()
    others = set(schema.get_table_names())
    if not database.is_sqlite:  # programs may share a PostgreSQL database; an SQLite file belongs to one
        others &= set(Row.metadata.tables)
    if others:
        raise StoreError(
            f"The database {database.place} holds tables of another program, such as {min(others)!r}: "
            "name another place with --db."
        )
    return None


def _migrate(connection: Connection, database: Database, found: str | None) -> None:
    from alembic import command  # noqa: PLC0415 — half a second, and only a new or an old database needs it
    from alembic.config import Config  # noqa: PLC0415 — as above
    from alembic.script import ScriptDirectory  # noqa: PLC0415 — as above

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if found is not None and found not in known:
        raise StoreError(
            f"The database {database.place} has the schema {found!r}, newer than {REVISION!r}, the newest that this "
            "catalog knows: upgrade catalog (pip install --upgrade mcp-catalog), or name another place with --db."
        )
    command.upgrade(config, "head")
