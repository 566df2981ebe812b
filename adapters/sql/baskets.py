"""Baskets and their items in SQL."""

from __future__ import annotations

from typing import Any

import attrs
import sqlalchemy as sa

from adapters.sql.statements import AnyRow, Statements
from adapters.sql.tables import basket_items, baskets
from adapters.sql.versions import update_at_version
from core.baskets.basket import Basket, BasketHasChanged, Item
from core.discount_code import DiscountCode
from core.identity import Learner, Shopper
from core.money import Currency, Money
from core.products.product import Sku

_BASKET = (
    sa.select(
        baskets.c.codes,
        baskets.c.version,
        *(column for column in basket_items.c if column.name != "shopper"),
    )
    .join_from(baskets, basket_items, isouter=True)
    .where(baskets.c.shopper == sa.bindparam("shopper"))
    .order_by(basket_items.c.position)
)


class SqlBaskets:
    def __init__(self, run: Statements):
        self._run = run
        self._seen: dict[str, Basket] = {}

    def of(self, shopper: Shopper, /) -> Basket:
        rows = self._run.rows(_BASKET, {"shopper": _key(shopper)})
        if not rows:
            return Basket(shopper)
        basket = Basket(
            shopper,
            tuple(_item(row) for row in rows if row.sku is not None),
            tuple(map(DiscountCode, rows[0].codes)),
            version=rows[0].version,
        )
        self._seen[_key(shopper)] = basket
        return basket

    def save(self, basket: Basket, /) -> None:
        key = _key(basket.shopper)
        codes = [code.text for code in basket.codes]
        if basket.version == 0:
            self._run.change(
                baskets.insert(),
                {"shopper": key, "codes": codes, "version": 1},
                taken=BasketHasChanged(),
            )
        else:
            update_at_version(
                self._run,
                baskets,
                key,
                version=basket.version,
                values={"codes": codes},
                changed=BasketHasChanged(),
            )
        self._save_items(key, basket)
        self._seen[key] = attrs.evolve(basket, version=basket.version + 1)

    def _save_items(self, key: str, basket: Basket) -> None:
        seen = self._seen.get(key, Basket(basket.shopper))
        if seen.version == basket.version and seen.items == basket.items:
            return
        if basket.version > 0:
            self._run.change(basket_items.delete().where(basket_items.c.shopper == key))
        if basket.items:
            self._run.change(
                basket_items.insert(),
                [_columns(key, n, item) for n, item in enumerate(basket.items)],
            )


def _key(shopper: Shopper) -> str:
    return f"learner:{shopper.id}" if isinstance(shopper, Learner) else f"visitor:{shopper.id}"


def _columns(key: str, position: int, item: Item) -> dict[str, Any]:
    return {
        "shopper": key,
        "sku": item.sku.text,
        "position": position,
        "seen_price_minor": item.seen_price.minor,
        "currency": item.seen_price.currency.code,
        "added_at": item.added_at,
        "runs": sorted(run.text for run in item.runs),
    }


def _item(row: AnyRow) -> Item:
    return Item(
        Sku(row.sku),
        Money(row.seen_price_minor, Currency[row.currency]),
        row.added_at,
        frozenset(map(Sku, row.runs)),
    )
