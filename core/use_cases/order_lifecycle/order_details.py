"""All stored facts of one order, for its page, its receipt and staff."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import attrs

from core.discounts.redemption import Redemption
from core.messaging.outbox import OutboxEntry, OutboxSearch
from core.money import Money, total
from core.order_reference import Reference
from core.orders.history import HistoryEntry
from core.orders.order import Order
from core.orders.order_state import UNDECIDED
from core.orders.refund_request import RefundRequest
from core.payments.attempt import Attempt
from core.payments.refund import Refund
from core.payments.transaction import Card, Transaction, TransactionKind
from core.unit_of_work import UnitOfWork


@attrs.frozen
class OrderDetails:
    """An order with its attempts, transactions, refunds and refund requests: stored facts only."""

    order: Order
    attempts: tuple[Attempt, ...]
    transactions: tuple[Transaction, ...]
    refunds: tuple[Refund, ...]
    requests: tuple[RefundRequest, ...] = attrs.field(default=(), kw_only=True)

    @property
    def latest_attempt(self) -> Attempt | None:
        return self.attempts[-1] if self.attempts else None

    @property
    def checking(self) -> bool:
        """Whether the gateway must still say how a payment ended."""
        undecided = self.order.state in UNDECIDED
        return undecided and any(attempt.in_doubt for attempt in self.attempts)

    @property
    def card(self) -> Card | None:
        """The card that paid."""
        payments = (t for t in self.transactions if t.kind is TransactionKind.PAYMENT)
        return next((t.card for t in payments if t.card is not None), None)

    @property
    def paid_at(self) -> datetime:
        """When the order was paid; a free order is paid when it is placed."""
        payments = (t.at for t in self.transactions if t.kind is TransactionKind.PAYMENT)
        return next(payments, self.order.placed_at)

    @property
    def given_back(self) -> tuple[Refund, ...]:
        """The refunds of the order's price that the gateway accepted, oldest first."""
        return tuple(r for r in self.refunds if r.accepted and not r.overpayment)

    @property
    def refunded(self) -> Money:
        """The sum of all refunds that the gateway accepted."""
        return _sum(self.given_back, self.order)

    @property
    def left_to_refund(self) -> Money:
        return self.order.total - _sum(
            (r for r in self.refunds if r.counts and not r.overpayment), self.order
        )


def _sum(refunds: Iterable[Refund], order: Order) -> Money:
    return total((refund.amount for refund in refunds), order.currency)


@attrs.frozen
class FullOrderDetails(OrderDetails):
    """Order details with the whole history, uses of discounts and events, for staff."""

    history: tuple[HistoryEntry, ...] = attrs.field(kw_only=True)
    redemptions: tuple[Redemption, ...] = attrs.field(kw_only=True)
    events: tuple[OutboxEntry, ...] = attrs.field(kw_only=True)


def order_details(work: UnitOfWork, reference: Reference) -> OrderDetails:
    """The details that the learner's pages show. Raises UnknownOrder."""
    return OrderDetails(
        work.orders.get(reference),
        work.attempts.of(reference),
        work.transactions.of(reference),
        work.refunds.of(reference),
        requests=work.refund_requests.of(reference),
    )


def full_order_details(work: UnitOfWork, reference: Reference) -> FullOrderDetails:
    """All details of an order. Raises UnknownOrder."""
    return FullOrderDetails(
        work.orders.get(reference),
        work.attempts.of(reference),
        work.transactions.of(reference),
        work.refunds.of(reference),
        requests=work.refund_requests.of(reference),
        history=work.orders.history(reference),
        redemptions=work.redemptions.of(reference),
        events=work.outbox.search(OutboxSearch(reference, limit=1000)),
    )
