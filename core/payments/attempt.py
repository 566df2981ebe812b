"""An attempt: one try to pay an order, and the table of its moves."""

from __future__ import annotations

import enum
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, NewType, Protocol

import attrs

from core.errors import Absent
from core.money import Money
from core.moves import CannotMove, Moves
from core.order_reference import Reference
from core.payments.account import GatewayAccount
from core.payments.dispute import Dispute

AttemptId = NewType("AttemptId", str)
"""Sent to the gateway as the merchant's own transaction id: unique, 30 characters at most."""

_GATEWAY_ID = re.compile(r"[A-Z0-9-]{1,30}", re.ASCII)


def fits_the_gateway(_: object, field: attrs.Attribute[Any], value: str) -> None:
    """An attrs validator: ids that are sent to a gateway are 1 to 30 of A-Z, 0-9 and hyphen."""
    if not _GATEWAY_ID.fullmatch(value):
        raise ValueError(f"{field.name} {value!r} is not 1 to 30 of A-Z, 0-9 and hyphen")


class AttemptState(enum.Enum):
    OPEN = "open"
    """The learner sees the card form; nothing was sent, unless the form does so by itself."""
    SENT = "sent"
    """The gateway was asked, or is just being asked."""
    CAPTURED = "captured"
    OVERPAID = "excess"
    """Captured, but not what its order needed: to be given back."""
    REVIEW = "review"
    DECLINED = "declined"
    CANCELLED = "cancelled"
    ERROR = "error"
    """Surely not carried out."""
    UNKNOWN = "unknown"
    """Perhaps carried out; only the gateway can say."""


TAKEN = frozenset({AttemptState.CAPTURED, AttemptState.OVERPAID})
"""States in which the gateway holds the money."""

UNPAID = frozenset({AttemptState.DECLINED, AttemptState.CANCELLED, AttemptState.ERROR})
"""States in which it came to nothing, as far as is known."""

_ANSWERED = TAKEN | UNPAID | {AttemptState.REVIEW}


class AttemptCannotMove(CannotMove):
    """A payment attempt cannot become what was wanted."""


ATTEMPT_MOVES: Moves[AttemptState] = Moves(
    {
        AttemptState.OPEN: _ANSWERED | {AttemptState.SENT, AttemptState.UNKNOWN},
        AttemptState.SENT: _ANSWERED | {AttemptState.UNKNOWN},
        AttemptState.UNKNOWN: _ANSWERED,
        AttemptState.REVIEW: TAKEN | {AttemptState.DECLINED, AttemptState.CANCELLED},
        # Money moves late: a capture may follow any answer but a capture.
        # And a form that takes payments may have been used again, nobody here knows how.
        AttemptState.DECLINED: TAKEN | {AttemptState.UNKNOWN},
        AttemptState.CANCELLED: TAKEN | {AttemptState.UNKNOWN},
        AttemptState.ERROR: TAKEN | {AttemptState.UNKNOWN},
        AttemptState.CAPTURED: frozenset(),
        AttemptState.OVERPAID: frozenset(),
    },
    AttemptCannotMove,
)

IN_DOUBT = frozenset({AttemptState.SENT, AttemptState.UNKNOWN, AttemptState.REVIEW})
"""States in which only the gateway knows how it ends."""


@attrs.frozen
class UnknownAttempt(Absent):
    attempt: str


