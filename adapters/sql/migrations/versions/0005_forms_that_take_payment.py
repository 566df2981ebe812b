"""Attempts know whether their form takes the payment by itself."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.add_column(
        "attempts",
        sa.Column("form_takes_payment", sa.Boolean, nullable=False, server_default=sa.false()),
    )
