"""The links on the shop's pages that lead to financial assistance."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from core.learner import Learner
from core.products.product import Product
from coursetill_financial_aid.asking import Bureau
from coursetill_financial_aid.tiers import TierSet
from entrypoints.extensions import Link, Links

QUESTION = "Can't afford it? See financial assistance"


def product_links(bureau: Bureau) -> Links:
    """One for each set of tiers that covers the product; each leads back to it."""

    def links(_: Learner | None, products: Collection[Product]) -> Iterable[Link]:
        return [
            Link(text, f"/financial-aid/{tiers.name}?course={product.sku}")
            for product in products
            for tiers, text in _covering(bureau, [product])
        ]

    return links


def basket_links(bureau: Bureau) -> Links:
    """One for each set of tiers that covers something in the basket."""

    def links(_: Learner | None, products: Collection[Product]) -> Iterable[Link]:
        covering = _covering(bureau, products)
        return [Link(text, f"/financial-aid/{tiers.name}") for tiers, text in covering]

    return links


def _covering(bureau: Bureau, products: Collection[Product]) -> tuple[tuple[TierSet, str], ...]:
    if not products:
        return ()
    with bureau.records.look() as aid:
        sets = aid.tier_sets()
    found = [tiers for tiers in sets if any(map(tiers.scope.covers, products))]
    if len(found) == 1:
        return ((found[0], QUESTION),)
    return tuple((tiers, f"{QUESTION} for {tiers.title}") for tiers in found)
