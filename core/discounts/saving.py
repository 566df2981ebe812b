"""What every kind of discount can say of a price."""

from __future__ import annotations

from typing import ClassVar, Protocol, Self

from core.money import Currency, Money


class Saving(Protocol):
    """A kind of discount, with its amount. It only ever answers for its own currency."""

    kind: ClassVar[str]

    @classmethod
    def of(cls, text: str, currency: Currency) -> Self:
        """The saving with the amount a person wrote. Raises Refused where it makes no sense."""
        ...

    @property
    def written(self) -> str:
        """The amount as `of` reads it: digits alone."""
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
