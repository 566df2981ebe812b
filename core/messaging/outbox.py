"""The outbox: events, stored in the same transaction as the change, until they are delivered."""

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
    """The receiver of an event. Deliveries to different receivers do not wait for each other."""

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
    """A fact about an order. Its id is the same for every delivery.

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
"""Tries before an event is given up: about two days with the waits below."""

TOO_LATE_WORDS = "it was too late to send"

_WAITS = tuple(timedelta(seconds=s) for s in (5, 15, 60, 300, 900, 3600))


def delivery_wait(tries: int) -> timedelta:
    """The wait after this many failed tries, at most six hours."""
    return _WAITS[tries - 1] if tries <= len(_WAITS) else timedelta(hours=6)


@attrs.frozen
class OutboxEntry:
    """One event in the outbox, with its delivery state. Sequence numbers are ascending."""

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
        """This entry after another failed try; after the last try it is given up."""
        tries = self.tries + 1
        if tries >= GIVE_UP_AFTER:
            return self.refused(why, at)
        return attrs.evolve(
            self, tries=tries, next_try_at=at + delivery_wait(tries), last_error=why
        )

    def refused(self, why: str, at: datetime) -> OutboxEntry:
        """This entry, given up after one try, because another try is useless."""
        return attrs.evolve(
            self, tries=self.tries + 1, given_up_at=at, next_try_at=None, last_error=why
        )


@attrs.frozen
class UnknownEvent(Absent):
    event: str


@attrs.frozen
class NotReceived(Refused):
    """The receiver did not accept an event: it refused, or did not answer."""

    why: str


@attrs.frozen
class ReceiverIsDown(NotReceived):
    """Nothing can be delivered now, so the other waiting events need not be tried."""


@attrs.frozen
class NeverReceived(NotReceived):
    """The receiver will never accept this event."""


@attrs.frozen
class OutboxSearch:
    """A query of staff for entries, by sequence."""

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
    """The port to all events, in the order in which they were written."""

    def add(self, events: Collection[Event], /) -> None:
        """Add new events. Raises ValueError if an id exists: a programming mistake."""
        ...

    def claim(
        self, receiver: Receiver, at: datetime, /, *, until: datetime, limit: int
    ) -> tuple[OutboxEntry, ...]:
        """Claim entries for delivery to this receiver until `until`.

        For each order only the earliest entry that is neither delivered nor given up, and only if
        its next try is due, so that the events of one order arrive in order.
        """
        ...

    def give_up_older(self, receiver: Receiver, than: datetime, /, *, at: datetime) -> int:
        """Give up the receiver's entries from before this time; returns how many.

        An entry with a next try counts by that time, so entries that were revived or are being
        tried stay.
        """
        ...

    def save(self, entry: OutboxEntry, /) -> None:
        """Save the delivery state of a claimed entry and release the claim."""
        ...

    def revive(self, event: str, at: datetime, /) -> Reference | None:
        """Let an event that was given up be tried again from now on; returns its order's reference.

        Returns None, and changes nothing, if it was not given up. Raises UnknownEvent.
        """
        ...

    def search(self, query: OutboxSearch, /) -> tuple[OutboxEntry, ...]:
        """The entries that match, sorted by sequence."""
        ...


class EventReceiver(Protocol):
    """The port to a receiver of events: the learning platform, the mail system, or a wrapper."""

    def receive(self, event: Event, /) -> None:
        """Deliver an event. Delivering the same event twice must do no harm.

        Raises NotReceived; ReceiverIsDown if the failure has nothing to do with this event, and
        NeverReceived if another try would fail too.
        """
        ...
