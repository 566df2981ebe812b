"""The one pure function that prices a line."""

from __future__ import annotations

from collections.abc import Iterable

import attrs

from core.discounts.discount import TIE_ORDER, Discount
from core.money import Money
from core.orders.line import Reduction
from core.products.product import Product


@attrs.frozen
class PricedLine:
    """What a product costs after the best discount, and the discount that was taken."""

    list_price: Money
    discount: Discount | None = None
    reduction: Reduction | None = None

    @property
    def due(self) -> Money:
        none = Money(0, self.list_price.currency)
        return self.list_price - (self.reduction.amount if self.reduction else none)


def taken_off(discount: Discount, price: Money) -> Money:
    """What discount takes off price: never less than nothing, never more than the price."""
    none = Money(0, price.currency)
    return min(max(discount.saving.off(price), none), price)


def priced(product: Product, discounts: Iterable[Discount]) -> PricedLine:
    """The product at the price left by whichever discount leaves the least to pay.

    Nothing stacks. Of equals, one assigned to the learner comes before an automatic one, that
    before a typed one, and then the earlier code (domain: Discounts). A discount that would take
    nothing off is not taken.
    """
    price = product.price
    offers = [(taken_off(d, price), d) for d in discounts if d.covers(product)]
    worthwhile = [(off, d) for off, d in offers if off]
    if not worthwhile:
        return PricedLine(price)
    off, best = min(
        worthwhile, key=lambda o: (-o[0].minor, TIE_ORDER.index(o[1].source), o[1].code)
    )
    return PricedLine(price, best, Reduction(best.code, str(best.saving), off))
