"""The inbox: notices of the gateway, stored before they are processed."""

from __future__ import annotations

import enum
from datetime import datetime, timedelta
from typing import Protocol

import attrs

from core.errors import Absent, Conflict
from core.order_reference import Reference
from core.payments.notice import Notice

KEPT = timedelta(days=90)
"""How long a finished message is stored: longer than any gateway repeats it."""


class MessageState(enum.Enum):
    RECEIVED = "received"
    """Stored, but not processed yet."""
    ACTED = "acted"
    FAILED = "failed"
    """It cannot be processed: staff must look at it."""
    IGNORED = "ignored"
    """It is not about anything of the shop."""


@attrs.frozen
class InboxMessage:
    """One notice in the inbox, with its state.

    `why` says how it ended, or what it waits for. `tries` counts the tries to process it; `act_at`
    is the time from which the next try is allowed. `reference` is the order that it is about. The
    inbox assigns `number`, in ascending order.
    """

    notice: Notice
    state: MessageState = MessageState.RECEIVED
    why: str = ""
    tries: int = 0
    act_at: datetime | None = None
    reference: Reference | None = None
    number: int = attrs.field(default=0, kw_only=True)
    version: int = attrs.field(default=0, kw_only=True)

    @property
    def is_over(self) -> bool:
        """Whether neither the shop nor staff have to look at it any more."""
        return self.state in (MessageState.ACTED, MessageState.IGNORED)

    def claimed(self, until: datetime) -> InboxMessage:
        """This message, owned by one process until `until`."""
        return attrs.evolve(self, state=MessageState.RECEIVED, tries=self.tries + 1, act_at=until)

    def ended(self, state: MessageState, why: str) -> InboxMessage:
        return attrs.evolve(self, state=state, why=why, act_at=None)

    def put_off(self, why: str, until: datetime) -> InboxMessage:
        """This message after a failed try."""
        return attrs.evolve(self, why=why, act_at=until)


@attrs.frozen
class AlreadyReceived(Conflict):
    """The message is already in the inbox: gateways repeat messages."""

    key: str


@attrs.frozen
class InboxMessageHasChanged(Conflict):
    """Another process acted on the message first."""

    number: int


@attrs.frozen
class UnknownInboxMessage(Absent):
    number: int


@attrs.frozen
class InboxSearch:
    """A query of staff for messages, by number. `code` is a reference or a refund's id."""

    code: str | None = None
    state: MessageState | None = None
    after: int = 0
    limit: int = attrs.field(
        default=50, validator=[attrs.validators.ge(1), attrs.validators.le(1000)]
    )


class Inbox(Protocol):
    """The port to all verified messages, without repetitions."""

    def add(self, message: InboxMessage, /) -> InboxMessage:
        """Add a new message; returns it with its number. Raises AlreadyReceived."""
        ...

    def get(self, number: int, /) -> InboxMessage:
        """The message. Raises UnknownInboxMessage."""
        ...

    def to_act(self, at: datetime, limit: int, /) -> tuple[InboxMessage, ...]:
        """Messages that are due for processing, longest overdue first."""
        ...

    def save(self, message: InboxMessage, /) -> None:
        """Save a changed message. Raises InboxMessageHasChanged if another came first."""
        ...

    def remove_older(self, before: datetime, limit: int, /) -> int:
        """Remove finished messages from before this time, oldest first; returns how many."""
        ...

    def search(self, query: InboxSearch, /) -> tuple[InboxMessage, ...]:
        """The messages that match, sorted by number."""
        ...
