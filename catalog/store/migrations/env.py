"""Alembic's entry point: run the migrations on the connection, and in the transaction, that ``schema.py`` opened."""

from alembic import context

from catalog.store.schema import VERSION_TABLE
from catalog.store.tables import Row

context.configure(
    connection=context.config.attributes["connection"], target_metadata=Row.metadata, version_table=VERSION_TABLE
)
context.run_migrations()
