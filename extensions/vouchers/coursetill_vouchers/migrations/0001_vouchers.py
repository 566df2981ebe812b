"""Tables of vouchers and their history."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
VOUCHERS = "vouchers_vouchers"


def upgrade() -> None:
    op.create_table(
        VOUCHERS,
        sa.Column("sequence", NUMBER, primary_key=True),
        sa.Column("id", TEXT, nullable=False, unique=True),
        sa.Column("key", TEXT, nullable=False, unique=True),
        sa.Column("document", TEXT, nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("number", TEXT, nullable=False),
        sa.Column("employer", TEXT, nullable=False),
        sa.Column("employee", TEXT, nullable=False),
        sa.Column("email", TEXT),
        sa.Column("course", TEXT, nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.CHAR(3), nullable=False),
        sa.Column("valid_until", MOMENT),
        sa.Column("learner", TEXT),
        sa.Column("sku", TEXT),
        sa.Column("version", sa.Integer(), nullable=False),
    )
    for column in ("document", "state", "number", "email", "learner"):
        op.create_index(f"ix_{VOUCHERS}_{column}", VOUCHERS, [column])
    op.create_table(
        "vouchers_history",
        sa.Column("sequence", NUMBER, primary_key=True),
        sa.Column("voucher", TEXT, sa.ForeignKey(f"{VOUCHERS}.id"), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("by_kind", TEXT, nullable=False),
        sa.Column("by_name", TEXT, nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("why", TEXT, nullable=False),
    )
    op.create_index("ix_vouchers_history_voucher", "vouchers_history", ["voucher", "sequence"])
