"""A payment attempt: one try to pay an order, and its transitions."""

from __future__ import annotations

import enum
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, NewType, Protocol

import attrs

from core.errors import Absent, Conflict
from core.money import Money
from core.moves import CannotMove, Moves
from core.order_reference import Reference
from core.payments.account import GatewayAccount
from core.payments.dispute import Dispute

AttemptId = NewType("AttemptId", str)
"""The merchant's transaction id at the gateway: unique, at most 30 characters."""


class PaymentFlow(enum.Enum):
    """Where the learner enters the card."""

    CARD_FORM = "card_form"
    """In the gateway's form on the shop's payment page."""
    HOSTED_PAGE = "hosted_page"
    """On a page of the gateway's own."""


_GATEWAY_ID = re.compile(r"[A-Z0-9-]{1,30}", re.ASCII)


def fits_the_gateway(_: object, field: attrs.Attribute[Any], value: str) -> None:
    """An attrs validator: ids for gateways are 1 to 30 of A-Z, 0-9 and hyphen."""
    if not _GATEWAY_ID.fullmatch(value):
        raise ValueError(f"{field.name} {value!r} is not 1 to 30 of A-Z, 0-9 and hyphen")


class AttemptState(enum.Enum):
    OPEN = "open"
    """The form is open. Nothing was sent, unless the form takes the payment itself."""
    SENT = "sent"
    """The charge was sent, or is being sent."""
    CAPTURED = "captured"
    OVERPAID = "excess"
    """Captured, but not the payment that the order needed: to be refunded."""
    REVIEW = "review"
    DECLINED = "declined"
    CANCELLED = "cancelled"
    ERROR = "error"
    """Certainly no payment was made."""
    UNKNOWN = "unknown"
    """A payment may have been made; only the gateway can say."""


TAKEN = frozenset({AttemptState.CAPTURED, AttemptState.OVERPAID})
"""States in which the gateway has captured money."""

UNPAID = frozenset({AttemptState.DECLINED, AttemptState.CANCELLED, AttemptState.ERROR})
"""States in which no payment was made, as far as is known."""

_ANSWERED = TAKEN | UNPAID | {AttemptState.REVIEW}


@attrs.frozen
class AttemptHasChanged(Conflict):
    """Another change of the attempt was saved first."""

    attempt: AttemptId


@attrs.frozen
class PaidOrUsedBefore(Conflict):
    """The attempt's id or token was used before, or its order has a captured attempt already."""

    attempt: AttemptId
    reference: Reference


class AttemptCannotMove(CannotMove):
    """The attempt's state does not allow this move."""


ATTEMPT_MOVES: Moves[AttemptState] = Moves(
    {
        AttemptState.OPEN: _ANSWERED | {AttemptState.SENT, AttemptState.UNKNOWN},
        AttemptState.SENT: _ANSWERED | {AttemptState.UNKNOWN},
        AttemptState.UNKNOWN: _ANSWERED,
        AttemptState.REVIEW: TAKEN | {AttemptState.DECLINED, AttemptState.CANCELLED},
        # Payments can be late: a capture may follow any other result. A form that takes the payment
        # itself can also be used again unnoticed.
        AttemptState.DECLINED: TAKEN | {AttemptState.UNKNOWN},
        AttemptState.CANCELLED: TAKEN | {AttemptState.UNKNOWN},
        AttemptState.ERROR: TAKEN | {AttemptState.UNKNOWN},
        AttemptState.CAPTURED: frozenset(),
        AttemptState.OVERPAID: frozenset(),
    },
    AttemptCannotMove,
)

IN_DOUBT = frozenset({AttemptState.SENT, AttemptState.UNKNOWN, AttemptState.REVIEW})
"""States in which only the gateway knows the result."""


@attrs.frozen
class UnknownAttempt(Absent):
    attempt: str


