"""The outbox: what happened, kept with the change itself, until its receiver has heard of it."""

from __future__ import annotations

import enum
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Protocol, TypeAlias

import attrs

from core.errors import Absent, Refused
from core.order_reference import Reference

Json: TypeAlias = "str | int | bool | tuple[Json, ...] | Mapping[str, Json] | None"


class Receiver(enum.Enum):
    """Whom an event is for. Each is told in its own time: none waits for the other."""

    PLATFORM = "platform"
    POST = "post"


class EventName(enum.Enum):
    ORDER_PLACED = "order.placed"
    ORDER_PAID = "order.paid"
    ORDER_DECLINED = "order.declined"
    ORDER_CANCELLED = "order.cancelled"
    ORDER_REFUNDED = "order.refunded"
    FULFILMENT_REQUESTED = "line.fulfilment_requested"
    REVOCATION_REQUESTED = "line.revocation_requested"
    RECEIPT = "letter.receipt"
    REFUND_RECEIPT = "letter.refund"
    REQUEST_ANSWERED = "letter.answer"

    @property
    def receiver(self) -> Receiver:
        return Receiver.POST if self.value.startswith("letter.") else Receiver.PLATFORM


@attrs.frozen
class Event:
    """A fact about an order. Its id is the same however often it is told.

    `body` is plain JSON: texts, whole numbers, lists and objects.
    """

    id: str = attrs.field(validator=attrs.validators.max_len(120))
    name: EventName
    reference: Reference
    at: datetime
    body: Mapping[str, Json]
    position: int | None = None

    @property
    def receiver(self) -> Receiver:
        return self.name.receiver


GIVE_UP_AFTER = 12
"""Tries before an event is given up on: with the waits below, about two days."""

TOO_LATE_WORDS = "it was too late to send"

_WAITS = tuple(timedelta(seconds=s) for s in (5, 15, 60, 300, 900, 3600))


def delivery_wait(tries: int) -> timedelta:
    """How long to wait after this many failed tries, at most six hours."""
    return _WAITS[tries - 1] if tries <= len(_WAITS) else timedelta(hours=6)


@attrs.frozen
class OutboxEntry:
    """One event in the outbox, and how its delivery stands. Sequence numbers only grow."""

    sequence: int
    event: Event
    tries: int = 0
    next_try_at: datetime | None = None
    delivered_at: datetime | None = None
    given_up_at: datetime | None = None
    last_error: str | None = None

    @property
    def state(self) -> str:
        if self.delivered_at is not None:
            return "delivered"
        return "waiting" if self.given_up_at is None else "given up"

    def delivered(self, at: datetime) -> OutboxEntry:
        return attrs.evolve(
            self, tries=self.tries + 1, delivered_at=at, next_try_at=None, last_error=None
        )

    def failed(self, why: str, at: datetime) -> OutboxEntry:
        """This entry after one more try in vain; after the last one it is given up on."""
        tries = self.tries + 1
        if tries >= GIVE_UP_AFTER:
            return self.refused(why, at)
        return attrs.evolve(
            self, tries=tries, next_try_at=at + delivery_wait(tries), last_error=why
        )

    def refused(self, why: str, at: datetime) -> OutboxEntry:
        """This entry given up on after one try: there is no use in another."""
        return attrs.evolve(
            self, tries=self.tries + 1, given_up_at=at, next_try_at=None, last_error=why
        )


@attrs.frozen
class UnknownEvent(Absent):
    event: str


@attrs.frozen
class NotReceived(Refused):
    """The receiver did not take an event: it answered no, or not at all."""

    why: str


@attrs.frozen
class ReceiverIsDown(NotReceived):
    """Nobody can be told anything now: what waits beside this event may as well wait on."""


@attrs.frozen
class NeverReceived(NotReceived):
    """The receiver will not take this event however often it is told."""


@attrs.frozen
class OutboxSearch:
    """Which entries staff want to see, by sequence."""

    reference: Reference | None = None
    state: str | None = attrs.field(
        default=None,
        validator=attrs.validators.optional(
            attrs.validators.in_(("waiting", "delivered", "given up"))
        ),
    )
    receiver: Receiver | None = attrs.field(default=None, kw_only=True)
    after: int = 0
    limit: int = attrs.field(
        default=50, validator=[attrs.validators.ge(1), attrs.validators.le(1000)]
    )


class Outbox(Protocol):
    """Every event, in the order it was written."""

    def add(self, events: Collection[Event], /) -> None:
        """Keep new events. An id that was kept before is a fault of ours: raises ValueError."""
        ...

    def claim(
        self, receiver: Receiver, at: datetime, /, *, until: datetime, limit: int
    ) -> tuple[OutboxEntry, ...]:
        """Entries to deliver to this receiver, kept from every other deliverer until `until`.

        Of each order only the earliest for this receiver that is neither delivered nor given up,
        and only when its next try is due, so that events of one order arrive in order.
        """
        ...

    def give_up_older(self, receiver: Receiver, than: datetime, /, *, at: datetime) -> int:
        """Give up on whatever was for this receiver before then, and say on how many.

        An event counts from its next try, where it has one: what was revived or is being tried
        stays.
        """
        ...

    def save(self, entry: OutboxEntry, /) -> None:
        """Keep how the delivery of a claimed entry went, and let go of the claim."""
        ...

    def revive(self, event: str, at: datetime, /) -> Reference | None:
        """Let an event that was given up on be tried again from now, and say whose it is.

        None where it was not given up on: it stays as it is. Raises UnknownEvent.
        """
        ...

    def search(self, wanted: OutboxSearch, /) -> tuple[OutboxEntry, ...]:
        """Entries by sequence."""
        ...


class EventReceiver(Protocol):
    """Whoever is told what happened: the learning platform, the post, or what stands before."""

    def receive(self, event: Event, /) -> None:
        """Tell it. Telling the same event twice must do no harm.

        Raises NotReceived; ReceiverIsDown where that has nothing to do with this event, and
        NeverReceived where another try would end alike.
        """
        ...
