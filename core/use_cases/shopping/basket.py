"""Use cases of the basket: show, add, remove, enter a code, merge at sign-in."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

import attrs

from core.baskets.basket import Basket, Item, Merge
from core.discount_code import DiscountCode
from core.discounts.personal_offers import PriceSource
from core.errors import Absent
from core.identity import Learner, Shopper, Visitor
from core.products.product import Sku, UnknownProduct
from core.unit_of_work import Begin, repeated_on_conflict
from core.use_cases.pricing.code_report import typed_offer
from core.use_cases.pricing.eligibility import PurchaseRule, picks_refused
from core.use_cases.pricing.quote import Quote, quote_basket


@attrs.frozen
class NotInBasket(Absent):
    sku: Sku


@attrs.frozen
class ShownBasket:
    """A basket as its page shows it."""

    basket: Basket
    quote: Quote


def show_basket(
    shopper: Shopper,
    *,
    read: Begin,
    now: datetime,
    rules: Iterable[PurchaseRule] = (),
    sources: Iterable[PriceSource] = (),
) -> ShownBasket:
    """The shopper's basket at current prices. Raises PricingUnavailable."""
    with read() as work:
        basket = work.baskets.of(shopper)
        return ShownBasket(basket, quote_basket(work, basket, now, rules=rules, sources=sources))


@repeated_on_conflict
def add_to_basket(
    shopper: Shopper, sku: Sku, runs: Collection[Sku] = (), *, begin: Begin, now: datetime
) -> Basket:
    """Add a product to the basket, with the runs picked for a program.

    Adding it again only changes the picked runs. Raises UnknownProduct, NotSellable, a refusal of a
    picked run, AnotherCurrency or BasketIsFull.
    """
    with begin() as work:
        products = work.products.among({sku, *runs})
        for needed in (sku, *runs):
            if needed not in products:
                raise UnknownProduct(needed)
        product = products[sku]
        refusal = product.why_not(now) or picks_refused(product, [products[r] for r in runs], now)
        if refusal is not None:
            raise refusal
        item = Item(sku, product.price, now, frozenset(runs))
        basket = work.baskets.of(shopper).with_item(item, product.title)
        work.baskets.save(basket)
        work.commit()
        return basket


@repeated_on_conflict
def remove_from_basket(shopper: Shopper, sku: Sku, *, begin: Begin) -> Basket:
    """Remove a product from the basket. Raises NotInBasket."""
    with begin() as work:
        basket = work.baskets.of(shopper)
        if not basket.holds(sku):
            raise NotInBasket(sku)
        basket = basket.without(sku)
        work.baskets.save(basket)
        work.commit()
        return basket


@repeated_on_conflict
def enter_code(
    shopper: Shopper,
    code: DiscountCode,
    *,
    begin: Begin,
    now: datetime,
    sources: Iterable[PriceSource] = (),
) -> Quote:
    """Add a typed code to the basket, and report its effect.

    Raises UnknownCode, NotUsable with the reason, NotForTheseProducts, or PricingUnavailable. An
    empty basket accepts any usable code, for products added later. A code is kept although another
    discount is better.
    """
    with begin() as work:
        basket = work.baskets.of(shopper)
        learner = shopper if isinstance(shopper, Learner) else None
        offers = work.discounts.offered({*basket.codes, code}, learner, now)
        typed_offer(offers, code)
        basket = basket.with_code(code)
        quote = quote_basket(work, basket, now, sources=sources, offers=offers)
        for entered in quote.codes:
            if entered.code == code and entered.why_not is not None:
                raise entered.why_not
        work.baskets.save(basket)
        work.commit()
        return quote


@repeated_on_conflict
def remove_code(shopper: Shopper, code: DiscountCode, *, begin: Begin) -> Basket:
    """Remove a code from the basket; a code that is not in it changes nothing."""
    with begin() as work:
        basket = work.baskets.of(shopper).without_code(code)
        work.baskets.save(basket)
        work.commit()
        return basket


@repeated_on_conflict
def merge_visitor_basket(visitor: Visitor, learner: Learner, *, begin: Begin) -> Merge:
    """Merge the visitor's basket into the learner's own at sign-in, and empty the visitor's."""
    with begin() as work:
        visitors = work.baskets.of(visitor)
        own = work.baskets.of(learner)
        if not (visitors.items or visitors.codes):
            return Merge(own, (), ())
        merge = own.merged_with(visitors)
        work.baskets.save(merge.basket)
        work.baskets.save(visitors.emptied())
        work.commit()
        return merge
