"""Queues letters to learners in the outbox; they are composed when they are sent.

A queued letter holds no text and no address, so that it contains current facts and no data that
were erased meanwhile.
"""

from __future__ import annotations

from datetime import datetime

import attrs

from core.errors import Refused
from core.identity import Actor
from core.messaging.outbox import Event, EventName, Json
from core.order_reference import Reference
from core.orders.order import Order
from core.orders.order_state import STANDING, OrderState
from core.unit_of_work import Begin, UnitOfWork, repeated_on_conflict


@attrs.frozen
class NothingPaidYet(Refused):
    reference: Reference
    state: OrderState


def queue_receipt(work: UnitOfWork, order: Order, *, at: datetime) -> None:
    """Queue the receipt of a paid order."""
    work.outbox.add([_letter(order.reference, EventName.RECEIPT, at, key=order.reference)])


def queue_refund_receipt(
    work: UnitOfWork, reference: Reference, *, refund: str, at: datetime
) -> None:
    """Queue the receipt of a refund that the gateway accepted."""
    key = f"{reference}/{refund}"
    work.outbox.add([_letter(reference, EventName.REFUND_RECEIPT, at, key=key, refund=refund)])


def queue_refund_answer(
    work: UnitOfWork, reference: Reference, *, request: str, at: datetime
) -> None:
    """Queue the answer to a refund request."""
    key = f"{reference}/{request}"
    work.outbox.add([_letter(reference, EventName.REQUEST_ANSWERED, at, key=key, request=request)])


@repeated_on_conflict
def resend_receipt(
    reference: Reference, key: str, *, staff: Actor, begin: Begin, now: datetime
) -> Event:
    """Queue the receipt again; `key` makes the letter a new one.

    It shows the order as it is when the letter is sent, with every refund. Raises UnknownOrder or
    NothingPaidYet.
    """
    with begin() as work:
        order = work.orders.get(reference)
        if order.state not in STANDING and order.state is not OrderState.REFUNDED:
            raise NothingPaidYet(reference, order.state)
        letter = _letter(reference, EventName.RECEIPT, now, key=f"{reference}/{key}")
        work.outbox.add([letter])
        work.orders.save(order.noted(at=now, by=staff, why="receipt sent again"))
        work.commit()
        return letter


def _letter(
    reference: Reference, name: EventName, at: datetime, *, key: str, **body: Json
) -> Event:
    return Event(f"{key}/{name.value}", name, reference, at, body)
