"""Which lines were lowered by what."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    lowered = sa.text("reduction_code IS NOT NULL")
    op.create_index(
        "ix_order_lines_lowered",
        "order_lines",
        ["reduction_code", "reference"],
        sqlite_where=lowered,
        postgresql_where=lowered,
    )
