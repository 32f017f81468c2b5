"""Judgements: what the rules say of each present entry."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Create the table of judgements."""
    op.create_table(
        "judgement",
        sa.Column("presence_id", sa.Integer(), sa.ForeignKey("presence.id"), primary_key=True, autoincrement=False),
        sa.Column("as_of", sa.Integer(), sa.ForeignKey("observation.id"), nullable=False),
        sa.Column("ruleset", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("also", sa.Text(), nullable=False),
        sa.Column("severity", sa.Integer(), nullable=False),
        sa.Column("recoverability", sa.Text(), nullable=False),
        sa.Column("inverse", sa.Text()),
        sa.Column("risk", sa.Integer(), nullable=False),
        sa.Column("confidence", sa.Float(), nullable=False),
        sa.Column("traits", sa.Text(), nullable=False),
        sa.Column("findings", sa.Text(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
    )
