"""Messages of the inbox that are over, by when they came: what upkeep removes them by."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    where = sa.text("state IN ('acted', 'ignored')")
    op.create_index(
        "ix_inbox_over",
        "inbox",
        ["heard_at", "number"],
        sqlite_where=where,
        postgresql_where=where,
    )
