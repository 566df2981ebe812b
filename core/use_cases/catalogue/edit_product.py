"""Verbs for one product on the shelf: its price, its seats, when it is sold, and how openly."""

from __future__ import annotations

import enum
from collections.abc import Callable
from datetime import datetime
from typing import TypeAlias

from core.audit_log import AuditEntry, Subject, required_reason
from core.identity import Actor
from core.money import Money
from core.products.changes import product_changes
from core.products.product import Listing, Product, Sku
from core.unit_of_work import Begin, repeated_on_conflict


class Unchanged(enum.Enum):
    """Says of one end of a window that it stays as it is: None says that there is no such end."""

    AS_IT_IS = enum.auto()


AS_IT_IS = Unchanged.AS_IT_IS
NewMoment: TypeAlias = datetime | Unchanged | None


def reprice(sku: Sku, price: Money, *, by: Actor, why: str, begin: Begin, now: datetime) -> Product:
    """Give a product a new price; the same price changes nothing.

    Raises UnknownProduct or ReasonIsMissing.
    """

    def repriced(product: Product) -> Product:
        return product.repriced(price, now)

    return _change(sku, repriced, by=by, why=required_reason(why), begin=begin, now=now)


def set_listing(
    sku: Sku, listing: Listing, *, by: Actor, why: str, begin: Begin, now: datetime
) -> Product:
    """Put a product on sale, hide it or withdraw it; what is so already stays as it is.

    Raises UnknownProduct.
    """

    def listed(product: Product) -> Product:
        return product.listed(listing)

    return _change(sku, listed, by=by, why=why, begin=begin, now=now)


def set_seats(
    sku: Sku, seats: int | None, *, by: Actor, why: str, begin: Begin, now: datetime
) -> Product:
    """Give a product so many seats, or with None as many as anybody wants.

    Raises UnknownProduct, or FewerSeatsThanTaken.
    """

    def seated(product: Product) -> Product:
        return product.seated(seats)

    return _change(sku, seated, by=by, why=why, begin=begin, now=now)


def set_window(
    sku: Sku,
    *,
    opens_at: NewMoment = AS_IT_IS,
    deadline_at: NewMoment = AS_IT_IS,
    by: Actor,
    why: str,
    begin: Begin,
    now: datetime,
) -> Product:
    """Say when a product can be bought: in [opens_at, deadline_at), None being without that end.

    Raises UnknownProduct, or NoTimeToBuy where the deadline is not after the opening.
    """

    def sold_within(product: Product) -> Product:
        opens = product.enrollment_opens_at if opens_at is AS_IT_IS else opens_at
        deadline = product.payment_deadline_at if deadline_at is AS_IT_IS else deadline_at
        return product.sold_within(opens, deadline)

    return _change(sku, sold_within, by=by, why=why, begin=begin, now=now)


@repeated_on_conflict
def _change(
    sku: Sku,
    change: Callable[[Product], Product],
    *,
    by: Actor,
    why: str,
    begin: Begin,
    now: datetime,
) -> Product:
    """Change a product and tell the journal; what is so already is neither kept nor told."""
    with begin() as work:
        product = work.products.get(sku)
        changed = change(product)
        if changed != product:
            work.products.save([changed])
            what = "; ".join(product_changes(product, changed))
            work.audit_log.add([AuditEntry(now, by, Subject.product(sku), what, why.strip())])
            work.commit()
        return changed
