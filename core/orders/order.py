"""An order, its transitions, and the port to all orders."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Protocol

import attrs

from core.discount_code import DiscountCode
from core.errors import Absent, Conflict
from core.identity import Actor, Learner, LearnerId, without_case
from core.money import Currency, Money, total
from core.order_reference import Reference
from core.orders.history import HistoryEntry
from core.orders.line import Fulfilment, Line
from core.orders.order_state import (
    ORDER_MOVES,
    OrderState,
)
from core.products.product import Sku

NOTE = "note: "
"""The prefix of staff notes in the history. They are free text that may name people."""


@attrs.frozen
class UnknownOrder(Absent):
    """The order does not exist or belongs to another learner; both are answered alike."""

    reference: str


@attrs.frozen
class UnknownLine(Absent):
    reference: Reference
    position: int


@attrs.frozen
class OrderExists(Conflict):
    """The reference is taken, or the learner has used the request key already."""

    reference: Reference


@attrs.frozen
class OrderHasChanged(Conflict):
    """Another change of the order was saved first."""

    reference: Reference


@attrs.frozen
class BoughtByAnotherOrder(Conflict):
    """The learner owns one of the order's products by another order already."""

    reference: Reference


@attrs.frozen
class Order:
    """An order of one learner, with its lines, at the total that they confirmed.

    `request_key` makes placing idempotent; `fingerprint` identifies what was requested with it. A
    pending order releases its seats and codes at `held_until`. `attention` says what staff should
    look at, or None. `news` are the history entries since the order was read; `Orders.save` stores
    them.
    """

    reference: Reference
    learner: Learner
    placed_at: datetime
    held_until: datetime
    lines: tuple[Line, ...] = attrs.field(validator=attrs.validators.min_len(1))
    request_key: str
    fingerprint: str
    state: OrderState = OrderState.PENDING
    attention: str | None = None
    news: tuple[HistoryEntry, ...] = attrs.field(default=(), kw_only=True)
    version: int = attrs.field(default=0, kw_only=True)

    @property
    def currency(self) -> Currency:
        return self.lines[0].due.currency

    @property
    def total(self) -> Money:
        """The amount that the learner agreed to pay: the sum of the lines."""
        return total((line.due for line in self.lines), self.currency)

    @property
    def list_total(self) -> Money:
        return total((line.list_price for line in self.lines), self.currency)

    @property
    def saved(self) -> Money:
        return self.list_total - self.total

    @property
    def skus(self) -> tuple[Sku, ...]:
        """The products in which this order takes a seat, one entry for each seat."""
        return tuple(sku for line in self.lines for sku in line.skus)

    @property
    def codes(self) -> tuple[DiscountCode, ...]:
        """The shop's codes that this order uses, without repetition, as the ledger counts them.

        Personal offers have no such code and are not counted.
        """
        taken = (line.reduction.code for line in self.lines if line.reduction)
        return tuple(sorted({code for code in taken if isinstance(code, DiscountCode)}))

    def line(self, position: int) -> Line:
        """The line at this position, counted from 1. Raises UnknownLine."""
        for line in self.lines:
            if line.position == position:
                return line
        raise UnknownLine(self.reference, position)

    def of_learner(self, learner: LearnerId) -> Order:
        """This order, if it belongs to the learner. Otherwise raises UnknownOrder."""
        if self.learner.id != learner:
            raise UnknownOrder(self.reference)
        return self

    def placed(self, by: Actor) -> Order:
        """This new order with its first history entry."""
        entry = HistoryEntry(self.placed_at, by, None, self.state, "placed")
        return attrs.evolve(self, news=(*self.news, entry))

    def moved_to(self, target: OrderState, *, at: datetime, by: Actor, why: str) -> Order:
        """This order in another state. Raises OrderCannotMove if the transition is not allowed."""
        ORDER_MOVES.check(self.state, target, self.reference)
        entry = HistoryEntry(at, by, self.state, target, why)
        return attrs.evolve(self, state=target, news=(*self.news, entry))

    def noted(self, *, at: datetime, by: Actor, why: str) -> Order:
        """This order with one more history entry, in the same state."""
        entry = HistoryEntry(at, by, self.state, self.state, why)
        return attrs.evolve(self, news=(*self.news, entry))

    def annotated(self, text: str, *, at: datetime, by: Actor) -> Order:
        """This order with a staff note in its history."""
        return self.noted(at=at, by=by, why=f"{NOTE}{text}")

    def attended(self, why: str, *, at: datetime, by: Actor) -> Order:
        """This order without its flag; the history keeps the reason."""
        noted = self.noted(at=at, by=by, why=f"attended to ({self.attention}): {why}")
        return attrs.evolve(noted, attention=None)

    def flagged(self, why: str, *, at: datetime, by: Actor) -> Order:
        """This order with a flag for staff; earlier flags stay."""
        noted = self.noted(at=at, by=by, why=f"needs attention: {why}")
        if self.attention is not None and why in self.attention:
            return noted
        return attrs.evolve(noted, attention=f"{self.attention}; {why}" if self.attention else why)

    def held(self, until: datetime) -> Order:
        """This order with seats and codes held at least until `until`."""
        return attrs.evolve(self, held_until=max(self.held_until, until))

    def with_lines(self, changed: Iterable[Line]) -> Order:
        """This order with these lines instead of those at the same positions."""
        by_position = {line.position: line for line in changed}
        return attrs.evolve(
            self, lines=tuple(by_position.get(line.position, line) for line in self.lines)
        )

    def with_fulfilment(
        self, position: int, target: Fulfilment, *, at: datetime, by: Actor, why: str = ""
    ) -> Order:
        """This order with another fulfilment of one line; the same fulfilment changes nothing."""
        line = self.line(position)
        if line.fulfilment is target:
            return self
        entry = f"line {position} ({line.sku}) {target.value}" + (f": {why}" if why else "")
        return self.with_lines([line.moved_to(target)]).noted(at=at, by=by, why=entry)


