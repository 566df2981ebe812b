"""The links from the shop's pages to financial assistance."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from core.identity import Learner
from core.products.product import Product
from coursetill_financial_aid.decide_request import Bureau
from coursetill_financial_aid.request import AidRequestSearch
from entrypoints.extensions.api import Link, Links

QUESTION = "Can't afford it? See financial assistance"
ANSWERED = "Your financial assistance"


def product_links(bureau: Bureau) -> Links:
    """One link for each set of tiers that covers the product, with a way back to it."""

    def links(learner: Learner | None, products: Collection[Product]) -> Iterable[Link]:
        return [
            Link(text, f"/financial-aid/{name}?course={product.sku}")
            for product in products
            for name, text in _covering(bureau, learner, [product])
        ]

    return links


def basket_links(bureau: Bureau) -> Links:
    """One link for each set of tiers that covers a product in the basket."""

    def links(learner: Learner | None, products: Collection[Product]) -> Iterable[Link]:
        covering = _covering(bureau, learner, products)
        return [Link(text, f"/financial-aid/{name}") for name, text in covering]

    return links


def _covering(
    bureau: Bureau, learner: Learner | None, products: Collection[Product]
) -> tuple[tuple[str, str], ...]:
    """The names of the sets, and the texts of their links."""
    with bureau.records.read() as aid:
        sets = [t for t in aid.tier_sets() if any(map(t.scope.covers, products))]
        mine = aid.search(AidRequestSearch(learner=learner.id)) if sets and learner else ()
    now = bureau.now()
    asked = {each.tier_set for each in mine if each.stands and not each.over(now)}
    told = [(each, ANSWERED if each.name in asked else QUESTION) for each in sets]
    several = len(sets) > 1
    return tuple((t.name, f"{text} for {t.title}" if several else text) for t, text in told)
