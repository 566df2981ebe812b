"""Quotes a basket: the price of each line now, or why it cannot be bought."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

import attrs

from core.baskets.basket import AnotherCurrency, Basket, BasketIsEmpty, Item
from core.discounts.discount import (
    Discount,
    Offer,
    UsedByYou,
    UsedUp,
)
from core.discounts.personal_offers import PersonalOffer, PriceSource, offers_for
from core.discounts.pricing import priced
from core.errors import Refused
from core.identity import Learner, LearnerId
from core.money import Currency, Money, total
from core.order_reference import Reference
from core.orders.order import Order, OrderSearch
from core.orders.order_state import OrderState
from core.products.product import NotSellable, Product, Sku, SoldOut
from core.unit_of_work import UnitOfWork
from core.use_cases.pricing.code_report import CodeReport, code_report
from core.use_cases.pricing.eligibility import (
    PickedForProgram,
    PurchaseRule,
    bought_already,
    picks_refused,
)
from core.use_cases.pricing.quoted_line import QuotedLine


@attrs.frozen
class Quote:
    """The quote of a whole basket at one moment."""

    lines: tuple[QuotedLine, ...]
    codes: tuple[CodeReport, ...]
    currency: Currency

    @property
    def total(self) -> Money:
        """The total due of all lines that can be bought."""
        return total((line.due for line in self.lines if line.why_not is None), self.currency)

    @property
    def list_total(self) -> Money:
        prices = (line.priced.list_price for line in self.lines if line.why_not is None)
        return total(prices, self.currency)

    @property
    def saved(self) -> Money:
        return self.list_total - self.total

    @property
    def discounts(self) -> tuple[Discount, ...]:
        """The discounts that lower a line, without repetition, sorted by code."""
        used = {line.priced.discount for line in self.lines if line.priced.discount is not None}
        return tuple(sorted(used, key=lambda discount: discount.code))

    @property
    def fingerprint(self) -> str:
        """A hash of products, picked runs and prices. The order of the items does not change it."""
        lines = sorted(
            f"{line.product.sku}|{','.join(sorted(run.sku.text for run in line.runs))}|"
            f"{line.due.minor}|{line.priced.taken.code if line.priced.taken else ''}"
            for line in self.lines
        )
        return hashlib.sha256("\n".join([self.currency.code, *lines]).encode()).hexdigest()

    def sellable(self) -> Quote:
        """This quote, if every line can be bought. Raises BasketIsEmpty or the first refusal."""
        if not self.lines:
            raise BasketIsEmpty()
        for line in self.lines:
            if line.why_not is not None:
                raise line.why_not
        return self


@attrs.frozen
class Circumstances:
    """The stored facts about a basket's shopper and products."""

    products: Mapping[Sku, Product]
    offers: tuple[Offer, ...]
    owned: Mapping[Sku, Reference]
    owner: Learner | None = None
    rules: tuple[PurchaseRule, ...] = ()
    personal: tuple[PersonalOffer, ...] = ()

    def without(self, orders: Collection[Order]) -> Circumstances:
        """The same circumstances without the seats and codes that these orders hold."""
        seats = Counter(sku for order in orders for sku in order.skus)
        uses = Counter(code for order in orders for code in order.codes)
        products = {
            sku: attrs.evolve(product, seats_taken=max(product.seats_taken - seats[sku], 0))
            for sku, product in self.products.items()
        }
        offers = tuple(
            attrs.evolve(
                offer,
                used=offer.used - uses[offer.discount.code],
                used_by_learner=offer.used_by_learner - uses[offer.discount.code],
            )
            for offer in self.offers
        )
        return attrs.evolve(self, products=products, offers=offers)


def quote_basket(
    work: UnitOfWork,
    basket: Basket,
    at: datetime,
    *,
    rules: Iterable[PurchaseRule] = (),
    sources: Iterable[PriceSource] = (),
    offers: tuple[Offer, ...] | None = None,
) -> Quote:
    """Quote a basket at `now`, with three reads whatever its size.

    Price sources are asked once, and only for a learner: visitors all get the same prices. Seats
    and codes that the learner's own pending order holds count as free: one more read, only if a
    seat or a code is missing. `offers` are those of the basket's codes, if they were read before.
    Raises PricingUnavailable.
    """
    learner = basket.shopper if isinstance(basket.shopper, Learner) else None
    products = work.products.among(basket.skus) if basket.items else {}
    if offers is None:
        offers = work.discounts.offered(basket.codes, learner, at)
    owned = _owned(work, learner.id, products.values()) if learner and products else {}
    sold = [products[item.sku] for item in basket.items if item.sku in products]
    personal = offers_for(learner, sold, at, sources=sources) if learner else ()
    circumstances = Circumstances(products, offers, owned, learner, tuple(rules), personal)
    result = quote(basket, at, circumstances)
    if learner is not None and _something_is_taken(result, offers, at):
        pending = work.orders.search(OrderSearch(learner=learner.id, state=OrderState.PENDING))
        result = quote(basket, at, circumstances.without(pending)) if pending else result
    return result


def _something_is_taken(result: Quote, offers: Iterable[Offer], at: datetime) -> bool:
    seats = any(isinstance(line.why_not, SoldOut) for line in result.lines)
    return seats or any(isinstance(offer.why_not(at), UsedUp | UsedByYou) for offer in offers)


def _owned(
    work: UnitOfWork, learner: LearnerId, products: Iterable[Product]
) -> Mapping[Sku, Reference]:
    skus = {sku for product in products for sku in (product.sku, *product.programs)}
    return work.orders.owned(learner, skus)


def quote(basket: Basket, at: datetime, circumstances: Circumstances) -> Quote:
    """Quote a basket at `now` in these circumstances: a pure function."""
    refused = {offer.discount.code: offer.why_not(at) for offer in circumstances.offers}
    usable = [
        offer.discount for offer in circumstances.offers if refused[offer.discount.code] is None
    ]
    lines = tuple(
        _line(item, basket, at, circumstances=circumstances, usable=usable)
        for item in basket.items
        if item.sku in circumstances.products
    )
    codes = tuple(code_report(code, lines, refused=refused, usable=usable) for code in basket.codes)
    return Quote(lines, codes, basket.currency or Currency.USD)


def _line(
    item: Item,
    basket: Basket,
    at: datetime,
    *,
    circumstances: Circumstances,
    usable: Collection[Discount],
) -> QuotedLine:
    product = circumstances.products[item.sku]
    runs = tuple(
        sorted((circumstances.products[sku] for sku in item.runs), key=lambda run: run.number)
    )
    return QuotedLine(
        item,
        product,
        runs,
        priced(product, (*usable, *circumstances.personal)),
        _why_not(product, basket, at, circumstances=circumstances)
        or picks_refused(product, runs, at),
        tuple(run for run in runs if run.sku in circumstances.owned),
    )


def _why_not(
    product: Product, basket: Basket, at: datetime, *, circumstances: Circumstances
) -> Refused | None:
    not_sellable: NotSellable | None = product.why_not(at)
    if not_sellable is not None:
        return not_sellable
    if basket.currency not in (None, product.price.currency):
        return AnotherCurrency(product.title, product.price, basket.currency)
    bought = bought_already(product, circumstances.owned)
    if bought is not None:
        return bought
    for other in basket.items:
        if product.sku in other.runs:
            return PickedForProgram(product.title, circumstances.products[other.sku].title)
    if circumstances.owner is not None:
        for rule in circumstances.rules:
            refusal = rule(circumstances.owner, product)
            if refusal is not None:
                return refusal
    return None
