"""Verb: deliver the outbox, and keep for each line whether the learning platform let it in."""

from __future__ import annotations

from datetime import datetime, timedelta

import attrs

from core.learner import TIMER
from core.orders.line import FULFILMENT_MOVES, Fulfilment
from core.outbox import Entry, EventName, EventReceiver, NotReceived
from core.unit_of_work import Begin, UnitOfWork, repeated_on_conflict

CLAIM = timedelta(minutes=2)
"""How long a deliverer keeps an event to itself: longer than any receiver may take."""

BATCH = 50


@attrs.frozen
class Delivery:
    """How one round of deliveries went."""

    delivered: int = 0
    failed: int = 0
    given_up: int = 0


def deliver(
    *, begin: Begin, receiver: EventReceiver, now: datetime, limit: int = 10_000
) -> Delivery:
    """Tell the receiver every event whose time has come, in order for each order.

    Delivered at least once: an event is kept as delivered only after the receiver took it. One
    that fails is tried again later, and the later events of its order wait for it.
    """
    delivered = failed = given_up = 0
    while delivered + failed < limit:
        entries = _claimed(min(BATCH, limit - delivered - failed), begin=begin, now=now)
        if not entries:
            break
        for entry in entries:
            after = _told(entry, receiver, now)
            _kept(after, begin=begin, now=now)
            delivered += after.delivered_at is not None
            failed += after.delivered_at is None
            given_up += after.given_up_at is not None
    return Delivery(delivered, failed, given_up)


@repeated_on_conflict
def _claimed(limit: int, *, begin: Begin, now: datetime) -> tuple[Entry, ...]:
    with begin() as work:
        entries = work.outbox.claim(now, now + CLAIM, limit)
        work.commit()
        return entries


def _told(entry: Entry, receiver: EventReceiver, now: datetime) -> Entry:
    try:
        receiver.receive(entry.event)
    except NotReceived as error:
        return entry.failed(error.why, now)
    return entry.delivered(now)


@repeated_on_conflict
def _kept(entry: Entry, *, begin: Begin, now: datetime) -> None:
    with begin() as work:
        work.outbox.save(entry)
        if entry.event.name is EventName.FULFILMENT_REQUESTED:
            if entry.delivered_at is not None:
                _move_line(work, entry, Fulfilment.FULFILLED, now=now)
            elif entry.given_up_at is not None:
                _move_line(work, entry, Fulfilment.FAILED, now=now)
        work.commit()


def _move_line(work: UnitOfWork, entry: Entry, wanted: Fulfilment, *, now: datetime) -> None:
    order = work.orders.get(entry.event.reference)
    line = order.line(entry.event.position or 0)
    # A refund may have revoked the line while its fulfilment was still on the way.
    if wanted not in FULFILMENT_MOVES[line.fulfilment]:
        return
    why = entry.last_error or ""
    order = order.with_fulfilment(line.position, wanted, at=now, by=TIMER, why=why)
    if wanted is Fulfilment.FAILED:
        order = order.flagged(f"line {line.position} could not be fulfilled", at=now, by=TIMER)
    work.orders.save(order)
