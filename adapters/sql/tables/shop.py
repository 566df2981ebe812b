"""Tables of products, baskets, orders and discounts."""

from __future__ import annotations

import sqlalchemy as sa

from adapters.sql.columns import CURRENCY, JSON, NUMBER, TEXT, UtcDateTime
from adapters.sql.tables.naming import metadata, partial

products = sa.Table(
    "products",
    metadata,
    sa.Column("sku", TEXT, primary_key=True),
    sa.Column("readable_id", TEXT, nullable=False, unique=True),
    sa.Column("title", TEXT, nullable=False),
    sa.Column("kind", TEXT, nullable=False),
    sa.Column("course", TEXT, index=True),
    sa.Column("starts_at", UtcDateTime),
    sa.Column("ends_at", UtcDateTime),
    sa.Column("enrollment_opens_at", UtcDateTime),
    sa.Column("payment_deadline_at", UtcDateTime),
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
sa.Index("ix_products_shelf", products.c.listing, products.c.shelf_place)

program_courses = sa.Table(
    "program_courses",
    metadata,
    sa.Column("program", TEXT, sa.ForeignKey("products.sku"), primary_key=True),
    sa.Column("course", TEXT, primary_key=True, index=True),
    sa.Column("position", sa.Integer, nullable=False),
)

# Append-only: a trigger refuses updates and deletes.
price_versions = sa.Table(
    "price_versions",
    metadata,
    sa.Column("sku", TEXT, sa.ForeignKey("products.sku"), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("amount_minor", sa.BigInteger, nullable=False),
    sa.Column("currency", CURRENCY, nullable=False),
    sa.Column("since", UtcDateTime, nullable=False),
    sa.CheckConstraint("amount_minor >= 0", name="amount"),
)

baskets = sa.Table(
    "baskets",
    metadata,
    sa.Column("shopper", TEXT, primary_key=True),
    sa.Column("codes", JSON, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
)
basket_items = sa.Table(
    "basket_items",
    metadata,
    sa.Column("shopper", TEXT, sa.ForeignKey("baskets.shopper"), primary_key=True),
    sa.Column("sku", TEXT, primary_key=True),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("seen_price_minor", sa.BigInteger, nullable=False),
    sa.Column("currency", CURRENCY, nullable=False),
    sa.Column("added_at", UtcDateTime, nullable=False),
    sa.Column("runs", JSON, nullable=False),
)

orders = sa.Table(
    "orders",
    metadata,
    sa.Column("reference", TEXT, primary_key=True),
    sa.Column("learner_id", TEXT, nullable=False),
    sa.Column("learner_email", TEXT, nullable=False),
    sa.Column("learner_name", TEXT, nullable=False),
    # The address in the form used for comparison.
    sa.Column("email_key", TEXT, nullable=False, server_default=""),
    sa.Column("placed_at", UtcDateTime, nullable=False),
    sa.Column("held_until", UtcDateTime, nullable=False),
    sa.Column("request_key", TEXT, nullable=False),
    sa.Column("fingerprint", TEXT, nullable=False),
    sa.Column("state", TEXT, nullable=False),
    sa.Column("attention", TEXT),
    sa.Column("version", sa.Integer, nullable=False),
    sa.UniqueConstraint("learner_id", "request_key"),
)
sa.Index("ix_orders_newest", orders.c.placed_at, orders.c.reference)
sa.Index("ix_orders_of_learner", orders.c.learner_id, orders.c.placed_at, orders.c.reference)
sa.Index("ix_orders_of_email", orders.c.email_key, orders.c.placed_at, orders.c.reference)
sa.Index("ix_orders_in_state", orders.c.state, orders.c.placed_at, orders.c.reference)
PENDING = orders.c.state == sa.literal_column("'pending'")
FLAGGED = orders.c.attention.is_not(None)
partial("ix_orders_flagged", orders.c.placed_at, orders.c.reference, only=FLAGGED)
partial("ix_orders_pending_of_learner", orders.c.learner_id, only=PENDING)
partial("ix_orders_overdue", orders.c.held_until, orders.c.reference, only=PENDING)

# `owner` is the learner while they own the product of the line, otherwise null. Its unique index
# prevents a second purchase of the same product.
order_lines = sa.Table(
    "order_lines",
    metadata,
    sa.Column("reference", TEXT, sa.ForeignKey("orders.reference"), primary_key=True),
    sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("sku", TEXT, nullable=False),
    sa.Column("readable_id", TEXT, nullable=False),
    sa.Column("title", TEXT, nullable=False),
    sa.Column("kind", TEXT, nullable=False),
    sa.Column("price_version", sa.Integer, nullable=False),
    sa.Column("currency", CURRENCY, nullable=False),
    sa.Column("list_price_minor", sa.BigInteger, nullable=False),
    sa.Column("reduction_code", TEXT),
    sa.Column("reduction_saving", TEXT),
    sa.Column("reduction_minor", sa.BigInteger, nullable=False),
    sa.Column("reduction_payment_type", TEXT),
    sa.Column("due_minor", sa.BigInteger, nullable=False),
    sa.Column("starts_at", UtcDateTime),
    sa.Column("ends_at", UtcDateTime),
    sa.Column("runs", JSON, nullable=False),
    sa.Column("fulfilment", TEXT, nullable=False),
    sa.Column("refunded_minor", sa.BigInteger, nullable=False),
    sa.Column("owner", TEXT),
    sa.UniqueConstraint("owner", "sku"),
    sa.CheckConstraint("due_minor = list_price_minor - reduction_minor", name="due"),
    sa.CheckConstraint("refunded_minor >= 0 AND refunded_minor <= due_minor", name="refunded"),
    sa.Index("ix_order_lines_sku", "sku", "reference"),
)
partial(
    "ix_order_lines_lowered",
    order_lines.c.reduction_code,
    order_lines.c.reference,
    only=order_lines.c.reduction_code.is_not(None),
)

# Append-only: a trigger refuses updates and deletes.
order_history = sa.Table(
    "order_history",
    metadata,
    sa.Column("sequence", NUMBER, sa.Identity(), primary_key=True),
    sa.Column("reference", TEXT, sa.ForeignKey("orders.reference"), nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("by_kind", TEXT, nullable=False),
    sa.Column("by_name", TEXT, nullable=False),
    sa.Column("moved_from", TEXT),
    sa.Column("moved_to", TEXT, nullable=False),
    sa.Column("why", TEXT, nullable=False),
    sa.Index("ix_order_history_of_order", "reference", "sequence"),
)

# `used` counts reserved and redeemed uses; see redemptions.py.
discounts = sa.Table(
    "discounts",
    metadata,
    sa.Column("id", TEXT, primary_key=True),
    sa.Column("code", TEXT, nullable=False, unique=True),
    sa.Column("kind", TEXT, nullable=False),
    sa.Column("amount", TEXT, nullable=False),
    sa.Column("currency", CURRENCY),
    sa.Column("source", TEXT, nullable=False),
    sa.Column("activates_at", UtcDateTime),
    sa.Column("expires_at", UtcDateTime),
    sa.Column("redemption_type", TEXT, nullable=False),
    sa.Column("max_redemptions", sa.Integer),
    sa.Column("max_per_learner", sa.Integer),
    sa.Column("overall_limit", sa.Integer),
    sa.Column("learner_limit", sa.Integer),
    sa.Column("payment_type", TEXT, nullable=False),
    sa.Column("used", sa.Integer, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("batch", TEXT),
    sa.CheckConstraint("used >= 0", name="used"),
    sa.CheckConstraint("overall_limit IS NULL OR used <= overall_limit", name="overall_limit"),
)
AUTOMATIC = discounts.c.source == sa.literal_column("'automatic'")
partial("ix_discounts_automatic_until", discounts.c.expires_at, only=AUTOMATIC)
IN_BATCH = discounts.c.batch.is_not(None)
partial("ix_discounts_of_batch", discounts.c.batch, discounts.c.code, only=IN_BATCH)
discount_scope = sa.Table(
    "discount_scope",
    metadata,
    sa.Column("discount_id", TEXT, sa.ForeignKey("discounts.id"), primary_key=True),
    sa.Column("kind", TEXT, primary_key=True),
    sa.Column("value", TEXT, primary_key=True),
)
# An assignee is "id:" and a learner id, or "email:" and an address in lower case.
discount_assignments = sa.Table(
    "discount_assignments",
    metadata,
    sa.Column("assignee", TEXT, primary_key=True),
    sa.Column("discount_id", TEXT, sa.ForeignKey("discounts.id"), primary_key=True, index=True),
)

redemptions = sa.Table(
    "redemptions",
    metadata,
    sa.Column("sequence", NUMBER, sa.Identity(), primary_key=True),
    sa.Column("discount_id", TEXT, sa.ForeignKey("discounts.id"), nullable=False),
    sa.Column("reference", TEXT, sa.ForeignKey("orders.reference"), nullable=False, index=True),
    sa.Column("learner", TEXT, nullable=False),
    sa.Column("state", TEXT, nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Index("ix_redemptions_of_discount", "discount_id", "sequence"),
)
REDEEMED = redemptions.c.state == sa.literal_column("'redeemed'")
partial("ix_redemptions_redeemed", redemptions.c.at, only=REDEEMED)
HELD = redemptions.c.state != sa.literal_column("'released'")
partial(
    "uq_redemptions_held",
    redemptions.c.discount_id,
    redemptions.c.learner,
    redemptions.c.reference,
    only=HELD,
    unique=True,
)
