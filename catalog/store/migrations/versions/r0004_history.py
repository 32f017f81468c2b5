"""How often a server was judged, what rules first said of an entry, and an index that finds a server's latest look."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add judgings to servers and first verdicts to judgements; put ids first in the index of observations."""
    op.add_column("server", sa.Column("judged_by", sa.Text()))
    op.add_column("server", sa.Column("judgings", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("judgement", sa.Column("first_ruleset", sa.Text(), nullable=False, server_default=""))
    op.add_column("judgement", sa.Column("first_category", sa.Text(), nullable=False, server_default=""))
    op.add_column("judgement", sa.Column("first_risk", sa.Integer(), nullable=False, server_default="0"))
    op.execute("UPDATE judgement SET first_ruleset = ruleset, first_category = category, first_risk = risk")
    op.drop_index("ix_observation_server", "observation")
    op.create_index("ix_observation_server", "observation", ["server_id", "id", "outcome"])
