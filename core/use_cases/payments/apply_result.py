"""Use case: apply a gateway's result to an attempt and its order, exactly once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import assert_never

import attrs

from core.change_context import ChangeContext
from core.discounts.discount import NotUsable, UsedByYou, UsedUp
from core.identity import GATEWAY, Actor
from core.orders.order import Order
from core.orders.order_state import STANDING, UNDECIDED, OrderState
from core.payments.attempt import ATTEMPT_MOVES, UNPAID, Attempt, AttemptId, AttemptState
from core.payments.gateway import (
    Answer,
    Authorized,
    Cancelled,
    Captured,
    Declined,
    InReview,
    NotCarriedOut,
    Unknown,
)
from core.payments.refund import Refund, RefundId
from core.payments.retry_schedule import LONGEST_WAIT, next_enquiry_at
from core.payments.transaction import Transaction, TransactionKind
from core.products.product import SoldOut
from core.unit_of_work import Begin, UnitOfWork, repeated_on_conflict
from core.use_cases.order_lifecycle import transitions
from core.use_cases.pricing.eligibility import AlreadyBought

MOST_DECLINES = 5
"""Declined cards after which the order itself is declined. This stops card testing."""


ResultMerge = Callable[[Attempt, Answer], Answer | None]
"""Merge an answer into the attempt's known state; None if it adds nothing."""


def apply_result(
    attempt_id: AttemptId,
    answer: Answer,
    *,
    begin: Begin,
    now: datetime,
    by: Actor = GATEWAY,
    merge: ResultMerge = lambda _, answer: answer,
) -> Order:
    """Apply a gateway's answer to an attempt and its order. Repeating an answer changes nothing.

    If the order cannot be delivered any more, the payment is recorded and refunded, and the order
    is flagged. Raises UnknownAttempt.
    """
    try:
        return _apply(attempt_id, answer, ChangeContext(now, by, ""), begin=begin, merge=merge)
    except (SoldOut, NotUsable, AlreadyBought) as cannot:
        if not isinstance(answer, Captured):
            raise
        why = f"paid, but it cannot be delivered: {_reason(cannot)}"
        return _give_back(attempt_id, answer, ChangeContext(now, by, why), begin=begin)


def _reason(cannot: SoldOut | NotUsable | AlreadyBought) -> str:
    """The reason, as text for the order's history."""
    match cannot:
        case SoldOut(title=title, sku=sku):
            return f"Every seat of {title} ({sku}) is taken"
        case UsedUp(code=code):
            return f'The code "{code}" is used up'
        case UsedByYou(code=code):
            return f'You have used the code "{code}" as often as it allows'
        case AlreadyBought(title=title, bought=bought, order=order) if title == bought:
            return f"You bought {title} already, with order {order}"
        case AlreadyBought(title=title, bought=bought, order=order):
            return f"{title} is part of {bought}, which you bought with order {order}"
        case _:
            return str(cannot)


@repeated_on_conflict
def _apply(
    attempt_id: AttemptId,
    answer: Answer,
    context: ChangeContext,
    *,
    begin: Begin,
    merge: ResultMerge,
) -> Order:
    with begin() as work:
        attempt = work.attempts.get(attempt_id)
        order = work.orders.get(attempt.reference)
        merged = merge(attempt, answer)
        if merged is None:
            return order
        after = _Application(work, order, attempt, context).apply(merged)
        if after == order:
            return order  # A repeated answer: without a write it locks no row.
        order = after
        work.orders.save(order)
        work.commit()
        return attrs.evolve(order, news=())


@repeated_on_conflict
def _give_back(
    attempt_id: AttemptId, captured: Captured, context: ChangeContext, *, begin: Begin
) -> Order:
    with begin() as work:
        attempt = work.attempts.get(attempt_id)
        order = work.orders.get(attempt.reference)
        order = _Application(work, order, attempt, context).undeliverable(captured)
        work.orders.save(order)
        work.commit()
        return attrs.evolve(order, news=())


