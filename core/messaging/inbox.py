"""The inbox: what the gateway tells of its own accord, kept before it is acted on."""

from __future__ import annotations

import enum
from datetime import datetime, timedelta
from typing import Protocol

import attrs

from core.errors import Absent, Conflict
from core.order_reference import Reference
from core.payments.notice import Notice

KEPT = timedelta(days=90)
"""How long a message that is over stays: longer than any gateway goes on repeating it."""


class MessageState(enum.Enum):
    RECEIVED = "received"
    """Kept, and still to be acted on."""
    ACTED = "acted"
    FAILED = "failed"
    """It cannot be acted on: a person has to look."""
    IGNORED = "ignored"
    """It is about nothing of ours."""


@attrs.frozen
class InboxMessage:
    """One notice in the inbox, and what became of it.

    `why` says how it ended, or what it waits for. `tries` counts how often somebody set out to act
    on it; while it is received, `act_at` is when the next may. `reference` is the order that it
    turned out to be about. `number` is the inbox's own, and only grows.
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
        """Whether nobody, and no person either, has to look at it any more."""
        return self.state in (MessageState.ACTED, MessageState.IGNORED)

    def claimed(self, until: datetime) -> InboxMessage:
        """This message while one of us acts on it; from `until` on somebody else may."""
        return attrs.evolve(self, state=MessageState.RECEIVED, tries=self.tries + 1, act_at=until)

    def ended(self, state: MessageState, why: str) -> InboxMessage:
        return attrs.evolve(self, state=state, why=why, act_at=None)

    def put_off(self, why: str, until: datetime) -> InboxMessage:
        """This message after a try in vain."""
        return attrs.evolve(self, why=why, act_at=until)


@attrs.frozen
class AlreadyReceived(Conflict):
    """The message is in the inbox already: gateways repeat themselves."""

    key: str


@attrs.frozen
class UnknownInboxMessage(Absent):
    number: int


@attrs.frozen
class InboxSearch:
    """Which messages staff want to see, by number. `code` is a reference or a refund's id."""

    code: str | None = None
    state: MessageState | None = None
    after: int = 0
    limit: int = attrs.field(
        default=50, validator=[attrs.validators.ge(1), attrs.validators.le(1000)]
    )


class Inbox(Protocol):
    """Every verified message of the gateway, each of them once."""

    def add(self, message: InboxMessage, /) -> InboxMessage:
        """Keep a new message: returns it with its number. Raises AlreadyReceived."""
        ...

    def get(self, number: int, /) -> InboxMessage:
        """The message. Raises UnknownInboxMessage."""
        ...

    def to_act(self, at: datetime, limit: int, /) -> tuple[InboxMessage, ...]:
        """Messages whose time to be acted on has come, longest waiting first."""
        ...

    def save(self, message: InboxMessage, /) -> None:
        """Keep what became of a message. Raises Conflict where another change came first."""
        ...

    def remove_older(self, before: datetime, limit: int, /) -> int:
        """Remove messages that are over and came before that, the oldest first: how many."""
        ...

    def search(self, wanted: InboxSearch, /) -> tuple[InboxMessage, ...]:
        """Messages by number."""
        ...
