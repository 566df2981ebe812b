"""A refund: an intent to give money back, stored before the gateway hears of it."""

from __future__ import annotations

import enum
from datetime import datetime
from typing import NewType, Protocol

import attrs

from core.errors import Absent
from core.identity import Actor
from core.money import Money
from core.moves import CannotMove, Moves
from core.order_reference import Reference
from core.payments.account import GatewayAccount
from core.payments.attempt import AttemptId, fits_the_gateway

RefundId = NewType("RefundId", str)
"""Sent to the gateway with every try of the same refund: unique, 30 characters at most."""


class RefundState(enum.Enum):
    REQUESTED = "requested"
    """Decided, and surely not sent yet."""
    SENT = "sent"
    """The gateway was asked; with a gateway id it has accepted, which is not final."""
    SETTLED = "settled"
    FAILED = "failed"
    UNKNOWN = "unknown"


class RefundCannotMove(CannotMove):
    """A refund cannot become what was wanted."""


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
    """The part of a refund that is for one line."""

    position: int
    amount: Money


@attrs.frozen
class Refund:
    """Money to give back from one captured attempt, and why. Its id never changes.

    `account` is the gateway account that holds the money: that of the attempt.
    `captured_as` is the gateway's id of the payment it comes from. `excess` is true where that
    capture was never what the order needed, so that giving it back changes nothing about the
    order. `sent_at` is when it was last sent, `ask_at` when the gateway is next asked about it.
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
    ask_at: datetime | None = None
    asked: int = 0
    account: GatewayAccount = attrs.field(kw_only=True)
    version: int = attrs.field(default=0, kw_only=True)

    @property
    def counts(self) -> bool:
        """Whether it uses up what was captured: every refund that did not fail does."""
        return self.state is not RefundState.FAILED

    @property
    def accepted(self) -> bool:
        """Whether the gateway has taken it on: the learner can expect the money."""
        taken = self.state is RefundState.SENT and self.gateway_id is not None
        return taken or self.state is RefundState.SETTLED

    def moved_to(
        self,
        wanted: RefundState,
        *,
        ask_at: datetime | None = None,
        gateway_id: str | None = None,
        outcome: str | None = None,
    ) -> Refund:
        """This refund in another state. Raises RefundCannotMove."""
        REFUND_MOVES.check(self.state, wanted, self.id)
        return attrs.evolve(
            self,
            state=wanted,
            gateway_id=gateway_id or self.gateway_id,
            outcome=outcome,
            ask_at=ask_at,
        )

    def sent(self, *, at: datetime, ask_at: datetime) -> Refund:
        """This refund on its way to the gateway, for the first time or again under its one id."""
        sending = self.moved_to(RefundState.SENT) if self.state is RefundState.REQUESTED else self
        return attrs.evolve(sending, sent_at=at, ask_at=ask_at)

    def accepted_as(self, gateway_id: str, *, ask_at: datetime) -> Refund:
        """This refund once the gateway has taken it on under its own id."""
        if self.state is RefundState.SENT:
            return attrs.evolve(self, gateway_id=gateway_id, ask_at=ask_at)
        return self.moved_to(RefundState.SENT, gateway_id=gateway_id, ask_at=ask_at)

    def postponed(self, why: str, ask_at: datetime) -> Refund:
        """This refund while nothing can be sent or asked; `why` says what it waits for."""
        return attrs.evolve(self, outcome=why, ask_at=ask_at)

    def asked_again(self, ask_at: datetime) -> Refund:
        return attrs.evolve(self, ask_at=ask_at, asked=self.asked + 1)


class Refunds(Protocol):
    """Every refund."""

    def get(self, refund: RefundId, /) -> Refund:
        """The refund. Raises UnknownRefund."""
        ...

    def of(self, reference: Reference, /) -> tuple[Refund, ...]:
        """All refunds of one order, oldest first."""
        ...

    def to_send(self, at: datetime, limit: int, /) -> tuple[Refund, ...]:
        """Refunds to send or to ask about, oldest first.

        Those that are requested and do not wait until later, and those that were sent and whose
        time to be asked about has come.
        """
        ...

    def add(self, refund: Refund, /) -> None:
        """Keep a new refund. Raises Conflict where its id is taken."""
        ...

    def save(self, refund: Refund, /) -> None:
        """Keep a changed refund. Raises Conflict where another change came first."""
        ...
