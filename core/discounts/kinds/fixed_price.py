"""fixed-price: the line costs this amount, which may be 0."""

from __future__ import annotations

from typing import ClassVar, Self

import attrs

from core.money import Currency, Money


@attrs.frozen
class FixedPrice:
    """Sets the price. A price above the list price takes nothing off."""

    kind: ClassVar[str] = "fixed-price"
    amount_format: ClassVar[str] = "50.00 for a price"

    price: Money

    @classmethod
    def of(cls, text: str, currency: Currency) -> Self:
        return cls(Money.of(text, currency))

    @property
    def written(self) -> str:
        return self.price.plain

    @property
    def currency(self) -> Currency | None:
        return self.price.currency

    def off(self, price: Money) -> Money:
        return price - self.price

    def __str__(self) -> str:
        return f"price {self.price}"