@attrs.frozen
class _Application:
    """Applies one answer to an attempt. Each method returns the changed order."""

    work: UnitOfWork
    order: Order
    attempt: Attempt
    context: ChangeContext

    def apply(self, answer: Answer) -> Order:
        match answer:
            case Captured():
                return self._captured(answer)
            case Declined(reason):
                return self._declined(reason)
            case InReview(reason=reason):
                return self._in_review(reason or "held for review")
            case Authorized():
                return self._authorized()
            case Cancelled():
                return self._ended(AttemptState.CANCELLED, "cancelled")
            case NotCarriedOut(reason):
                return self._ended(AttemptState.ERROR, reason)
            case Unknown(reason):
                return self._unknown(reason)
            case _:
                assert_never(answer)

    def _captured(self, captured: Captured) -> Order:
        if self.attempt.state in (AttemptState.CAPTURED, AttemptState.OVERPAID):
            return self._captured_again(captured)
        if captured.amount != self.attempt.amount:
            return self._overpaid(
                captured, f"captured {captured.amount} where {self.attempt.amount} was due"
            )
        if self.order.state in STANDING or self.order.state is OrderState.REFUNDED:
            return self._overpaid(captured, "paid again, though it was paid already")
        self._record(captured)
        self.work.attempts.save(self.attempt.moved_to(AttemptState.CAPTURED))
        card = f" by {captured.card}" if captured.card else ""
        context = attrs.evolve(self.context, why=f"{captured.amount} paid{card}")
        return transitions.mark_paid(self.work, self.order, context)

    def _captured_again(self, captured: Captured) -> Order:
        if self._counted(captured):
            return self.order  # Gateways repeat their messages.
        why = "captured a second time under one attempt"
        self._record(captured)
        self._refund_overpayment(captured, why)
        return self._flagged(why)

    def undeliverable(self, captured: Captured) -> Order:
        """Refund a payment of an order that cannot be delivered any more."""
        order = self._overpaid(captured, self.context.why)
        if order.state in UNDECIDED:
            return self._end_unpaid(order, OrderState.CANCELLED, self.context.why)
        return order

    def _overpaid(self, captured: Captured, why: str) -> Order:
        if self._counted(captured):
            return self.order
        self._record(captured)
        self.work.attempts.save(self.attempt.moved_to(AttemptState.OVERPAID, why))
        self._refund_overpayment(captured, why)
        order = self._flagged(why)
        # The review has ended, and nothing else would move the order on.
        return self._end_unpaid(order, OrderState.CANCELLED, why) if self._under_review else order

    def _counted(self, captured: Captured) -> bool:
        """Whether this payment is recorded already, also if it is recorded under another attempt.

        Some gateways confuse the attempts of one order.
        """
        transactions = self.work.transactions.of(self.order.reference)
        money = (self.attempt.account, captured.gateway_id)
        return money in {(t.account, t.gateway_id) for t in transactions}

    def _record(self, captured: Captured) -> None:
        self.work.transactions.add(
            Transaction(
                captured.gateway_id,
                TransactionKind.PAYMENT,
                self.order.reference,
                self.attempt.id,
                captured.amount,
                self.context.at,
                captured.card,
                captured.raw,
                account=self.attempt.account,
            )
        )

    def _refund_overpayment(self, captured: Captured, why: str) -> None:
        number = len(self.work.refunds.of(self.order.reference)) + 1
        self.work.refunds.add(
            Refund(
                RefundId(f"{self.attempt.id[-26:]}-X{number}"),
                self.order.reference,
                self.attempt.id,
                captured.amount,
                (),
                why,
                self.context.by,
                self.context.at,
                overpayment=True,
                captured_as=captured.gateway_id,
                account=self.attempt.account,
            )
        )

    def _declined(self, reason: str) -> Order:
        if self.attempt.state is AttemptState.DECLINED or self._unpaid_already:
            return self.order
        if not self._open_to(AttemptState.DECLINED):
            return self._contradicted(AttemptState.DECLINED)
        why = f"card declined: {reason}"
        self.work.attempts.save(self.attempt.moved_to(AttemptState.DECLINED, reason))
        if self._under_review:
            return self._end_unpaid(self.order, OrderState.CANCELLED, why)
        attempts = self.work.attempts.of(self.order.reference)
        declines = sum(attempt.state is AttemptState.DECLINED for attempt in attempts)
        if self.order.state is OrderState.PENDING and declines >= MOST_DECLINES:
            return self._end_unpaid(self.order, OrderState.DECLINED, why)
        return self._noted(why)

    def _authorized(self) -> Order:
        if self.attempt.state is AttemptState.REVIEW:
            return self.order
        why = "authorised but not captured"
        return self._in_review(why).flagged(why, at=self.context.at, by=self.context.by)

    def _in_review(self, reason: str) -> Order:
        if self.attempt.state is AttemptState.REVIEW:
            return self.order
        if not self._open_to(AttemptState.REVIEW):
            return self._contradicted(AttemptState.REVIEW)
        held = self.attempt.moved_to(AttemptState.REVIEW, reason)
        self.work.attempts.save(held.enquired(self.context.at + LONGEST_WAIT))
        if self.order.state is OrderState.PENDING:
            context = self.context
            return self.order.moved_to(OrderState.REVIEW, at=context.at, by=context.by, why=reason)
        return self._flagged("a payment is held for review")

    def _ended(self, state: AttemptState, reason: str) -> Order:
        if self.attempt.state is state or self._unpaid_already:
            return self.order
        if not self._open_to(state):
            return self._contradicted(state)
        self.work.attempts.save(self.attempt.moved_to(state, reason))
        if self._under_review:
            return self._end_unpaid(self.order, OrderState.CANCELLED, reason)
        return self._noted(f"payment not made: {reason}")

    def _unknown(self, reason: str) -> Order:
        if not self._open_to(AttemptState.UNKNOWN):
            return self.order
        unknown = self.attempt.moved_to(AttemptState.UNKNOWN, reason)
        self.work.attempts.save(unknown.enquired(next_enquiry_at(self.context.at, 0)))
        return self._noted(f"payment unknown: {reason}")

    @property
    def _unpaid_already(self) -> bool:
        """Whether a reusable form has already ended unpaid, so that another refusal is no news.

        For every other attempt a second end would be a contradiction.
        """
        return self.attempt.form_takes_payment and self.attempt.state in UNPAID

    @property
    def _under_review(self) -> bool:
        """Whether the order is under review because of this attempt."""
        return self.order.state is OrderState.REVIEW and self.attempt.state is AttemptState.REVIEW

    def _open_to(self, state: AttemptState) -> bool:
        return state in ATTEMPT_MOVES[self.attempt.state]

    def _end_unpaid(self, order: Order, state: OrderState, why: str) -> Order:
        return transitions.end_unpaid(
            self.work, order, state, context=attrs.evolve(self.context, why=why)
        )

    def _contradicted(self, state: AttemptState) -> Order:
        why = f"the gateway says {state.value}, after it said {self.attempt.state.value}"
        # A gateway is asked often and may repeat its contradiction: flag it once.
        return self.order if why in (self.order.attention or "") else self._flagged(why)

    def _noted(self, why: str) -> Order:
        return self.order.noted(at=self.context.at, by=self.context.by, why=why)

    def _flagged(self, why: str) -> Order:
        return self.order.flagged(why, at=self.context.at, by=self.context.by)
