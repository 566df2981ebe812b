"""An order, the one table of its moves, and the port to every order."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Protocol

import attrs

from core.discount_code import DiscountCode
from core.errors import Absent
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
"""What a note of staff's begins with in the history: free text, which may name people."""


@attrs.frozen
class UnknownOrder(Absent):
    """Said alike of an order that does not exist and of somebody else's."""

    reference: str


@attrs.frozen
class UnknownLine(Absent):
    reference: Reference
    position: int


@attrs.frozen
class Order:
    """What one learner ordered, line by line, at the total they confirmed.

    `request_key` makes placing idempotent, `fingerprint` says what was asked for under it.
    `held_until` is when a pending order gives back its seats and codes.
    `attention` says what a person should look at, or None.
    `news` is what happened since the order was read: `Orders.save` adds it to the history.
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
        """What the learner agreed to pay: the sum of the stored lines."""
        return total((line.due for line in self.lines), self.currency)

    @property
    def list_total(self) -> Money:
        return total((line.list_price for line in self.lines), self.currency)

    @property
    def saved(self) -> Money:
        return self.list_total - self.total

    @property
    def skus(self) -> tuple[Sku, ...]:
        """Every seat this order takes."""
        return tuple(sku for line in self.lines for sku in line.skus)

    @property
    def codes(self) -> tuple[DiscountCode, ...]:
        """Every code of the shop's own that this order uses, each once: the ledger counts them.

        A personal offer is no code, and nobody counts it.
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
        """This order, if it is theirs. Raises UnknownOrder, so that nothing is given away."""
        if self.learner.id != learner:
            raise UnknownOrder(self.reference)
        return self

    def placed(self, by: Actor) -> Order:
        """This new order with the first entry of its history."""
        entry = HistoryEntry(self.placed_at, by, None, self.state, "placed")
        return attrs.evolve(self, news=(*self.news, entry))

    def moved_to(self, wanted: OrderState, *, at: datetime, by: Actor, why: str) -> Order:
        """This order in another state. Raises OrderCannotMove where the table has no such move."""
        ORDER_MOVES.check(self.state, wanted, self.reference)
        entry = HistoryEntry(at, by, self.state, wanted, why)
        return attrs.evolve(self, state=wanted, news=(*self.news, entry))

    def noted(self, *, at: datetime, by: Actor, why: str) -> Order:
        """This order with one more entry in its history, in the state it is in."""
        entry = HistoryEntry(at, by, self.state, self.state, why)
        return attrs.evolve(self, news=(*self.news, entry))

    def annotated(self, text: str, *, at: datetime, by: Actor) -> Order:
        """This order with a note of staff's in its history."""
        return self.noted(at=at, by=by, why=f"{NOTE}{text}")

    def attended(self, why: str, *, at: datetime, by: Actor) -> Order:
        """This order with nothing left for a person to look at; what it was is in the history."""
        noted = self.noted(at=at, by=by, why=f"attended to ({self.attention}): {why}")
        return attrs.evolve(noted, attention=None)

    def flagged(self, why: str, *, at: datetime, by: Actor) -> Order:
        """This order with something for a person to look at; earlier flags are kept."""
        noted = self.noted(at=at, by=by, why=f"needs attention: {why}")
        if self.attention is not None and why in self.attention:
            return noted
        return attrs.evolve(noted, attention=f"{self.attention}; {why}" if self.attention else why)

    def held(self, until: datetime) -> Order:
        """This order holding its seats and codes at least until then."""
        return attrs.evolve(self, held_until=max(self.held_until, until))

    def with_lines(self, changed: Iterable[Line]) -> Order:
        """This order with the changed lines in place of the ones at their positions."""
        by_position = {line.position: line for line in changed}
        return attrs.evolve(
            self, lines=tuple(by_position.get(line.position, line) for line in self.lines)
        )

    def with_fulfilment(
        self, position: int, wanted: Fulfilment, *, at: datetime, by: Actor, why: str = ""
    ) -> Order:
        """This order once one line's fulfilment has moved; an equal repetition changes nothing."""
        line = self.line(position)
        if line.fulfilment is wanted:
            return self
        told = f"line {position} ({line.sku}) {wanted.value}" + (f": {why}" if why else "")
        return self.with_lines([line.moved_to(wanted)]).noted(at=at, by=by, why=told)


@attrs.frozen
class OrderSearch:
    """Which orders staff or a learner want to see, newest first: all that is said must hold.

    Placed in [placed_from, placed_until). `email` is compared without case, `sku` is what a line
    sold, `lowered_by` the source of a personal offer that lowered a line, such as "financial-aid".
    `card` is the last four digits of a card that paid, `transaction` the gateway's own id
    of money that moved.
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
    """Every order."""

    def get(self, reference: Reference, /) -> Order:
        """The order. Raises UnknownOrder."""
        ...

    def search(self, wanted: OrderSearch, /) -> tuple[Order, ...]:
        """Orders, newest first; of equal moments the greater reference first."""
        ...

    def standing(self, learner: LearnerId, request_key: str, /) -> tuple[Order, ...]:
        """The learner's pending orders, and the one placed under request_key, newest first."""
        ...

    def owned(self, learner: LearnerId, skus: Collection[Sku], /) -> Mapping[Sku, Reference]:
        """Which of skus the learner owns (bought on a line of their own), and by which order."""
        ...

    def reserved(self, sku: Sku, /) -> int:
        """How many seats in sku are held by orders that may still be paid."""
        ...

    def overdue(self, at: datetime, limit: int, /) -> tuple[Reference, ...]:
        """Pending orders whose hold has ended, longest overdue first."""
        ...

    def history(self, reference: Reference, /) -> tuple[HistoryEntry, ...]:
        """All that happened to the order, oldest first."""
        ...

    def add(self, order: Order, /) -> None:
        """Keep a new order and its news. Raises Conflict where the learner has used the request
        key, or already owns one of the products of an order that is added as paid."""
        ...

    def save(self, order: Order, /) -> None:
        """Keep a changed order: its state, hold, attention, news, and each line's fulfilment and
        refunds; what was sold never changes.

        Raises Conflict where another change came first, or where the order became paid and the
        learner already owns one of its products by another order.
        """
        ...
