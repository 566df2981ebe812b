"""Attempts say where the learner pays: in the card form or on the gateway's hosted page."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.add_column("attempts", sa.Column("flow", TEXT, nullable=False, server_default="card_form"))
    # Until now a hosted page was an attempt with nothing to remember.
    op.execute("UPDATE attempts SET flow = 'hosted_page' WHERE CAST(session AS TEXT) = '{}'")
