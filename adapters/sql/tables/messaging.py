"""Tables of the outbox, the inbox and the audit log."""

from __future__ import annotations

import sqlalchemy as sa

from adapters.sql.columns import JSON, NUMBER, TEXT, UtcDateTime
from adapters.sql.tables.naming import account_columns, metadata, partial

outbox = sa.Table(
    "outbox",
    metadata,
    sa.Column("sequence", NUMBER, sa.Identity(), primary_key=True),
    sa.Column("event", TEXT, nullable=False, unique=True),
    sa.Column("name", TEXT, nullable=False),
    sa.Column("receiver", TEXT, nullable=False, server_default="platform"),
    sa.Column("reference", TEXT, nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("body", JSON, nullable=False),
    sa.Column("position", sa.Integer),
    sa.Column("tries", sa.Integer, nullable=False),
    sa.Column("next_try_at", UtcDateTime),
    sa.Column("claimed_until", UtcDateTime),
    sa.Column("delivered_at", UtcDateTime),
    sa.Column("given_up_at", UtcDateTime),
    sa.Column("last_error", TEXT),
    sa.Index("ix_outbox_of_order", "reference", "sequence"),
    sqlite_autoincrement=True,
)
WAITING = sa.and_(outbox.c.delivered_at.is_(None), outbox.c.given_up_at.is_(None))
partial("ix_outbox_waiting", outbox.c.reference, outbox.c.sequence, only=WAITING)
partial("ix_outbox_queue", outbox.c.sequence, only=WAITING)
partial("ix_outbox_to_deliver", outbox.c.receiver, outbox.c.sequence, only=WAITING)
GIVEN_UP = outbox.c.given_up_at.is_not(None)
partial("ix_outbox_given_up", outbox.c.sequence, only=GIVEN_UP)

# A trigger on the outbox writes each new event here, in the transaction that adds it.
unlogged_events = sa.Table(
    "unlogged_events",
    metadata,
    sa.Column("sequence", NUMBER, primary_key=True, autoincrement=False),
)

# Without a foreign key to the outbox: its lock would make deliverers pass an event over.
event_log = sa.Table(
    "event_log",
    metadata,
    sa.Column("offset", NUMBER, primary_key=True, autoincrement=False),
    sa.Column("sequence", NUMBER, nullable=False, unique=True),
)

event_readers = sa.Table(
    "event_readers",
    metadata,
    sa.Column("reader", TEXT, primary_key=True),
    sa.Column("checkpoint", NUMBER, nullable=False),
    sa.Column("version", NUMBER, nullable=False),
)

job_runs = sa.Table(
    "job_runs",
    metadata,
    sa.Column("job", TEXT, primary_key=True),
    sa.Column("due_at", UtcDateTime),
    sa.Column("started_at", UtcDateTime),
    sa.Column("claimed_by", TEXT),
    sa.Column("claimed_until", UtcDateTime),
    sa.Column("last_error", TEXT),
)

# Append-only: a trigger refuses updates and deletes.
journal = sa.Table(
    "journal",
    metadata,
    sa.Column("sequence", NUMBER, sa.Identity(), primary_key=True),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("by_kind", TEXT, nullable=False),
    sa.Column("by_name", TEXT, nullable=False),
    sa.Column("subject_kind", TEXT, nullable=False),
    sa.Column("subject_id", TEXT, nullable=False),
    sa.Column("what", TEXT, nullable=False),
    sa.Column("why", TEXT, nullable=False),
    sa.Index("ix_journal_of_subject", "subject_kind", "subject_id", "sequence"),
    sa.Index("ix_journal_of_actor", "by_kind", "by_name", "sequence"),
)

inbox = sa.Table(
    "inbox",
    metadata,
    sa.Column("number", NUMBER, sa.Identity(), primary_key=True),
    sa.Column("key", TEXT, nullable=False),
    sa.Column("about", TEXT, nullable=False),
    sa.Column("code", TEXT, nullable=False),
    sa.Column("attempt", TEXT, nullable=False),
    sa.Column("answer", JSON),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("heard_at", UtcDateTime, nullable=False),
    sa.Column("event", TEXT, nullable=False),
    sa.Column("form", TEXT, nullable=False),
    sa.Column("raw", JSON, nullable=False),
    sa.Column("state", TEXT, nullable=False),
    sa.Column("why", TEXT, nullable=False),
    sa.Column("tries", sa.Integer, nullable=False),
    sa.Column("act_at", UtcDateTime),
    sa.Column("reference", TEXT),
    sa.Column("version", sa.Integer, nullable=False),
    *account_columns(),
    sa.UniqueConstraint("key", "account", "gateway", "environment"),
    sa.Index("ix_inbox_of_code", "code", "number"),
    sa.Index("ix_inbox_of_order", "reference", "number"),
    sqlite_autoincrement=True,
)
TO_ACT = inbox.c.act_at.is_not(None)
partial("ix_inbox_to_act", inbox.c.act_at, inbox.c.number, only=TO_ACT)
FAILED = inbox.c.state == sa.literal_column("'failed'")
partial("ix_inbox_failed", inbox.c.number, only=FAILED)
OVER = inbox.c.state.in_([sa.literal_column("'acted'"), sa.literal_column("'ignored'")])
partial("ix_inbox_over", inbox.c.heard_at, inbox.c.number, only=OVER)
