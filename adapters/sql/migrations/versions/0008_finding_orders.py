"""What staff find orders by: e-mail without case, sku, card."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    # SQLite adds a column that is never null only with a default.
    op.add_column("orders", sa.Column("email_key", TEXT, nullable=False, server_default=""))
    op.execute("UPDATE orders SET email_key = lower(trim(learner_email))")
    op.create_index("ix_orders_of_email", "orders", ["email_key", "placed_at", "reference"])
    op.create_index("ix_order_lines_sku", "order_lines", ["sku", "reference"])
    op.create_index("ix_transactions_card", "transactions", ["card_last_four", "reference"])
