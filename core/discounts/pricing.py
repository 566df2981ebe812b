"""The one pure function that prices a line."""

from __future__ import annotations

from collections.abc import Iterable

import attrs

from core.discounts.discount import TIE_ORDER, Discount
from core.discounts.personal_offers import PersonalOffer
from core.money import Money
from core.orders.line import Reduction
from core.products.product import Product


@attrs.frozen
class PricedLine:
    """A product's price after its best discount, and that discount."""

    list_price: Money
    taken: Discount | PersonalOffer | None = None
    reduction: Reduction | None = None

    @property
    def discount(self) -> Discount | None:
        """The shop's own discount that was applied, whose uses are counted."""
        return self.taken if isinstance(self.taken, Discount) else None

    @property
    def due(self) -> Money:
        none = Money(0, self.list_price.currency)
        return self.list_price - (self.reduction.amount if self.reduction else none)


def taken_off(discount: Discount | PersonalOffer, price: Money) -> Money:
    """The amount that the discount takes off, clamped to [0, price]."""
    none = Money(0, price.currency)
    return min(max(discount.saving.off(price), none), price)


def priced(product: Product, discounts: Iterable[Discount | PersonalOffer]) -> PricedLine:
    """Price a product with the discount or offer that leaves the least to pay.

    Discounts do not stack. If several leave the same price, an assigned discount or personal offer
    precedes an automatic one, and an automatic one a typed one; then the code decides
    (docs/domain.md, Discounts). A discount that takes nothing off is not applied.
    """
    price = product.price
    offers = [(taken_off(d, price), d) for d in discounts if d.covers(product)]
    worthwhile = [(off, d) for off, d in offers if off]
    if not worthwhile:
        return PricedLine(price)
    off, best = min(
        worthwhile, key=lambda o: (-o[0].minor, TIE_ORDER.index(o[1].source), o[1].code.text)
    )
    reduction = Reduction(best.code, str(best.saving), off, best.payment_type)
    return PricedLine(price, best, reduction)
