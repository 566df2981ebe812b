"""The first tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

MOMENT = sa.DateTime(timezone=True)
TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

APPEND_ONLY = ("price_versions", "order_history", "transactions")


# There is no way back: what the shop records is never thrown away. Restore a backup instead.
def upgrade() -> None:
    _catalogue()
    _baskets()
    _orders()
    _discounts()
    _payments()
    _outbox()
    for table in APPEND_ONLY:
        _let_only_append(table)


def _catalogue() -> None:
    op.create_table(
        "products",
        sa.Column("sku", TEXT, primary_key=True),
        sa.Column("readable_id", TEXT, nullable=False, unique=True),
        sa.Column("title", TEXT, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("course", TEXT, index=True),
        sa.Column("starts_at", MOMENT),
        sa.Column("ends_at", MOMENT),
        sa.Column("enrollment_opens_at", MOMENT),
        sa.Column("payment_deadline_at", MOMENT),
        sa.Column("seats", sa.Integer),
        sa.Column("seats_taken", sa.Integer, nullable=False),
        sa.Column("listing", TEXT, nullable=False),
        sa.Column("price_number", sa.Integer, nullable=False),
        sa.Column("shelf_place", TEXT, nullable=False),
        sa.Column("search_text", TEXT, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.CheckConstraint("seats_taken >= 0", name="seats_taken"),
        sa.CheckConstraint("seats IS NULL OR seats_taken <= seats", name="seats"),
    )
    op.create_index("ix_products_shelf", "products", ["listing", "shelf_place"])
    op.create_table(
        "program_courses",
        sa.Column("program", TEXT, sa.ForeignKey("products.sku"), primary_key=True),
        sa.Column("course", TEXT, primary_key=True, index=True),
        sa.Column("position", sa.Integer, nullable=False),
    )
    op.create_table(
        "price_versions",
        sa.Column("sku", TEXT, sa.ForeignKey("products.sku"), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("amount_minor", sa.BigInteger, nullable=False),
        sa.Column("currency", sa.CHAR(3), nullable=False),
        sa.Column("since", MOMENT, nullable=False),
        sa.CheckConstraint("amount_minor >= 0", name="amount"),
    )


def _baskets() -> None:
    op.create_table(
        "baskets",
        sa.Column("shopper", TEXT, primary_key=True),
        sa.Column("codes", sa.JSON(), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
    )
    op.create_table(
        "basket_items",
        sa.Column("shopper", TEXT, sa.ForeignKey("baskets.shopper"), primary_key=True),
        sa.Column("sku", TEXT, primary_key=True),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("seen_price_minor", sa.BigInteger, nullable=False),
        sa.Column("currency", sa.CHAR(3), nullable=False),
        sa.Column("added_at", MOMENT, nullable=False),
        sa.Column("runs", sa.JSON(), nullable=False),
    )


def _orders() -> None:
    op.create_table(
        "orders",
        sa.Column("reference", TEXT, primary_key=True),
        sa.Column("learner_id", TEXT, nullable=False),
        sa.Column("learner_email", TEXT, nullable=False),
        sa.Column("learner_name", TEXT, nullable=False),
        sa.Column("placed_at", MOMENT, nullable=False),
        sa.Column("held_until", MOMENT, nullable=False),
        sa.Column("request_key", TEXT, nullable=False),
        sa.Column("fingerprint", TEXT, nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("attention", TEXT),
        sa.Column("version", sa.Integer, nullable=False),
        sa.UniqueConstraint("learner_id", "request_key"),
    )
    op.create_index("ix_orders_newest", "orders", ["placed_at", "reference"])
    op.create_index("ix_orders_of_learner", "orders", ["learner_id", "placed_at", "reference"])
    op.create_index("ix_orders_in_state", "orders", ["state", "placed_at", "reference"])
    _partial(
        "ix_orders_flagged", "orders", ["placed_at", "reference"], only="attention IS NOT NULL"
    )
    _partial("ix_orders_pending_of_learner", "orders", ["learner_id"], only="state = 'pending'")
    _partial("ix_orders_overdue", "orders", ["held_until", "reference"], only="state = 'pending'")
    op.create_table(
        "order_lines",
        sa.Column("reference", TEXT, sa.ForeignKey("orders.reference"), primary_key=True),
        sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("sku", TEXT, nullable=False),
        sa.Column("readable_id", TEXT, nullable=False),
        sa.Column("title", TEXT, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("price_version", sa.Integer, nullable=False),
        sa.Column("currency", sa.CHAR(3), nullable=False),
        sa.Column("list_price_minor", sa.BigInteger, nullable=False),
        sa.Column("reduction_code", TEXT),
        sa.Column("reduction_saving", TEXT),
        sa.Column("reduction_minor", sa.BigInteger, nullable=False),
        sa.Column("due_minor", sa.BigInteger, nullable=False),
        sa.Column("starts_at", MOMENT),
        sa.Column("ends_at", MOMENT),
        sa.Column("runs", sa.JSON(), nullable=False),
        sa.Column("fulfilment", TEXT, nullable=False),
        sa.Column("refunded_minor", sa.BigInteger, nullable=False),
        sa.Column("owner", TEXT),
        sa.UniqueConstraint("owner", "sku"),
        sa.CheckConstraint("due_minor = list_price_minor - reduction_minor", name="due"),
        sa.CheckConstraint("refunded_minor >= 0 AND refunded_minor <= due_minor", name="refunded"),
    )
    op.create_table(
        "order_history",
        sa.Column("sequence", NUMBER, sa.Identity(), primary_key=True),
        sa.Column("reference", TEXT, sa.ForeignKey("orders.reference"), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("by_kind", TEXT, nullable=False),
        sa.Column("by_name", TEXT, nullable=False),
        sa.Column("moved_from", TEXT),
        sa.Column("moved_to", TEXT, nullable=False),
        sa.Column("why", TEXT, nullable=False),
        sa.Index("ix_order_history_of_order", "reference", "sequence"),
    )


def _discounts() -> None:
    op.create_table(
        "discounts",
        sa.Column("id", TEXT, primary_key=True),
        sa.Column("code", TEXT, nullable=False, unique=True),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("amount", TEXT, nullable=False),
        sa.Column("currency", sa.CHAR(3)),
        sa.Column("source", TEXT, nullable=False),
        sa.Column("activates_at", MOMENT),
        sa.Column("expires_at", MOMENT),
        sa.Column("redemption_type", TEXT, nullable=False),
        sa.Column("max_redemptions", sa.Integer),
        sa.Column("max_per_learner", sa.Integer),
        sa.Column("overall_limit", sa.Integer),
        sa.Column("learner_limit", sa.Integer),
        sa.Column("payment_type", TEXT, nullable=False),
        sa.Column("used", sa.Integer, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.CheckConstraint("used >= 0", name="used"),
        sa.CheckConstraint("overall_limit IS NULL OR used <= overall_limit", name="overall_limit"),
    )
    _partial("ix_discounts_automatic", "discounts", ["id"], only="source = 'automatic'")
    op.create_table(
        "discount_scope",
        sa.Column("discount_id", TEXT, sa.ForeignKey("discounts.id"), primary_key=True),
        sa.Column("kind", TEXT, primary_key=True),
        sa.Column("value", TEXT, primary_key=True),
    )
    op.create_table(
        "discount_assignments",
        sa.Column("learner", TEXT, primary_key=True),
        sa.Column("discount_id", TEXT, sa.ForeignKey("discounts.id"), primary_key=True, index=True),
    )
    op.create_table(
        "redemptions",
        sa.Column("sequence", NUMBER, sa.Identity(), primary_key=True),
        sa.Column("discount_id", TEXT, sa.ForeignKey("discounts.id"), nullable=False),
        sa.Column("reference", TEXT, sa.ForeignKey("orders.reference"), nullable=False, index=True),
        sa.Column("learner", TEXT, nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
    )
    _partial(
        "uq_redemptions_held",
        "redemptions",
        ["discount_id", "learner", "reference"],
        only="state <> 'released'",
        unique=True,
    )


def _payments() -> None:
    op.create_table(
        "attempts",
        sa.Column("id", TEXT, primary_key=True),
        sa.Column("reference", TEXT, sa.ForeignKey("orders.reference"), nullable=False, index=True),
        sa.Column("amount_minor", sa.BigInteger, nullable=False),
        sa.Column("currency", sa.CHAR(3), nullable=False),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("session", sa.JSON()),
        sa.Column("session_expires_at", MOMENT),
        sa.Column("token", TEXT, unique=True),
        sa.Column("sent_at", MOMENT),
        sa.Column("reason", TEXT),
        sa.Column("ask_at", MOMENT),
        sa.Column("asked", sa.Integer, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
    )
    _partial(
        "uq_attempts_captured", "attempts", ["reference"], only="state = 'captured'", unique=True
    )
    _partial("ix_attempts_to_ask", "attempts", ["ask_at", "id"], only="ask_at IS NOT NULL")
    op.create_table(
        "transactions",
        sa.Column("sequence", NUMBER, sa.Identity(), primary_key=True),
        sa.Column("gateway_id", TEXT, nullable=False, unique=True),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("reference", TEXT, sa.ForeignKey("orders.reference"), nullable=False, index=True),
        sa.Column("attempt", TEXT, sa.ForeignKey("attempts.id"), nullable=False),
        sa.Column("amount_minor", sa.BigInteger, nullable=False),
        sa.Column("currency", sa.CHAR(3), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("card_brand", TEXT),
        sa.Column("card_last_four", TEXT),
        sa.Column("raw", sa.JSON(), nullable=False),
    )
    op.create_table(
        "refunds",
        sa.Column("id", TEXT, primary_key=True),
        sa.Column("reference", TEXT, sa.ForeignKey("orders.reference"), nullable=False, index=True),
        sa.Column("attempt", TEXT, sa.ForeignKey("attempts.id"), nullable=False),
        sa.Column("amount_minor", sa.BigInteger, nullable=False),
        sa.Column("currency", sa.CHAR(3), nullable=False),
        sa.Column("lines", sa.JSON(), nullable=False),
        sa.Column("reason", TEXT, nullable=False),
        sa.Column("by_kind", TEXT, nullable=False),
        sa.Column("by_name", TEXT, nullable=False),
        sa.Column("requested_at", MOMENT, nullable=False),
        sa.Column("captured_as", TEXT, nullable=False),
        sa.Column("excess", sa.Boolean, nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("gateway_id", TEXT),
        sa.Column("outcome", TEXT),
        sa.Column("sent_at", MOMENT),
        sa.Column("ask_at", MOMENT),
        sa.Column("asked", sa.Integer, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
    )
    _partial(
        "ix_refunds_unsettled",
        "refunds",
        ["requested_at", "id"],
        only="state NOT IN ('settled', 'failed')",
    )


def _outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("sequence", NUMBER, sa.Identity(), primary_key=True),
        sa.Column("event", TEXT, nullable=False, unique=True),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("reference", TEXT, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("position", sa.Integer),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("next_try_at", MOMENT),
        sa.Column("claimed_until", MOMENT),
        sa.Column("delivered_at", MOMENT),
        sa.Column("given_up_at", MOMENT),
        sa.Column("last_error", TEXT),
        sa.Index("ix_outbox_of_order", "reference", "sequence"),
        sqlite_autoincrement=True,
    )
    _partial(
        "ix_outbox_waiting",
        "outbox",
        ["reference", "sequence"],
        only="delivered_at IS NULL AND given_up_at IS NULL",
    )
    _partial(
        "ix_outbox_queue",
        "outbox",
        ["sequence"],
        only="delivered_at IS NULL AND given_up_at IS NULL",
    )
    _partial("ix_outbox_given_up", "outbox", ["sequence"], only="given_up_at IS NOT NULL")


def _partial(name: str, table: str, columns: list[str], *, only: str, unique: bool = False) -> None:
    where = sa.text(only)
    op.create_index(name, table, columns, unique=unique, sqlite_where=where, postgresql_where=where)


def _let_only_append(table: str) -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            f"""
            CREATE FUNCTION {table}_only_append() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                RAISE EXCEPTION '{table} can only be appended to'
                    USING ERRCODE = 'integrity_constraint_violation';
            END $$
            """
        )
        op.execute(
            f"""
            CREATE TRIGGER {table}_only_append BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
            FOR EACH STATEMENT EXECUTE FUNCTION {table}_only_append()
            """
        )
        return
    for change in ("UPDATE", "DELETE"):
        op.execute(
            f"""
            CREATE TRIGGER {table}_no_{change.lower()} BEFORE {change} ON {table}
            BEGIN SELECT RAISE(ABORT, '{table} can only be appended to'); END
            """
        )
