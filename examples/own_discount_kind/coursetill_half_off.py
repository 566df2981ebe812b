"""half-off-up-to: half of the price, but at most an amount."""

from __future__ import annotations

from typing import ClassVar, Self

import attrs

from core.money import Currency, Money


@attrs.frozen
class HalfOffUpTo:
    """Reduces a price by half, rounded down to the cent, but at most by an amount."""

    kind: ClassVar[str] = "half-off-up-to"
    amount_format: ClassVar[str] = "50.00 for half off, and no more than that"

    most: Money

    @classmethod
    def of(cls, text: str, currency: Currency) -> Self:
        return cls(Money.of(text, currency))

    @property
    def written(self) -> str:
        return self.most.plain

    @property
    def currency(self) -> Currency | None:
        return self.most.currency

    def off(self, price: Money) -> Money:
        return min(Money(price.minor // 2, price.currency), self.most)

    def __str__(self) -> str:
        return f"half off, {self.most} at most"