@attrs.frozen
class Attempt:
    """One try to pay `amount` for `reference`, stored before anything is sent.

    `account` is the gateway account that it is sent to: no other knows anything of it.
    `session` is what the gateway adapter wants to remember between opening the card form and
    reading its answer; the core never looks inside. `token` is the id of the one answer of the
    form that was used. `ask_at` is when the gateway is next asked how it ended, `asked` how often
    it was.

    `form_takes_payment` says that its form completes the payment by itself, so that it may be paid
    at any time after the form is handed out, in a tab that nobody knows of. It is asked about from
    then on, whatever state it is in, until no payment by it can be on its way any more.
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
    ask_at: datetime | None = None
    asked: int = 0
    account: GatewayAccount = attrs.field(kw_only=True)
    dispute: Dispute | None = attrs.field(default=None, kw_only=True)
    version: int = attrs.field(default=0, kw_only=True)

    @property
    def in_doubt(self) -> bool:
        return self.state in IN_DOUBT

    @property
    def unattended(self) -> bool:
        """Whether its form, which nobody here can call back, may still be paid without us."""
        asked = self.ask_at is not None and not self.in_doubt
        return self.form_takes_payment and asked and self.state not in TAKEN

    @property
    def has_card_form(self) -> bool:
        """Whether the gateway adapter remembers a card form; its own page leaves nothing behind."""
        return bool(self.session)

    def payable(self, at: datetime) -> bool:
        """Whether its card form, or the gateway's own page, can still be used."""
        expires_at = self.session_expires_at
        return self.state is AttemptState.OPEN and expires_at is not None and at < expires_at

    def formed(self, session: Mapping[str, str], expires_at: datetime) -> Attempt:
        """This attempt once the gateway has a card form for it."""
        return attrs.evolve(self, session=session, session_expires_at=expires_at)

    def handed_out(self, ask_at: datetime) -> Attempt:
        """This attempt once its form, which takes the payment by itself, is out of our hands."""
        return attrs.evolve(self, form_takes_payment=True, ask_at=ask_at)

    def sent(self, token: str | None, *, at: datetime, ask_at: datetime) -> Attempt:
        """This attempt on its way to the gateway, with the one token it is paid by.

        A form that takes the payment by itself leaves us no token.
        """
        return attrs.evolve(
            self.moved_to(AttemptState.SENT), token=token, sent_at=at, ask_at=ask_at
        )

    def asked_again(self, ask_at: datetime) -> Attempt:
        """This attempt after the gateway could not say; it is asked again at ask_at."""
        return attrs.evolve(self, ask_at=ask_at, asked=self.asked + 1)

    def disputed(self, dispute: Dispute) -> Attempt:
        """This attempt once the gateway has told how a dispute about it stands."""
        return attrs.evolve(self, dispute=dispute)

    def closed(self, at: datetime) -> Attempt:
        """This attempt once the gateway has closed its form; it may have been paid before."""
        return attrs.evolve(self, session_expires_at=at)

    def withdrawn(self, why: str) -> Attempt:
        """This attempt once its form is closed and known to be unpaid: nobody asks about it."""
        after = self if self.state in UNPAID else self.moved_to(AttemptState.CANCELLED, why)
        return attrs.evolve(after, ask_at=None)

    def without_gateway(self, why: str, ask_at: datetime) -> Attempt:
        """This attempt while its account is not configured: `why` says so, and it stays open."""
        watched = ask_at if self.ask_at is not None else None
        return attrs.evolve(self, reason=why, ask_at=watched)

    def lapsed(self) -> Attempt:
        """This attempt once no payment by its form can be on its way any more."""
        after = self
        if self.state is AttemptState.OPEN:
            after = self.moved_to(AttemptState.CANCELLED, "the card form expired")
        return attrs.evolve(after, ask_at=None)

    def moved_to(self, wanted: AttemptState, reason: str | None = None) -> Attempt:
        """This attempt in another state. Raises AttemptCannotMove."""
        ATTEMPT_MOVES.check(self.state, wanted, self.id)
        may_be_paid = self.form_takes_payment and wanted not in TAKEN
        ask_at = self.ask_at if wanted in IN_DOUBT or may_be_paid else None
        return attrs.evolve(self, state=wanted, reason=reason, ask_at=ask_at)


class Attempts(Protocol):
    """Every attempt to pay an order."""

    def get(self, attempt: AttemptId, /) -> Attempt:
        """The attempt. Raises UnknownAttempt."""
        ...

    def of(self, reference: Reference, /) -> tuple[Attempt, ...]:
        """All attempts for one order, oldest first."""
        ...

    def to_ask(self, at: datetime, limit: int, /) -> tuple[Attempt, ...]:
        """Attempts whose time to be asked about has come, longest waiting first."""
        ...

    def add(self, attempt: Attempt, /) -> None: ...

    def save(self, attempt: Attempt, /) -> None:
        """Keep a changed attempt.

        Raises Conflict where another change came first, where its token was used before
        in the same account, or where
        it is captured and the order has a captured attempt already.
        """
        ...
