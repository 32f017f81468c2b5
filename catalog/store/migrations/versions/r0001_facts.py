"""Servers, definitions, observations and presence intervals."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create the tables of facts."""
    op.create_table(
        "server",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("slug", sa.Text(), nullable=False, unique=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("ecosystem", sa.Text()),
        sa.Column("package", sa.Text()),
        sa.Column("package_version", sa.Text()),
        sa.Column("command", sa.Text()),
        sa.Column("product", sa.Text()),
        sa.Column("product_title", sa.Text()),
        sa.Column("publisher", sa.Text()),
        sa.Column("homepage", sa.Text()),
        sa.Column("repository", sa.Text()),
        sa.Column("environment", sa.Text(), nullable=False),
        sa.Column("arguments", sa.Text(), nullable=False),
        sa.Column("entries_as_of", sa.Integer()),
    )
    op.create_table(
        "definition",
        sa.Column("hash", sa.Text(), primary_key=True),
        sa.Column("body", sa.Text(), nullable=False),
    )
    op.create_table(
        "observation",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("server_id", sa.Integer(), sa.ForeignKey("server.id"), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text()),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("hint", sa.Text(), nullable=False),
        sa.Column("version", sa.Text()),
        sa.Column("sandbox", sa.Text(), nullable=False),
        sa.Column("server_name", sa.Text(), nullable=False),
        sa.Column("server_version", sa.Text(), nullable=False),
        sa.Column("protocol_version", sa.Text(), nullable=False),
        sa.Column("rungs", sa.Text(), nullable=False),
        sa.Column("problems", sa.Text(), nullable=False),
    )
    op.create_index("ix_observation_server", "observation", ["server_id", "outcome", "id"])
    op.create_table(
        "presence",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("server_id", sa.Integer(), sa.ForeignKey("server.id"), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("key_hash", sa.Text(), nullable=False),
        sa.Column("definition", sa.Text(), sa.ForeignKey("definition.hash"), nullable=False),
        sa.Column("provenance", sa.Text(), nullable=False),
        sa.Column("dispatch", sa.Text()),
        sa.Column("opened_by", sa.Integer(), sa.ForeignKey("observation.id"), nullable=False),
        sa.Column("last_seen", sa.Integer(), sa.ForeignKey("observation.id"), nullable=False),
        sa.Column("closed_by", sa.Integer(), sa.ForeignKey("observation.id")),
    )
    op.create_index(
        "uq_presence_open",
        "presence",
        ["server_id", "key_hash"],
        unique=True,
        sqlite_where=sa.text("closed_by IS NULL"),
        postgresql_where=sa.text("closed_by IS NULL"),
    )
    op.create_index("ix_presence_definition", "presence", ["server_id", "definition"])
