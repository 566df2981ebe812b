"""Personal offers: what a source outside the shop takes off for one learner, and its port."""

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
    """What one source takes off one product for one learner; a fixed price sets the price.

    `code` is what receipts and finance call it. `why` ends the sentence in which the learner is
    told of it, such as "your financial assistance".
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
    """Somebody who has prices or discounts of their own for a learner."""

    @property
    def name(self) -> str:
        """The first part of the code of all its offers, such as "financial-aid"."""
        ...

    def offers(
        self, learner: Learner, products: Collection[Product], at: datetime, /
    ) -> Iterable[PersonalOffer]:
        """What it offers the learner for these products at that moment; any number for each.

        Asked once for a whole basket, within the transaction that prices it, and again at every
        look: it reads what it has decided, and decides nothing.
        """
        ...


@attrs.frozen
class PricingUnavailable(Unavailable):
    """A source of prices failed, or answered nonsense: then nothing is priced, and nothing sold.

    What went wrong is the cause of this error.
    """

    source: str


class MalformedOffer(Exception):
    """An answer that no price can be made of; for whoever reads the log."""


def offers_for(
    learner: Learner,
    products: Collection[Product],
    at: datetime,
    *,
    sources: Iterable[PriceSource],
) -> tuple[PersonalOffer, ...]:
    """What all sources offer the learner for these products. Raises PricingUnavailable.

    Selling at the full price because a source is silent would cost the learner money, so a source
    that fails, however it fails, stops the sale.
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
