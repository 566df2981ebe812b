"""What a line was sold with says why its discount exists: for the books, whatever becomes of it."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.add_column("order_lines", sa.Column("reduction_payment_type", TEXT))
    op.execute(
        "UPDATE order_lines SET reduction_payment_type = COALESCE("
        "(SELECT payment_type FROM discounts WHERE discounts.code = order_lines.reduction_code), "
        "'legacy') WHERE reduction_code IS NOT NULL"
    )
