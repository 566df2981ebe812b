"""What a discount takes off a price, and what a kind of discount is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol, TypeAlias

import attrs

from core.money import Currency, Money


class Saving(Protocol):
    """What a discount takes off: a kind and its amount. Asked only about its own currency."""

    @property
    def kind(self) -> str:
        """The name of its kind, such as percent-off."""
        ...

    @property
    def written(self) -> str:
        """The amount as its kind reads it: digits alone."""
        ...

    @property
    def currency(self) -> Currency | None:
        """The one currency it is for, or None for every currency."""
        ...

    def off(self, price: Money) -> Money:
        """What it takes off this price, before it is clamped to the price."""
        ...

    def __str__(self) -> str:
        """How a learner is told of it, such as "25 %" or "$10.00 off"."""
        ...


class SavingKind(Protocol):
    """A kind of discount: a class whose instances are savings."""

    @property
    def kind(self) -> str:
        """Its name, which staff write and the records keep: small letters and hyphens."""
        ...

    @property
    def amount_format(self) -> str:
        """How its amount is written, by an example: "25 for 25 %"."""
        ...

    def of(self, text: str, currency: Currency, /) -> Saving:
        """The saving with the amount a person wrote. Raises Refused where it makes no sense."""
        ...


Kinds: TypeAlias = Mapping[str, SavingKind]
"""The kinds of discount that a shop knows, by name."""


@attrs.frozen
class UnknownSaving:
    """A stored saving of a kind that the shop does not know. It takes nothing off.

    Kind, amount and currency are as they were stored, so they can be shown and exported.
    """

    kind: str
    written: str
    currency: Currency | None

    def off(self, price: Money) -> Money:
        return Money(0, price.currency)

    def __str__(self) -> str:
        amount = self.written if self.currency is None else f"{self.written} {self.currency.code}"
        return f"{self.kind} {amount}, a kind that this shop does not have"
