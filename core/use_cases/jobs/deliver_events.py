"""Use case: deliver the outbox, and store for each line whether the platform granted access."""

from __future__ import annotations

from datetime import datetime, timedelta

import attrs

from core.identity import TIMER
from core.messaging.outbox import (
    EventName,
    EventReceiver,
    NeverReceived,
    NotReceived,
    OutboxEntry,
    Receiver,
    ReceiverIsDown,
)
from core.orders.line import FULFILMENT_MOVES, Fulfilment
from core.unit_of_work import Begin, UnitOfWork, repeated_on_conflict

CLAIM = timedelta(minutes=2)
"""How long one process owns its events: longer than any receiver takes."""

BATCH = 50
LETTERS_AT_ONCE = 1
"""Letters that one process claims: even a slow mail server takes them within CLAIM."""

TOO_LATE = timedelta(days=3)
"""A letter that could not be sent for this long is given up, because nobody expects it now."""


@attrs.frozen
class DeliveryReport:
    """The result of one round of deliveries."""

    delivered: int = 0
    failed: int = 0
    given_up: int = 0

    def __add__(self, other: DeliveryReport) -> DeliveryReport:
        return DeliveryReport(
            self.delivered + other.delivered,
            self.failed + other.failed,
            self.given_up + other.given_up,
        )


def deliver_events(
    to: Receiver = Receiver.PLATFORM,
    *,
    begin: Begin,
    receiver: EventReceiver,
    now: datetime,
    limit: int = 10_000,
) -> DeliveryReport:
    """Deliver every due event to the receiver, in order within each order.

    Delivery is at least once: an event is marked as delivered after the receiver accepted it. A
    failed event is retried later, and the later events of its order wait for it. If the receiver is
    down, the round ends, and the events that were not tried lose no try.
    """
    delivered = failed = given_up = 0
    most = LETTERS_AT_ONCE if to is Receiver.POST else BATCH
    while delivered + failed < limit:
        entries = _claimed(to, min(most, limit - delivered - failed), begin=begin, now=now)
        down = not entries
        for entry in entries:
            if down:
                _save(entry, begin=begin, now=now)  # Unchanged: only its claim is released.
                continue
            after, down = _delivered(entry, receiver, now)
            _save(after, begin=begin, now=now)
            delivered += after.delivered_at is not None
            failed += after.delivered_at is None
            given_up += after.given_up_at is not None
        if down:
            break
    return DeliveryReport(delivered, failed, given_up)


@repeated_on_conflict
def expire_letters(*, begin: Begin, now: datetime) -> int:
    """Give up letters that are too old to send; returns how many.

    So old letters are not sent all at once when mail is set up or works again.
    """
    with begin() as work:
        late = work.outbox.give_up_older(Receiver.POST, now - TOO_LATE, at=now)
        work.commit()
        return late


@repeated_on_conflict
def _claimed(to: Receiver, limit: int, *, begin: Begin, now: datetime) -> tuple[OutboxEntry, ...]:
    with begin() as work:
        entries = work.outbox.claim(to, now, until=now + CLAIM, limit=limit)
        work.commit()
        return entries


def _delivered(
    entry: OutboxEntry, receiver: EventReceiver, now: datetime
) -> tuple[OutboxEntry, bool]:
    """The entry after one try, and whether the receiver is down."""
    try:
        receiver.receive(entry.event)
    except NeverReceived as error:
        return entry.refused(error.why, now), False
    except NotReceived as error:
        return entry.failed(error.why, now), isinstance(error, ReceiverIsDown)
    return entry.delivered(now), False


@repeated_on_conflict
def _save(entry: OutboxEntry, *, begin: Begin, now: datetime) -> None:
    with begin() as work:
        work.outbox.save(entry)
        if entry.event.name is EventName.FULFILMENT_REQUESTED:
            if entry.delivered_at is not None:
                _move_line(work, entry, Fulfilment.FULFILLED, now=now)
            elif entry.given_up_at is not None:
                _move_line(work, entry, Fulfilment.FAILED, now=now)
        elif entry.event.receiver is Receiver.POST and entry.given_up_at is not None:
            _flag_letter(work, entry, now=now)
        work.commit()


def _move_line(work: UnitOfWork, entry: OutboxEntry, target: Fulfilment, *, now: datetime) -> None:
    order = work.orders.get(entry.event.reference)
    line = order.line(entry.event.position or 0)
    # A refund may have revoked the line while its fulfilment was being delivered.
    if target not in FULFILMENT_MOVES[line.fulfilment]:
        return
    why = entry.last_error or ""
    order = order.with_fulfilment(line.position, target, at=now, by=TIMER, why=why)
    if target is Fulfilment.FAILED:
        order = order.flagged(f"line {line.position} could not be fulfilled", at=now, by=TIMER)
    work.orders.save(order)


def _flag_letter(work: UnitOfWork, entry: OutboxEntry, *, now: datetime) -> None:
    order = work.orders.get(entry.event.reference)
    why = f"{entry.event.name.value} was not sent: {entry.last_error}"
    work.orders.save(order.flagged(why, at=now, by=TIMER))
