"""Use cases: cancel or expire an unpaid order, after the gateway was asked."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

import attrs

from core.change_context import ChangeContext
from core.identity import Actor, LearnerId
from core.order_reference import Reference
from core.orders.order import Order
from core.orders.order_state import OrderState
from core.payments.attempt import AttemptId, AttemptState
from core.payments.gateway import PaymentGateway
from core.unit_of_work import Begin, repeated_on_conflict
from core.use_cases.order_lifecycle import transitions
from core.use_cases.payments.close_form import close_form
from core.use_cases.payments.enquire import StillChecking, is_decided


def end_unpaid_order(
    reference: Reference,
    context: ChangeContext,
    *,
    begin: Begin,
    gateway: PaymentGateway,
    state: OrderState = OrderState.CANCELLED,
) -> Order:
    """End an unpaid order (cancelled or expired), unless the gateway says that it was paid.

    The gateway is asked first about every attempt in doubt and every form that takes the payment
    itself. Raises StillChecking while it cannot say. An unpaid form does not block cancellation: it
    is still polled, and a late payment is applied as usual. An order that is no longer pending is
    returned unchanged.
    """
    with begin() as work:
        order = work.orders.get(reference)
        attempts = work.attempts.of(reference)
    if order.state is not OrderState.PENDING:
        return order
    closed = set()
    for attempt in attempts:
        unpaid_form = attempt.unattended and attempt.state is AttemptState.OPEN
        if unpaid_form and close_form(attempt, begin=begin, gateway=gateway, now=context.at):
            closed.add(attempt.id)
        doubtful = attempt.in_doubt or unpaid_form
        if doubtful and not is_decided(attempt, begin=begin, gateway=gateway, now=context.at):
            raise StillChecking(reference)
    return _end(reference, context, state, begin=begin, closed=closed)


@repeated_on_conflict
def _end(
    reference: Reference,
    context: ChangeContext,
    state: OrderState,
    *,
    begin: Begin,
    closed: Collection[AttemptId],
) -> Order:
    with begin() as work:
        order = work.orders.get(reference)
        if order.state is not OrderState.PENDING:
            return order
        attempts = work.attempts.of(reference)
        if any(attempt.in_doubt for attempt in attempts):
            raise StillChecking(reference)
        for attempt in attempts:
            if attempt.id in closed:
                work.attempts.save(attempt.withdrawn(context.why))
            elif attempt.state is AttemptState.OPEN:
                work.attempts.save(attempt.moved_to(AttemptState.CANCELLED, context.why))
        order = transitions.end_unpaid(work, order, state, context=context)
        work.orders.save(order)
        work.commit()
        return attrs.evolve(order, news=())


def cancel_order(
    reference: Reference,
    learner: LearnerId,
    *,
    begin: Begin,
    gateway: PaymentGateway,
    now: datetime,
) -> Order:
    """Cancel the learner's own pending order. Raises UnknownOrder or StillChecking."""
    with begin() as work:
        work.orders.get(reference).of_learner(learner)
    context = ChangeContext(now, Actor.learner(learner), "cancelled by the learner")
    return end_unpaid_order(reference, context, begin=begin, gateway=gateway)
