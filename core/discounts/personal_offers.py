"""Personal offers: reductions for one learner from a source outside the shop, and its port."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import ClassVar, Protocol

import attrs

from core.discount_code import OfferCode, PaymentType
from core.discounts.discount import Source
from core.discounts.saving import Saving
from core.errors import Unavailable
from core.identity import Learner
from core.money import Money
from core.products.product import Product, Sku


@attrs.frozen
class PersonalOffer:
    """One source's offer for one product and one learner. A fixed price sets the price.

    `code` is shown on receipts and to finance. `why` ends the sentence that tells the learner of
    the offer, such as "your financial assistance".
    """

    source: ClassVar[Source] = Source.ASSIGNED

    sku: Sku
    saving: Saving
    code: OfferCode
    payment_type: PaymentType
    why: str = attrs.field(validator=attrs.validators.min_len(1))

    def covers(self, product: Product) -> bool:
        return self.sku == product.sku and self.saving.currency in {None, product.price.currency}


class PriceSource(Protocol):
    """The port of a source that has prices or discounts for single learners."""

    @property
    def name(self) -> str:
        """The first part of all its offer codes, such as "financial-aid"."""
        ...

    def offers(
        self, learner: Learner, products: Collection[Product], at: datetime, /
    ) -> Iterable[PersonalOffer]:
        """Its offers to the learner for these products at that moment, any number for each.

        Called once for a basket, inside the transaction that prices it, and again at every view. So
        it must only read what it has decided before.
        """
        ...


@attrs.frozen
class PricingUnavailable(Unavailable):
    """A price source failed or gave an invalid answer: nothing is priced and nothing is sold.

    The error's cause says what went wrong.
    """

    source: str


class MalformedOffer(Exception):
    """The answer cannot be used as a price. The message is for the log."""


def offers_for(
    learner: Learner,
    products: Collection[Product],
    at: datetime,
    *,
    sources: Iterable[PriceSource],
) -> tuple[PersonalOffer, ...]:
    """All sources' offers to the learner for these products. Raises PricingUnavailable.

    To sell at the full price would cost the learner money, so any failure of a source stops the
    sale.
    """
    priced = {product.sku: product for product in products}
    found: list[PersonalOffer] = []
    for source in sources if priced else ():
        try:
            offers = tuple(source.offers(learner, products, at))
            for offer in offers:
                _make_sense(offer, source.name, priced)
        except Exception as error:
            raise PricingUnavailable(source.name) from error
        found += offers
    return tuple(found)


def _make_sense(offer: object, source: str, priced: Mapping[Sku, Product]) -> None:
    if not isinstance(offer, PersonalOffer):
        raise MalformedOffer(f"{offer!r} is no PersonalOffer")
    if offer.code.source != source.upper():
        raise MalformedOffer(f"{offer.code} does not begin with {source.upper()}/")
    if offer.sku not in priced:
        raise MalformedOffer(f"{offer.code} is for {offer.sku}, which nobody asked about")
    price = priced[offer.sku].price
    if offer.saving.currency not in {None, price.currency}:
        raise MalformedOffer(
            f"{offer.code} is in {offer.saving.currency}, {offer.sku} costs {price}"
        )
    off: object = offer.saving.off(price)
    if not isinstance(off, Money) or off.currency is not price.currency:
        raise MalformedOffer(f"{offer.code} takes {off!r} off {price}")
