"""What learners ask to get back, and what they were answered."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

MOMENT = sa.DateTime(timezone=True)
TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
OPEN = sa.text("state = 'open'")


def upgrade() -> None:
    op.create_table(
        "refund_requests",
        sa.Column("id", TEXT, primary_key=True),
        sa.Column("reference", TEXT, sa.ForeignKey("orders.reference"), nullable=False, index=True),
        sa.Column("learner", TEXT, nullable=False, index=True),
        sa.Column("positions", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("reason", TEXT, nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("answered_at", MOMENT),
        sa.Column("answered_by_kind", TEXT),
        sa.Column("answered_by_name", TEXT),
        sa.Column("answer", TEXT, nullable=False),
        sa.Column("refund", TEXT),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Index("ix_refund_requests_oldest", "asked_at", "id"),
        sa.Index("ix_refund_requests_in_state", "state", "asked_at", "id"),
    )
    op.create_index(
        "uq_refund_requests_open",
        "refund_requests",
        ["reference"],
        unique=True,
        sqlite_where=OPEN,
        postgresql_where=OPEN,
    )
