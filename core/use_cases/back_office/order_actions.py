"""Use cases of staff: note, resolve a flag, cancel, repeat a fulfilment or an event."""

from __future__ import annotations

from datetime import datetime

import attrs

from core.audit_log import required_reason
from core.change_context import ChangeContext
from core.errors import Refused
from core.identity import Actor
from core.messaging.outbox import EventName, OutboxSearch
from core.order_reference import Reference
from core.orders.line import Fulfilment, Line
from core.orders.order import Order
from core.orders.order_state import STANDING, OrderState
from core.payments.attempt import AttemptState
from core.payments.gateway import PaymentGateway, Unknown
from core.unit_of_work import Begin, UnitOfWork, repeated_on_conflict
from core.use_cases.checkout.cancel_order import end_unpaid_order
from core.use_cases.order_lifecycle import transitions
from core.use_cases.payments.enquire import StillChecking, enquire_with_finding


@attrs.frozen
class NothingToResolve(Refused):
    reference: Reference


@attrs.frozen
class NotToBeCancelled(Refused):
    reference: Reference
    state: OrderState


@attrs.frozen
class NotToBeFulfilled(Refused):
    """The line's fulfilment cannot be requested again; `why` says the reason."""

    reference: Reference
    position: int
    why: str


@repeated_on_conflict
def add_note(reference: Reference, text: str, *, by: Actor, begin: Begin, now: datetime) -> Order:
    """Add a note to an order's history. Raises UnknownOrder or ReasonIsMissing."""
    with begin() as work:
        order = work.orders.get(reference).annotated(required_reason(text), at=now, by=by)
        return _saved(work, order)


@repeated_on_conflict
def resolve_attention(
    reference: Reference, *, by: Actor, why: str, begin: Begin, now: datetime
) -> Order:
    """Clear an order's flag after staff have dealt with it.

    Raises UnknownOrder, NothingToResolve or ReasonIsMissing.
    """
    with begin() as work:
        order = work.orders.get(reference)
        if order.attention is None:
            raise NothingToResolve(reference)
        return _saved(work, order.attended(required_reason(why), at=now, by=by))


def cancellable_order(work: UnitOfWork, reference: Reference) -> Order:
    """The order, if staff can cancel it. Raises UnknownOrder or NotToBeCancelled."""
    order = work.orders.get(reference)
    if order.state not in (OrderState.PENDING, OrderState.REVIEW):
        raise NotToBeCancelled(reference, order.state)
    return order


def cancel_by_staff(
    reference: Reference,
    *,
    by: Actor,
    why: str,
    begin: Begin,
    gateway: PaymentGateway,
    now: datetime,
) -> Order:
    """Cancel an order that is pending or under review, unless the gateway says that it was paid.

    The gateway is asked first. A payment that arrives later makes the order paid or is refunded.
    Raises UnknownOrder, NotToBeCancelled, ReasonIsMissing, or StillChecking while the gateway
    cannot say.
    """
    context = ChangeContext(now, by, required_reason(why))
    with begin() as work:
        order = cancellable_order(work, reference)
        attempts = work.attempts.of(reference)
    if order.state is OrderState.PENDING:
        return end_unpaid_order(reference, context, begin=begin, gateway=gateway)
    for attempt in attempts:
        if attempt.in_doubt:
            after, finding = enquire_with_finding(attempt, begin=begin, gateway=gateway, now=now)
            unsaid = after.in_doubt and after.state is not AttemptState.REVIEW
            if unsaid or isinstance(finding, Unknown):
                raise StillChecking(reference)
    return _end_review(reference, context, begin=begin)


@repeated_on_conflict
def _end_review(reference: Reference, context: ChangeContext, *, begin: Begin) -> Order:
    with begin() as work:
        order = work.orders.get(reference)
        if order.state is not OrderState.REVIEW:
            return order  # The enquiry has just brought a result.
        order = transitions.end_unpaid(work, order, OrderState.CANCELLED, context=context)
        return _saved(work, order)


@repeated_on_conflict
def fulfil_again(
    reference: Reference, position: int, *, by: Actor, why: str, begin: Begin, now: datetime
) -> Order:
    """Request the fulfilment of one line again, with a new event id.

    For a failed line, or one that counts as fulfilled although the learner has no access. Raises
    UnknownOrder, UnknownLine or NotToBeFulfilled.
    """
    with begin() as work:
        order = work.orders.get(reference)
        line = order.line(position)
        asked_before = _requests(work, order, line)
        context = ChangeContext(now, by, why.strip() or "asked for again by staff")
        order = transitions.request_fulfilment_again(
            work, order, line, number=asked_before + 1, context=context
        )
        return _saved(work, order)


@repeated_on_conflict
def resend_event(event: str, *, by: Actor, why: str, begin: Begin, now: datetime) -> bool:
    """Retry an event that was given up. Returns False if it is still being tried or delivered.

    It keeps its id: a receiver that already handled it does nothing. Raises UnknownEvent.
    """
    with begin() as work:
        reference = work.outbox.revive(event, now)
        if reference is None:
            return False
        note = f"{event} is tried again" + (f": {why.strip()}" if why.strip() else "")
        _saved(work, work.orders.get(reference).noted(at=now, by=by, why=note))
        return True


def _requests(work: UnitOfWork, order: Order, line: Line) -> int:
    """How often the line's fulfilment was requested. Raises NotToBeFulfilled."""
    if order.state not in STANDING:
        why = f"the order is {order.state.value}"
        raise NotToBeFulfilled(order.reference, line.position, why)
    if line.fulfilment is Fulfilment.REVOKED:
        raise NotToBeFulfilled(order.reference, line.position, "it was revoked")
    requests = [
        entry
        for entry in work.outbox.search(OutboxSearch(order.reference, limit=1000))
        if entry.event.name is EventName.FULFILMENT_REQUESTED
        and entry.event.position == line.position
    ]
    if any(entry.state == "waiting" for entry in requests):
        raise NotToBeFulfilled(
            order.reference, line.position, "the last request is still on its way"
        )
    return len(requests)


def _saved(work: UnitOfWork, order: Order) -> Order:
    work.orders.save(order)
    work.commit()
    return attrs.evolve(order, news=())