@attrs.frozen
class Attempt:
    """One try to pay `amount` for `reference`, stored before anything is sent.

    `account` is the gateway account that it is sent to; no other account knows it. `flow` is where
    the learner pays; it never changes. `session` is the gateway adapter's data about the form or
    the hosted page, which the core never reads. `token` is the id of the form's token that was
    used. `enquiries` counts the enquiries.

    With `form_takes_payment` the form completes the payment itself, so it may be paid at any time
    after it was shown, in any tab. The attempt is then polled in every state, until no payment by
    its form can be on its way any more.
    """

    id: AttemptId = attrs.field(validator=fits_the_gateway)
    reference: Reference
    amount: Money
    opened_at: datetime
    state: AttemptState = AttemptState.OPEN
    session: Mapping[str, str] | None = None
    session_expires_at: datetime | None = None
    form_takes_payment: bool = False
    token: str | None = None
    sent_at: datetime | None = None
    reason: str | None = None
    next_enquiry_at: datetime | None = None
    enquiries: int = 0
    account: GatewayAccount = attrs.field(kw_only=True)
    flow: PaymentFlow = attrs.field(default=PaymentFlow.CARD_FORM, kw_only=True)
    dispute: Dispute | None = attrs.field(default=None, kw_only=True)
    version: int = attrs.field(default=0, kw_only=True)

    @property
    def in_doubt(self) -> bool:
        return self.state in IN_DOUBT

    @property
    def unattended(self) -> bool:
        """Whether a form that cannot be recalled may still capture a payment."""
        polled = self.next_enquiry_at is not None and not self.in_doubt
        return self.form_takes_payment and polled and self.state not in TAKEN

    def payable(self, at: datetime) -> bool:
        """Whether its card form or hosted page can still be used."""
        expires_at = self.session_expires_at
        return self.state is AttemptState.OPEN and expires_at is not None and at < expires_at

    def with_form(self, session: Mapping[str, str], expires_at: datetime) -> Attempt:
        """This attempt with the session of its card form or hosted page."""
        return attrs.evolve(self, session=session, session_expires_at=expires_at)

    def form_issued(self, next_enquiry_at: datetime) -> Attempt:
        """This attempt after its form, which takes the payment itself, was shown to the learner."""
        return attrs.evolve(self, form_takes_payment=True, next_enquiry_at=next_enquiry_at)

    def sent(self, token: str | None, *, at: datetime, next_enquiry_at: datetime) -> Attempt:
        """This attempt in state SENT, with the token that pays it.

        The token is None if the form takes the payment itself.
        """
        return attrs.evolve(
            self.moved_to(AttemptState.SENT),
            token=token,
            sent_at=at,
            next_enquiry_at=next_enquiry_at,
        )

    def enquired(self, next_enquiry_at: datetime) -> Attempt:
        """This attempt with its next enquiry at this time, after the gateway could not say."""
        return attrs.evolve(self, next_enquiry_at=next_enquiry_at, enquiries=self.enquiries + 1)

    def disputed(self, dispute: Dispute) -> Attempt:
        """This attempt with the current stage of its dispute."""
        return attrs.evolve(self, dispute=dispute)

    def closed(self, at: datetime) -> Attempt:
        """This attempt after the gateway closed its form; it may have been paid before."""
        return attrs.evolve(self, session_expires_at=at)

    def withdrawn(self, why: str) -> Attempt:
        """This attempt with its form closed and unpaid: there are no more enquiries."""
        after = self if self.state in UNPAID else self.moved_to(AttemptState.CANCELLED, why)
        return attrs.evolve(after, next_enquiry_at=None)

    def without_gateway(self, why: str, next_enquiry_at: datetime) -> Attempt:
        """This attempt while its account is not configured; its state does not change."""
        watched = next_enquiry_at if self.next_enquiry_at is not None else None
        return attrs.evolve(self, reason=why, next_enquiry_at=watched)

    def form_lapsed(self) -> Attempt:
        """This attempt after the time in which its form could be paid."""
        after = self
        if self.state is AttemptState.OPEN:
            after = self.moved_to(AttemptState.CANCELLED, "the card form expired")
        return attrs.evolve(after, next_enquiry_at=None)

    def moved_to(self, target: AttemptState, reason: str | None = None) -> Attempt:
        """This attempt in another state. Raises AttemptCannotMove."""
        ATTEMPT_MOVES.check(self.state, target, self.id)
        may_be_paid = self.form_takes_payment and target not in TAKEN
        next_enquiry_at = self.next_enquiry_at if target in IN_DOUBT or may_be_paid else None
        return attrs.evolve(self, state=target, reason=reason, next_enquiry_at=next_enquiry_at)


class Attempts(Protocol):
    """The port to all attempts."""

    def get(self, attempt: AttemptId, /) -> Attempt:
        """The attempt. Raises UnknownAttempt."""
        ...

    def of(self, reference: Reference, /) -> tuple[Attempt, ...]:
        """All attempts for one order, oldest first."""
        ...

    def due_for_enquiry(self, at: datetime, limit: int, /) -> tuple[Attempt, ...]:
        """Attempts that are due for an enquiry, longest overdue first."""
        ...

    def add(self, attempt: Attempt, /) -> None:
        """Add a new attempt. Raises PaidOrUsedBefore."""
        ...

    def save(self, attempt: Attempt, /) -> None:
        """Save a changed attempt.

        Raises AttemptHasChanged if another change came first. Raises PaidOrUsedBefore if its
        token was used before in the same account, or if it is captured and the order has a
        captured attempt already.
        """
        ...
