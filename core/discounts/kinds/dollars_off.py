"""dollars-off: an amount off the price, in the discount's own currency."""

from __future__ import annotations

from typing import ClassVar, Self

import attrs

from core.errors import Refused
from core.money import Currency, Money


@attrs.frozen
class NothingOff(Refused):
    """The amount is zero."""


@attrs.frozen
class DollarsOff:
    """Takes an amount off each line's price."""

    kind: ClassVar[str] = "dollars-off"
    amount_format: ClassVar[str] = "50.00 for an amount off"

    amount: Money

    @classmethod
    def of(cls, text: str, currency: Currency) -> Self:
        amount = Money.of(text, currency)
        if not amount:
            raise NothingOff()
        return cls(amount)

    @property
    def written(self) -> str:
        return self.amount.plain

    @property
    def currency(self) -> Currency | None:
        return self.amount.currency

    def off(self, price: Money) -> Money:
        return self.amount

    def __str__(self) -> str:
        return f"{self.amount} off"
