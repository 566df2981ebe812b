"""The basket: products, picked runs and codes of one shopper before there is an order."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

import attrs

from core.discount_code import DiscountCode
from core.errors import Conflict, Refused
from core.identity import Shopper
from core.money import Currency, Money
from core.products.product import Sku

LARGEST_BASKET = 100
MOST_CODES = 10


@attrs.frozen
class BasketIsEmpty(Refused):
    """The basket has no items to check out."""


@attrs.frozen
class BasketIsFull(Refused):
    """The basket has LARGEST_BASKET products."""


@attrs.frozen
class TooManyCodes(Refused):
    """The basket has MOST_CODES discount codes."""


@attrs.frozen
class AnotherCurrency(Refused):
    title: str
    price: Money
    basket: Currency


@attrs.frozen
class BasketHasChanged(Conflict):
    """Another change of the basket was saved first."""


@attrs.frozen
class Item:
    """A product in a basket, quantity 1, with the price that the shopper saw when adding it.

    `runs` are the course runs picked for a program; empty for a course run.
    """

    sku: Sku
    seen_price: Money
    added_at: datetime
    runs: frozenset[Sku] = frozenset()


@attrs.frozen
class Merge:
    """The result of merging a visitor's basket at sign-in.

    `added` are the visitor's items, or the runs that they picked for a program. `dropped` are the
    items that do not fit, or that the learner's basket has with other runs.
    """

    basket: Basket
    added: tuple[Item, ...]
    dropped: tuple[Item, ...]
    dropped_codes: tuple[DiscountCode, ...] = ()


@attrs.frozen
class Basket:
    """A shopper's one basket. Items stay in the order in which they were added."""

    shopper: Shopper = attrs.field(eq=lambda shopper: (type(shopper), shopper.id))
    items: tuple[Item, ...] = ()
    codes: tuple[DiscountCode, ...] = ()
    version: int = attrs.field(default=0, kw_only=True)

    @property
    def currency(self) -> Currency | None:
        return self.items[0].seen_price.currency if self.items else None

    @property
    def skus(self) -> frozenset[Sku]:
        """All products that the basket names, also picked runs."""
        return frozenset(s for item in self.items for s in (item.sku, *item.runs))

    def holds(self, sku: Sku) -> bool:
        return any(item.sku == sku for item in self.items)

    def with_item(self, item: Item, title: str) -> Basket:
        """This basket with the item; for a product in it, only the picked runs are replaced.

        Raises AnotherCurrency or BasketIsFull.
        """
        if self.currency not in (None, item.seen_price.currency):
            raise AnotherCurrency(title, item.seen_price, self.currency)
        if self.holds(item.sku):
            items = (
                attrs.evolve(old, runs=item.runs) if old.sku == item.sku else old
                for old in self.items
            )
            return attrs.evolve(self, items=tuple(items))
        if len(self.items) >= LARGEST_BASKET:
            raise BasketIsFull()
        return attrs.evolve(self, items=(*self.items, item))

    def without(self, *skus: Sku) -> Basket:
        return attrs.evolve(self, items=tuple(i for i in self.items if i.sku not in skus))

    def with_code(self, code: DiscountCode) -> Basket:
        """This basket with the code. Raises TooManyCodes."""
        if code in self.codes:
            return self
        if len(self.codes) >= MOST_CODES:
            raise TooManyCodes()
        return attrs.evolve(self, codes=(*self.codes, code))

    def without_code(self, code: DiscountCode) -> Basket:
        return attrs.evolve(self, codes=tuple(c for c in self.codes if c != code))

    def merged_with(self, visitors: Basket) -> Merge:
        """This basket with the visitor's items and codes added (docs/domain.md, Baskets).

        `dropped` names the items in another currency, the items beyond the largest basket, and the
        runs that differ from those picked here.
        """
        merged, added, dropped = self, [], []
        for item in visitors.items:
            if merged.has_as_much(item):
                continue
            if merged.has_room_for(item):
                merged = merged.with_item(item, item.sku.text)
                added.append(item)
            else:
                dropped.append(item)
        codes = tuple(dict.fromkeys((*merged.codes, *visitors.codes)))
        merged = attrs.evolve(merged, codes=codes[:MOST_CODES])
        return Merge(merged, tuple(added), tuple(dropped), codes[MOST_CODES:])

    def has_as_much(self, item: Item) -> bool:
        """Whether this basket has the product with all runs of the item."""
        return any(own.sku == item.sku and item.runs <= own.runs for own in self.items)

    def has_room_for(self, item: Item) -> bool:
        """Whether the item can be added without breaking a rule or replacing picked runs."""
        if self.currency not in (None, item.seen_price.currency):
            return False
        for own in self.items:
            if own.sku == item.sku:
                return not own.runs
        return len(self.items) < LARGEST_BASKET

    def emptied(self) -> Basket:
        return attrs.evolve(self, items=(), codes=())


class Baskets(Protocol):
    """The port to all baskets."""

    def of(self, shopper: Shopper, /) -> Basket:
        """The shopper's basket; an empty one if none is stored."""
        ...

    def save(self, basket: Basket, /) -> None:
        """Save a basket. Raises BasketHasChanged if another change came first."""
        ...
