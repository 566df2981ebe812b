"""Use cases for one product: change its price, seats, sales window and listing."""

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
    """Leave this end of the window unchanged (None means: no such end)."""

    AS_IT_IS = enum.auto()


AS_IT_IS = Unchanged.AS_IT_IS
NewMoment: TypeAlias = datetime | Unchanged | None


def reprice(sku: Sku, price: Money, *, by: Actor, why: str, begin: Begin, now: datetime) -> Product:
    """Set a product's price. The same price changes nothing.

    Raises UnknownProduct or ReasonIsMissing.
    """

    def repriced(product: Product) -> Product:
        return product.repriced(price, now)

    return _change(sku, repriced, by=by, why=required_reason(why), begin=begin, now=now)


def set_listing(
    sku: Sku, listing: Listing, *, by: Actor, why: str, begin: Begin, now: datetime
) -> Product:
    """Put a product on sale, hide it or withdraw it. The same listing changes nothing.

    Raises UnknownProduct.
    """

    def listed(product: Product) -> Product:
        return product.listed(listing)

    return _change(sku, listed, by=by, why=why, begin=begin, now=now)


def set_seats(
    sku: Sku, seats: int | None, *, by: Actor, why: str, begin: Begin, now: datetime
) -> Product:
    """Set a product's seats; None means unlimited.

    Raises UnknownProduct or FewerSeatsThanTaken.
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
    """Set the sales window [opens_at, deadline_at) of a product; None means: no such end.

    Raises UnknownProduct, or NoTimeToBuy if the deadline is not after the opening.
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
    """Save the changed product and a journal entry; an unchanged product writes neither."""
    with begin() as work:
        product = work.products.get(sku)
        changed = change(product)
        if changed != product:
            work.products.save([changed])
            what = "; ".join(product_changes(product, changed))
            work.audit_log.add([AuditEntry(now, by, Subject.product(sku), what, why.strip())])
            work.commit()
        return changed
