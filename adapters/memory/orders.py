"""Orders in memory."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

import attrs

from adapters.memory.records import Draft
from core.discount_code import OfferCode
from core.identity import LearnerId, without_case
from core.order_reference import Reference
from core.orders.history import HistoryEntry
from core.orders.line import Fulfilment, Line
from core.orders.order import (
    BoughtByAnotherOrder,
    Order,
    OrderExists,
    OrderHasChanged,
    OrderSearch,
    UnknownOrder,
)
from core.orders.order_state import STANDING, UNDECIDED, OrderState
from core.products.product import Sku


class MemoryOrders:
    def __init__(self, draft: Draft):
        self._draft = draft

    def get(self, reference: Reference, /) -> Order:
        try:
            return self._draft.records.orders[reference]
        except KeyError:
            raise UnknownOrder(reference) from None

    def search(self, wanted: OrderSearch, /) -> tuple[Order, ...]:
        found = (
            order
            for order in self._all()
            if wanted.learner in {None, order.learner.id}
            and wanted.state in {None, order.state}
            and (order.attention is not None or not wanted.attention)
            and wanted.reference in {None, order.reference}
            and wanted.email in {None, without_case(order.learner.email)}
            and (wanted.sku is None or wanted.sku in {line.sku for line in order.lines})
            and (wanted.lowered_by is None or _lowered(order, wanted.lowered_by))
            and (wanted.placed_from is None or order.placed_at >= wanted.placed_from)
            and (wanted.placed_until is None or order.placed_at < wanted.placed_until)
            and self._moved_money(order, wanted)
            and (wanted.before is None or _newness(order) < wanted.before)
        )
        return _newest_first(found)[: wanted.limit]

    def _moved_money(self, order: Order, wanted: OrderSearch) -> bool:
        """Whether the order has a payment with the card and transaction of the search."""
        moved = [
            each
            for each in self._draft.records.transactions.values()
            if each.reference == order.reference
        ]
        cards = {each.card.last_four for each in moved if each.card is not None}
        ids = {each.gateway_id for each in moved}
        return (wanted.card is None or wanted.card in cards) and (
            wanted.transaction is None or wanted.transaction in ids
        )

    def standing(self, learner: LearnerId, request_key: str, /) -> tuple[Order, ...]:
        return _newest_first(
            order
            for order in self._all()
            if order.learner.id == learner
            and (order.state is OrderState.PENDING or order.request_key == request_key)
        )

    def owned(self, learner: LearnerId, skus: Collection[Sku], /) -> Mapping[Sku, Reference]:
        return {
            line.sku: order.reference
            for order in self._all()
            if order.learner.id == learner
            for line in _owned_lines(order)
            if line.sku in skus
        }

    def reserved(self, sku: Sku, /) -> int:
        undecided = (order for order in self._all() if order.state in UNDECIDED)
        return sum(order.skus.count(sku) for order in undecided)

    def overdue(self, at: datetime, limit: int, /) -> tuple[Reference, ...]:
        overdue = sorted(
            (order.held_until, order.reference)
            for order in self._all()
            if order.state is OrderState.PENDING and order.held_until <= at
        )
        return tuple(reference for _, reference in overdue[:limit])

    def history(self, reference: Reference, /) -> tuple[HistoryEntry, ...]:
        return self._draft.records.history.get(reference, ())

    def add(self, order: Order, /) -> None:
        with self._draft.change() as records:
            if order.reference in records.orders or any(
                (kept.learner.id, kept.request_key) == (order.learner.id, order.request_key)
                for kept in self._all()
            ):
                raise OrderExists(order.reference)
            self._keep(order, order.news)

    def save(self, order: Order, /) -> None:
        with self._draft.change() as records:
            kept = records.orders.get(order.reference)
            if kept is None or kept.version != order.version:
                raise OrderHasChanged(order.reference)
            lines = {line.position: line for line in order.lines}
            changed = attrs.evolve(
                kept,
                state=order.state,
                held_until=order.held_until,
                attention=order.attention,
                lines=tuple(_moved(line, lines.get(line.position, line)) for line in kept.lines),
                version=order.version + 1,
            )
            self._keep(changed, order.news)

    def _keep(self, order: Order, news: tuple[HistoryEntry, ...]) -> None:
        records = self._draft.records
        bought = self.owned(order.learner.id, [line.sku for line in _owned_lines(order)])
        if any(reference != order.reference for reference in bought.values()):
            raise BoughtByAnotherOrder(order.reference)
        records.orders[order.reference] = attrs.evolve(order, news=())
        records.history[order.reference] = (*self.history(order.reference), *news)

    def _all(self) -> Iterable[Order]:
        return self._draft.records.orders.values()


def _moved(kept: Line, line: Line) -> Line:
    # The content of a sold line never changes.
    return attrs.evolve(kept, fulfilment=line.fulfilment, refunded=line.refunded)


def _owned_lines(order: Order) -> tuple[Line, ...]:
    """The lines whose product the learner owns now."""
    if order.state not in STANDING:
        return ()
    return tuple(line for line in order.lines if line.fulfilment is not Fulfilment.REVOKED)


def _newness(order: Order) -> tuple[datetime, Reference]:
    return (order.placed_at, order.reference)


def _lowered(order: Order, source: str) -> bool:
    """Whether an offer of this source reduced a line of the order."""
    codes = (line.reduction.code for line in order.lines if line.reduction)
    return any(isinstance(c, OfferCode) and c.source == source.upper() for c in codes)


def _newest_first(orders: Iterable[Order]) -> tuple[Order, ...]:
    return tuple(sorted(orders, key=_newness, reverse=True))
