"""Baskets in memory."""

from __future__ import annotations

import attrs

from adapters.memory.records import Draft, ShopperKey
from core.baskets.basket import Basket, BasketHasChanged
from core.identity import Shopper


class MemoryBaskets:
    def __init__(self, draft: Draft):
        self._draft = draft

    def of(self, shopper: Shopper, /) -> Basket:
        kept = self._draft.records.baskets.get(_key(shopper))
        return Basket(shopper) if kept is None else attrs.evolve(kept, shopper=shopper)

    def save(self, basket: Basket, /) -> None:
        with self._draft.change() as records:
            if basket.version != self.of(basket.shopper).version:
                raise BasketHasChanged()
            records.baskets[_key(basket.shopper)] = attrs.evolve(basket, version=basket.version + 1)


def _key(shopper: Shopper) -> ShopperKey:
    return (type(shopper).__name__, shopper.id)
