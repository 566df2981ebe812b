"""The ports of savings and kinds of discount."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol, TypeAlias

import attrs

from core.money import Currency, Money


class Saving(Protocol):
    """A reduction: a kind and its amount. It is applied only to prices in its own currency."""

    @property
    def kind(self) -> str:
        """The name of its kind, such as percent-off."""
        ...

    @property
    def written(self) -> str:
        """The amount as its kind parses it: digits only."""
        ...

    @property
    def currency(self) -> Currency | None:
        """Its only currency, or None for every currency."""
        ...

    def off(self, price: Money) -> Money:
        """The amount that it takes off this price, before it is clamped to the price."""
        ...

    def __str__(self) -> str:
        """Its text for learners, such as "25 %" or "$10.00 off"."""
        ...


class SavingKind(Protocol):
    """A kind of discount: a class whose instances are savings."""

    @property
    def kind(self) -> str:
        """Its name for staff and storage: small letters and hyphens."""
        ...

    @property
    def amount_format(self) -> str:
        """An example of how its amount is written: "25 for 25 %"."""
        ...

    def of(self, text: str, currency: Currency, /) -> Saving:
        """Parse an amount. Raises Refused if it is not valid."""
        ...


Kinds: TypeAlias = Mapping[str, SavingKind]
"""The kinds of discount that a shop knows, by name."""


@attrs.frozen
class UnknownSaving:
    """A stored saving whose kind the shop does not know. It takes nothing off.

    Kind, amount and currency are as stored, so that they can be shown and exported.
    """

    kind: str
    written: str
    currency: Currency | None

    def off(self, price: Money) -> Money:
        return Money(0, price.currency)

    def __str__(self) -> str:
        amount = self.written if self.currency is None else f"{self.written} {self.currency.code}"
        return f"{self.kind} {amount}, a kind that this shop does not have"
