"""${message}."""

import sqlalchemy as sa
from alembic import op

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}


# There is no way back: what the shop records is never thrown away. Restore a backup instead.
def upgrade() -> None:
    ${upgrades if upgrades else "pass"}
