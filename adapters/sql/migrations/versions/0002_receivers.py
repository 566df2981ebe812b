"""Whom an event is for: the learning platform, as before, or the post."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
WAITING = sa.text("delivered_at IS NULL AND given_up_at IS NULL")


def upgrade() -> None:
    receiver = sa.Column("receiver", TEXT, nullable=False, server_default="platform")
    op.add_column("outbox", receiver)
    op.create_index(
        "ix_outbox_to_deliver",
        "outbox",
        ["receiver", "sequence"],
        sqlite_where=WAITING,
        postgresql_where=WAITING,
    )
