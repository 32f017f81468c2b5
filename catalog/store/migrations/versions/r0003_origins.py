"""Servers that are neither package nor command; what is learnt of a server besides its tools."""

import json

import sqlalchemy as sa
from alembic import op

from catalog.store.columns import AnyText, Json

revision = "0003"
down_revision = "0002"

_OLD = ("ecosystem", "package", "package_version", "command")


def upgrade() -> None:
    """Keep every origin as one JSON value; give observations findings, package, remote and crawl; presences a run."""
    op.add_column("server", sa.Column("origin", sa.Text(), nullable=False, server_default="{}"))
    connection = op.get_bind()
    server = sa.table(
        "server",
        sa.column("id", sa.Integer()),
        sa.column("ecosystem", sa.Text()),
        sa.column("package", AnyText()),
        sa.column("package_version", AnyText()),
        sa.column("command", Json()),
        sa.column("origin", sa.Text()),
    )
    for row in connection.execute(sa.select(server)).all():
        if row.command is not None:
            origin = {"kind": "command", "argv": row.command}
        else:
            package = {"ecosystem": row.ecosystem, "name": row.package, "version": row.package_version}
            origin = {"kind": "package", **package}
        text = json.dumps(origin, separators=(",", ":"))
        connection.execute(sa.update(server).where(server.c.id == row.id).values(origin=text))
    for name in _OLD:
        op.drop_column("server", name)
    op.add_column("observation", sa.Column("findings", sa.Text(), nullable=False, server_default="[]"))
    op.add_column("observation", sa.Column("package", sa.Text()))
    op.add_column("observation", sa.Column("remote", sa.Text()))
    op.add_column("observation", sa.Column("maybe_partial", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("observation", sa.Column("crawl", sa.Integer()))
    op.create_index("ix_observation_crawl", "observation", ["crawl"])
    op.create_table(
        "crawl",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("request", sa.Text(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True)),
    )
    op.add_column("presence", sa.Column("run", sa.Text(), nullable=False, server_default=""))
