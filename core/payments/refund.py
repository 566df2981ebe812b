"""A refund: the intent is stored before it is sent to the gateway."""

from __future__ import annotations

import enum
from datetime import datetime
from typing import NewType, Protocol

import attrs

from core.errors import Absent, Conflict
from core.identity import Actor
from core.money import Money
from core.moves import CannotMove, Moves
from core.order_reference import Reference
from core.payments.account import GatewayAccount
from core.payments.attempt import AttemptId, fits_the_gateway

RefundId = NewType("RefundId", str)
"""The id that every try of one refund sends to the gateway: unique, at most 30 characters."""


class RefundState(enum.Enum):
    REQUESTED = "requested"
    """Decided and certainly not sent yet."""
    SENT = "sent"
    """Sent to the gateway. With a gateway id it is accepted, which is not final."""
    SETTLED = "settled"
    FAILED = "failed"
    UNKNOWN = "unknown"


@attrs.frozen
class RefundExists(Conflict):
    """A refund has this id already."""

    refund: RefundId


@attrs.frozen
class RefundHasChanged(Conflict):
    """Another change of the refund was saved first."""

    refund: RefundId


class RefundCannotMove(CannotMove):
    """The refund's state does not allow this move."""


REFUND_MOVES: Moves[RefundState] = Moves(
    {
        RefundState.REQUESTED: frozenset({RefundState.SENT}),
        RefundState.SENT: frozenset({RefundState.SETTLED, RefundState.FAILED, RefundState.UNKNOWN}),
        RefundState.UNKNOWN: frozenset({RefundState.SENT, RefundState.SETTLED, RefundState.FAILED}),
        RefundState.SETTLED: frozenset(),
        RefundState.FAILED: frozenset(),
    },
    RefundCannotMove,
)


@attrs.frozen
class UnknownRefund(Absent):
    refund: str


@attrs.frozen
class LineRefund:
    """The part of a refund that belongs to one line."""

    position: int
    amount: Money


@attrs.frozen
class Refund:
    """A refund of one captured attempt, with its reason. Its id never changes.

    `account` is the gateway account that holds the money: that of the attempt. `captured_as` is the
    gateway's id of the payment. With `overpayment` the payment was never needed by the order, so
    the refund does not change the order. `sent_at` is the last time it was sent.
    """

    id: RefundId = attrs.field(validator=fits_the_gateway)
    reference: Reference
    attempt: AttemptId
    amount: Money
    lines: tuple[LineRefund, ...]
    reason: str = attrs.field(validator=attrs.validators.min_len(1))
    by: Actor
    requested_at: datetime
    captured_as: str = attrs.field(validator=attrs.validators.min_len(1))
    overpayment: bool = False
    state: RefundState = RefundState.REQUESTED
    gateway_id: str | None = None
    outcome: str | None = None
    sent_at: datetime | None = None
    next_enquiry_at: datetime | None = None
    enquiries: int = 0
    account: GatewayAccount = attrs.field(kw_only=True)
    version: int = attrs.field(default=0, kw_only=True)

    @property
    def counts(self) -> bool:
        """Whether it reduces what is left to refund: every refund that did not fail does."""
        return self.state is not RefundState.FAILED

    @property
    def accepted(self) -> bool:
        """Whether the gateway has accepted it, so that the learner can expect the money."""
        taken = self.state is RefundState.SENT and self.gateway_id is not None
        return taken or self.state is RefundState.SETTLED

    def moved_to(
        self,
        target: RefundState,
        *,
        next_enquiry_at: datetime | None = None,
        gateway_id: str | None = None,
        outcome: str | None = None,
    ) -> Refund:
        """This refund in another state. Raises RefundCannotMove."""
        REFUND_MOVES.check(self.state, target, self.id)
        return attrs.evolve(
            self,
            state=target,
            gateway_id=gateway_id or self.gateway_id,
            outcome=outcome,
            next_enquiry_at=next_enquiry_at,
        )

    def sent(self, *, at: datetime, next_enquiry_at: datetime) -> Refund:
        """This refund in state SENT; a repetition keeps its id."""
        sending = self.moved_to(RefundState.SENT) if self.state is RefundState.REQUESTED else self
        return attrs.evolve(sending, sent_at=at, next_enquiry_at=next_enquiry_at)

    def accepted_as(self, gateway_id: str, *, next_enquiry_at: datetime) -> Refund:
        """This refund after the gateway accepted it under its own id."""
        if self.state is RefundState.SENT:
            return attrs.evolve(self, gateway_id=gateway_id, next_enquiry_at=next_enquiry_at)
        return self.moved_to(
            RefundState.SENT, gateway_id=gateway_id, next_enquiry_at=next_enquiry_at
        )

    def postponed(self, why: str, next_enquiry_at: datetime) -> Refund:
        """This refund, with nothing to send or ask before this time; `why` is the reason."""
        return attrs.evolve(self, outcome=why, next_enquiry_at=next_enquiry_at)

    def enquired(self, next_enquiry_at: datetime) -> Refund:
        return attrs.evolve(self, next_enquiry_at=next_enquiry_at, enquiries=self.enquiries + 1)


class Refunds(Protocol):
    """The port to all refunds."""

    def get(self, refund: RefundId, /) -> Refund:
        """The refund. Raises UnknownRefund."""
        ...

    def of(self, reference: Reference, /) -> tuple[Refund, ...]:
        """All refunds of one order, oldest first."""
        ...

    def to_send(self, at: datetime, limit: int, /) -> tuple[Refund, ...]:
        """Refunds to send or to enquire about, oldest first.

        These are requested refunds that are not postponed, and sent refunds that are due for an
        enquiry.
        """
        ...

    def add(self, refund: Refund, /) -> None:
        """Add a new refund. Raises RefundExists if its id is taken."""
        ...

    def save(self, refund: Refund, /) -> None:
        """Save a changed refund. Raises RefundHasChanged if another change came first."""
        ...