@attrs.frozen
class OrderSearch:
    """A query for orders, newest first; all given conditions must hold.

    Placed in [placed_from, placed_until). `email` is compared without case. `sku` is the product of
    a line. `lowered_by` is the source of a personal offer that lowered a line, such as
    "financial-aid". `card` is the last four digits of a card that paid. `transaction` is the
    gateway's id of a payment or refund.
    """

    learner: LearnerId | None = None
    state: OrderState | None = None
    attention: bool = False
    before: tuple[datetime, Reference] | None = None
    limit: int = attrs.field(
        default=20, validator=[attrs.validators.ge(1), attrs.validators.le(1000)]
    )
    reference: Reference | None = attrs.field(default=None, kw_only=True)
    email: str | None = attrs.field(
        default=None, converter=attrs.converters.optional(without_case), kw_only=True
    )
    sku: Sku | None = attrs.field(default=None, kw_only=True)
    placed_from: datetime | None = attrs.field(default=None, kw_only=True)
    placed_until: datetime | None = attrs.field(default=None, kw_only=True)
    card: str | None = attrs.field(
        default=None,
        validator=attrs.validators.optional(attrs.validators.matches_re(r"[0-9]{4}")),
        kw_only=True,
    )
    transaction: str | None = attrs.field(default=None, kw_only=True)
    lowered_by: str | None = attrs.field(default=None, kw_only=True)


class Orders(Protocol):
    """The port to all orders."""

    def get(self, reference: Reference, /) -> Order:
        """The order. Raises UnknownOrder."""
        ...

    def search(self, query: OrderSearch, /) -> tuple[Order, ...]:
        """The orders that match, newest first; for equal times the greater reference first."""
        ...

    def standing(self, learner: LearnerId, request_key: str, /) -> tuple[Order, ...]:
        """The learner's pending orders, and the order placed with `request_key`, newest first."""
        ...

    def owned(self, learner: LearnerId, skus: Collection[Sku], /) -> Mapping[Sku, Reference]:
        """Which of these products the learner owns by a line of their own, and by which order."""
        ...

    def reserved(self, sku: Sku, /) -> int:
        """The number of seats of this product that unpaid orders hold."""
        ...

    def overdue(self, at: datetime, limit: int, /) -> tuple[Reference, ...]:
        """Pending orders whose hold has ended, longest overdue first."""
        ...

    def history(self, reference: Reference, /) -> tuple[HistoryEntry, ...]:
        """The history of the order, oldest first."""
        ...

    def add(self, order: Order, /) -> None:
        """Add a new order and its news.

        Raises OrderExists if its reference is taken or the learner has used the request key, and
        BoughtByAnotherOrder if it is paid and the learner already owns one of its products.
        """
        ...

    def save(self, order: Order, /) -> None:
        """Save a changed order.

        The state, the hold, the flag, the news and each line's fulfilment and refunds are saved;
        the rest never changes. Raises OrderHasChanged if another change came first, and
        BoughtByAnotherOrder if the order became paid and the learner already owns one of its
        products.
        """
        ...
