"""Tables of tiers, country limits, rates, requests and their history."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
CURRENCY = sa.CHAR(3)
REQUESTS = "financial_aid_requests"


def upgrade() -> None:
    op.create_table(
        "financial_aid_tier_sets",
        sa.Column("name", TEXT, primary_key=True),
        sa.Column("title", TEXT, nullable=False),
        sa.Column("program", TEXT),
        sa.Column("course", TEXT),
        sa.Column("program_itself", sa.Boolean(), nullable=False),
        sa.Column("tiers", sa.JSON(), nullable=False),
        sa.Column("currency", CURRENCY, nullable=False),
        sa.Column("held_below", sa.BigInteger(), nullable=False),
        sa.Column("valid_days", sa.Integer(), nullable=False),
    )
    op.create_table(
        "financial_aid_countries",
        sa.Column("country", TEXT, primary_key=True),
        sa.Column("income_limit", sa.BigInteger(), nullable=False),
        sa.Column("documents", sa.Boolean(), nullable=False),
    )
    op.create_table(
        "financial_aid_rates",
        sa.Column("currency", CURRENCY, primary_key=True),
        sa.Column("millionths", sa.BigInteger(), nullable=False),
        sa.Column("name", TEXT, nullable=False),
    )
    _requests()
    op.create_table(
        "financial_aid_history",
        sa.Column("sequence", NUMBER, primary_key=True),
        sa.Column("about", TEXT, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("by_kind", TEXT, nullable=False),
        sa.Column("by_name", TEXT, nullable=False),
        sa.Column("what", TEXT, nullable=False),
        sa.Column("why", TEXT, nullable=False),
    )
    op.create_index(
        "ix_financial_aid_history_about", "financial_aid_history", ["about", "sequence"]
    )


def _requests() -> None:
    of_tiers = sa.ForeignKey("financial_aid_tier_sets.name")
    op.create_table(
        REQUESTS,
        sa.Column("sequence", NUMBER, primary_key=True),
        sa.Column("id", TEXT, nullable=False, unique=True),
        sa.Column("standing", TEXT, unique=True),
        sa.Column("learner", TEXT, nullable=False),
        sa.Column("email", TEXT, nullable=False),
        sa.Column("tier_set", TEXT, of_tiers, nullable=False),
        sa.Column("country", TEXT, nullable=False),
        sa.Column("income", sa.BigInteger()),
        sa.Column("income_currency", CURRENCY),
        sa.Column("dollars", sa.BigInteger()),
        sa.Column("tier", TEXT, nullable=False),
        sa.Column("tier_currency", CURRENCY, nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("decided_at", MOMENT),
        sa.Column("valid_until", MOMENT),
        sa.Column("version", sa.Integer(), nullable=False),
    )
    for column in ("learner", "email", "state"):
        op.create_index(f"ix_{REQUESTS}_{column}", REQUESTS, [column])
    kept = sa.text("income IS NOT NULL")
    op.create_index(
        f"ix_{REQUESTS}_to_erase",
        REQUESTS,
        ["decided_at"],
        sqlite_where=kept,
        postgresql_where=kept,
    )
