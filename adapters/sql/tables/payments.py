"""Tables of attempts, transactions, refunds and refund requests."""

from __future__ import annotations

import sqlalchemy as sa

from adapters.sql.columns import CURRENCY, JSON, NUMBER, TEXT, UtcDateTime
from adapters.sql.tables.naming import account_columns, metadata, partial

attempts = sa.Table(
    "attempts",
    metadata,
    sa.Column("id", TEXT, primary_key=True),
    sa.Column("reference", TEXT, sa.ForeignKey("orders.reference"), nullable=False, index=True),
    sa.Column("amount_minor", sa.BigInteger, nullable=False),
    sa.Column("currency", CURRENCY, nullable=False),
    sa.Column("opened_at", UtcDateTime, nullable=False),
    sa.Column("state", TEXT, nullable=False),
    sa.Column("session", JSON),
    sa.Column("session_expires_at", UtcDateTime),
    sa.Column("form_takes_payment", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("token", TEXT),
    sa.Column("sent_at", UtcDateTime),
    sa.Column("reason", TEXT),
    sa.Column("ask_at", UtcDateTime),
    sa.Column("asked", sa.Integer, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    *account_columns(),
    sa.Column("dispute_stage", TEXT),
    sa.Column("dispute_at", UtcDateTime),
    sa.Column("dispute_reason", TEXT),
    sa.Column("flow", TEXT, nullable=False, server_default="card_form"),
    sa.UniqueConstraint("token", "account", "gateway", "environment"),
)
_captured = attempts.c.state == sa.literal_column("'captured'")
partial("uq_attempts_captured", attempts.c.reference, only=_captured, unique=True)
_asked_about = attempts.c.ask_at.is_not(None)
partial("ix_attempts_to_ask", attempts.c.ask_at, attempts.c.id, only=_asked_about)

# Append-only: a trigger refuses updates and deletes.
transactions = sa.Table(
    "transactions",
    metadata,
    sa.Column("sequence", NUMBER, sa.Identity(), primary_key=True),
    sa.Column("gateway_id", TEXT, nullable=False),
    sa.Column("kind", TEXT, nullable=False),
    sa.Column("reference", TEXT, sa.ForeignKey("orders.reference"), nullable=False, index=True),
    sa.Column("attempt", TEXT, sa.ForeignKey("attempts.id"), nullable=False),
    sa.Column("amount_minor", sa.BigInteger, nullable=False),
    sa.Column("currency", CURRENCY, nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("card_brand", TEXT),
    sa.Column("card_last_four", TEXT),
    sa.Column("raw", JSON, nullable=False),
    *account_columns(),
    # Staff look for a transaction by the gateway's id alone, so that comes first.
    sa.UniqueConstraint("gateway_id", "account", "gateway", "environment"),
    sa.Index("ix_transactions_card", "card_last_four", "reference"),
)

refunds = sa.Table(
    "refunds",
    metadata,
    sa.Column("id", TEXT, primary_key=True),
    sa.Column("reference", TEXT, sa.ForeignKey("orders.reference"), nullable=False, index=True),
    sa.Column("attempt", TEXT, sa.ForeignKey("attempts.id"), nullable=False),
    sa.Column("amount_minor", sa.BigInteger, nullable=False),
    sa.Column("currency", CURRENCY, nullable=False),
    sa.Column("lines", JSON, nullable=False),
    sa.Column("reason", TEXT, nullable=False),
    sa.Column("by_kind", TEXT, nullable=False),
    sa.Column("by_name", TEXT, nullable=False),
    sa.Column("requested_at", UtcDateTime, nullable=False),
    sa.Column("captured_as", TEXT, nullable=False),
    sa.Column("excess", sa.Boolean, nullable=False),
    sa.Column("state", TEXT, nullable=False),
    sa.Column("gateway_id", TEXT),
    sa.Column("outcome", TEXT),
    sa.Column("sent_at", UtcDateTime),
    sa.Column("ask_at", UtcDateTime),
    sa.Column("asked", sa.Integer, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    *account_columns(),
)
UNSETTLED = refunds.c.state.not_in([sa.literal_column("'settled'"), sa.literal_column("'failed'")])
partial("ix_refunds_unsettled", refunds.c.requested_at, refunds.c.id, only=UNSETTLED)

refund_requests = sa.Table(
    "refund_requests",
    metadata,
    sa.Column("id", TEXT, primary_key=True),
    sa.Column("reference", TEXT, sa.ForeignKey("orders.reference"), nullable=False, index=True),
    sa.Column("learner", TEXT, nullable=False, index=True),
    sa.Column("positions", JSON, nullable=False),
    sa.Column("reason", TEXT, nullable=False),
    sa.Column("asked_at", UtcDateTime, nullable=False),
    sa.Column("state", TEXT, nullable=False),
    sa.Column("answered_at", UtcDateTime),
    sa.Column("answered_by_kind", TEXT),
    sa.Column("answered_by_name", TEXT),
    sa.Column("answer", TEXT, nullable=False),
    sa.Column("refund", TEXT),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Index("ix_refund_requests_oldest", "asked_at", "id"),
    sa.Index("ix_refund_requests_in_state", "state", "asked_at", "id"),
)
_open = refund_requests.c.state == sa.literal_column("'open'")
partial("uq_refund_requests_open", refund_requests.c.reference, only=_open, unique=True)
