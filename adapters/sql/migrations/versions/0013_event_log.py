"""The log of committed events, how far its readers are, and runs of recurring jobs."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"

MOMENT = sa.DateTime(timezone=True)
TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "unlogged_events",
        sa.Column("sequence", NUMBER, primary_key=True, autoincrement=False),
    )
    op.create_table(
        "event_log",
        sa.Column("offset", NUMBER, primary_key=True, autoincrement=False),
        sa.Column("sequence", NUMBER, nullable=False, unique=True),
    )
    op.create_table(
        "event_readers",
        sa.Column("reader", TEXT, primary_key=True),
        sa.Column("checkpoint", NUMBER, nullable=False),
        sa.Column("version", NUMBER, nullable=False),
    )
    op.create_table(
        "job_runs",
        sa.Column("job", TEXT, primary_key=True),
        sa.Column("due_at", MOMENT),
        sa.Column("started_at", MOMENT),
        sa.Column("claimed_by", TEXT),
        sa.Column("claimed_until", MOMENT),
        sa.Column("last_error", TEXT),
    )
    # The trigger first: making it locks the outbox, so no event is missed or logged twice.
    _note_new_events()
    op.execute(
        'INSERT INTO event_log ("offset", sequence) '
        "SELECT row_number() OVER (ORDER BY sequence), sequence FROM outbox"
    )


def _note_new_events() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            """
            CREATE FUNCTION outbox_unlogged() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                INSERT INTO unlogged_events (sequence) VALUES (NEW.sequence);
                RETURN NULL;
            END $$
            """
        )
        op.execute(
            """
            CREATE TRIGGER outbox_unlogged AFTER INSERT ON outbox
            FOR EACH ROW EXECUTE FUNCTION outbox_unlogged()
            """
        )
        return
    op.execute(
        """
        CREATE TRIGGER outbox_unlogged AFTER INSERT ON outbox
        BEGIN INSERT INTO unlogged_events (sequence) VALUES (NEW.sequence); END
        """
    )
