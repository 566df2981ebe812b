"""percent-off: a percentage of the price."""

from __future__ import annotations

from typing import ClassVar, Self

import attrs

from core.money import Currency, Money, Percent


@attrs.frozen
class PercentOff:
    """Takes a percentage off the price, rounded half up."""

    kind: ClassVar[str] = "percent-off"
    amount_format: ClassVar[str] = "25 for 25 %"

    percent: Percent

    @classmethod
    def of(cls, text: str, currency: Currency) -> Self:
        return cls(Percent.of(text))

    @property
    def written(self) -> str:
        return str(self.percent).removesuffix(" %")

    @property
    def currency(self) -> Currency | None:
        return None

    def off(self, price: Money) -> Money:
        return self.percent.part_of(price)

    def __str__(self) -> str:
        return f"{self.percent} off"
