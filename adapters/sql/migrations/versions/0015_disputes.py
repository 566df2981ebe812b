"""Attempts know how a dispute about them stands."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.add_column("attempts", sa.Column("dispute_stage", TEXT))
    op.add_column("attempts", sa.Column("dispute_at", sa.DateTime(timezone=True)))
    op.add_column("attempts", sa.Column("dispute_reason", TEXT))
