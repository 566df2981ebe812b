"""The inbox."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

MOMENT = sa.DateTime(timezone=True)
TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "inbox",
        sa.Column("number", NUMBER, sa.Identity(), primary_key=True),
        sa.Column("key", TEXT, nullable=False, unique=True),
        sa.Column("about", TEXT, nullable=False),
        sa.Column("code", TEXT, nullable=False),
        sa.Column("attempt", TEXT, nullable=False),
        sa.Column("answer", sa.JSON()),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("heard_at", MOMENT, nullable=False),
        sa.Column("event", TEXT, nullable=False),
        sa.Column("form", TEXT, nullable=False),
        sa.Column("raw", sa.JSON(), nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("why", TEXT, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("act_at", MOMENT),
        sa.Column("reference", TEXT),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Index("ix_inbox_of_code", "code", "number"),
        sa.Index("ix_inbox_of_order", "reference", "number"),
        sqlite_autoincrement=True,
    )
    _partial("ix_inbox_to_act", ["act_at", "number"], only="act_at IS NOT NULL")
    _partial("ix_inbox_failed", ["number"], only="state = 'failed'")


def _partial(name: str, columns: list[str], *, only: str) -> None:
    where = sa.text(only)
    op.create_index(name, "inbox", columns, sqlite_where=where, postgresql_where=where)
