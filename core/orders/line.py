"""An order line: the product sold, its reduction, and its fulfilment."""

from __future__ import annotations

import enum
from datetime import datetime

import attrs

from core.discount_code import (
    DiscountCode,
    OfferCode,
    PaymentType,
)
from core.money import Money
from core.moves import CannotMove, Moves
from core.products.product import Sku


@attrs.frozen
class Reduction:
    """The reduction of one line by one discount, as the learner saw it: "25 %", $9.83.

    Receipts, refunds and finance reports use only these facts. They never ask the discount, or the
    extension that made the offer, again.
    """

    code: DiscountCode | OfferCode
    saving: str
    amount: Money
    payment_type: PaymentType = PaymentType.MARKETING


class Fulfilment(enum.Enum):
    """Whether the learning platform has granted access for one line."""

    NOT_DUE = "not-due"
    AWAITING = "awaiting"
    FULFILLED = "fulfilled"
    FAILED = "failed"
    REVOKED = "revoked"


class FulfilmentCannotMove(CannotMove):
    """A line's fulfilment does not allow this move."""


FULFILMENT_MOVES: Moves[Fulfilment] = Moves(
    {
        Fulfilment.NOT_DUE: frozenset({Fulfilment.AWAITING}),
        Fulfilment.AWAITING: frozenset(
            {Fulfilment.FULFILLED, Fulfilment.FAILED, Fulfilment.REVOKED}
        ),
        Fulfilment.FAILED: frozenset(
            {Fulfilment.AWAITING, Fulfilment.FULFILLED, Fulfilment.REVOKED}
        ),
        Fulfilment.FULFILLED: frozenset({Fulfilment.REVOKED}),
        Fulfilment.REVOKED: frozenset(),
    },
    FulfilmentCannotMove,
)


@attrs.frozen(order=True)
class SoldRun:
    """A course run picked for a program, copied when the order was placed."""

    sku: Sku
    readable_id: str
    title: str
    starts_at: datetime | None
    ends_at: datetime | None


@attrs.frozen
class Line:
    """A product as it was sold. Only its fulfilment and `refunded` ever change.

    `position` counts from 1. `due` is the price of this line: list price less reduction, stored and
    checked. `refunded` counts only refunds of this line.
    """

    position: int = attrs.field(validator=attrs.validators.ge(1))
    sku: Sku
    readable_id: str
    title: str
    kind: str
    price_version: int
    list_price: Money
    reduction: Reduction | None
    due: Money
    runs: tuple[SoldRun, ...] = ()
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    fulfilment: Fulfilment = Fulfilment.NOT_DUE
    refunded: Money = attrs.field(
        default=attrs.Factory(lambda line: Money(0, line.list_price.currency), takes_self=True)
    )

    def __attrs_post_init__(self) -> None:
        if self.due != self.list_price - self.taken_off:
            raise ValueError(f"line {self.position}: {self.due} is not list price less reduction")
        if not Money(0, self.due.currency) <= self.refunded <= self.due:
            raise ValueError(f"line {self.position}: {self.refunded} refunded of {self.due}")

    @property
    def taken_off(self) -> Money:
        none = Money(0, self.list_price.currency)
        return none if self.reduction is None else self.reduction.amount

    @property
    def skus(self) -> tuple[Sku, ...]:
        """The products in which this line takes a seat: the product and each picked run."""
        return (self.sku, *(run.sku for run in self.runs))

    def moved_to(self, target: Fulfilment) -> Line:
        """This line with another fulfilment state; the same state changes nothing."""
        if target is self.fulfilment:
            return self
        FULFILMENT_MOVES.check(self.fulfilment, target, self.title)
        return attrs.evolve(self, fulfilment=target)
