"""Discounts in batches, given to learners by e-mail too, and ways to find them among a million."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.add_column("discounts", sa.Column("batch", TEXT))
    _partial("ix_discounts_of_batch", "discounts", ["batch", "code"], only="batch IS NOT NULL")
    op.drop_index("ix_discounts_automatic", "discounts")
    _partial(
        "ix_discounts_automatic_until", "discounts", ["expires_at"], only="source = 'automatic'"
    )
    op.execute("ALTER TABLE discount_assignments RENAME COLUMN learner TO assignee")
    op.execute("UPDATE discount_assignments SET assignee = 'id:' || assignee")
    op.create_index("ix_redemptions_of_discount", "redemptions", ["discount_id", "sequence"])
    _partial("ix_redemptions_redeemed", "redemptions", ["at"], only="state = 'redeemed'")


def _partial(name: str, table: str, columns: list[str], *, only: str) -> None:
    where = sa.text(only)
    op.create_index(name, table, columns, sqlite_where=where, postgresql_where=where)
