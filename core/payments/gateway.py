"""The port to a payment gateway, and all that it may answer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

import attrs

from core.errors import Refused, Unavailable
from core.money import Money
from core.payments.account import GatewayAccount
from core.payments.attempt import Attempt
from core.payments.refund import Refund
from core.payments.transaction import Card


@attrs.frozen
class CardForm:
    """The gateway's own card form, to be shown in a frame of the shop's payment page.

    `library` is the script to load, with `integrity` as its hash; `session` is what the script is
    started with; `origins` are the only hosts the page may talk to. `remember` is for the gateway
    adapter alone: it comes back with the attempt. Where `takes_payment`, the form completes the
    payment by itself: what it brings back is a hint, and without one it may be paid as well.
    """

    library: str
    integrity: str
    session: str
    origins: tuple[str, ...]
    expires_at: datetime
    remember: Mapping[str, str]
    takes_payment: bool = False


@attrs.frozen
class Token:
    """What the card form handed out for one attempt, once it has been verified."""

    id: str
    text: str = attrs.field(repr=False)


@attrs.frozen
class Captured:
    """The gateway holds the money."""

    gateway_id: str
    amount: Money
    card: Card | None = None
    raw: Mapping[str, str] = attrs.field(factory=dict)


@attrs.frozen
class Authorized:
    """The card is good for the money, but nothing was captured."""

    gateway_id: str
    amount: Money


@attrs.frozen
class Declined:
    """The card was not charged. `reason` is a sentence for the learner."""

    reason: str
    gateway_id: str | None = None


@attrs.frozen
class InReview:
    """The money is held while a person decides."""

    gateway_id: str
    reason: str = ""


@attrs.frozen
class Cancelled:
    """The learner gave up on the gateway's form."""


@attrs.frozen
class NotCarriedOut:
    """Surely nothing happened: our request was wrong, or it never arrived."""

    reason: str


@attrs.frozen
class Unknown:
    """It may or may not have happened: the connection, or the reply, was lost."""

    reason: str


@attrs.frozen
class NotFound:
    """The gateway knows nothing of it; soon after a loss that proves nothing."""


Answer = Captured | Authorized | Declined | InReview | Cancelled | NotCarriedOut | Unknown
Finding = Answer | NotFound


@attrs.frozen
class RefundAccepted:
    """The gateway has taken the refund on; it may still fail at settlement."""

    gateway_id: str
    raw: Mapping[str, str] = attrs.field(factory=dict)


@attrs.frozen
class RefundSettled:
    gateway_id: str
    raw: Mapping[str, str] = attrs.field(factory=dict)


@attrs.frozen
class RefundFailed:
    reason: str


RefundAnswer = RefundAccepted | RefundSettled | RefundFailed | Unknown
RefundFinding = RefundAnswer | NotFound


@attrs.frozen
class TokenRefused(Refused):
    """A token that is forged, expired, used before or made for another attempt."""

    reason: str


@attrs.frozen
class GatewayUnavailable(Unavailable):
    """The gateway did not answer, and nothing was asked of it that could have moved money."""

    reason: str


class PaymentGateway(Protocol):
    """A payment gateway, seen from the shop. It is never spoken to inside a transaction.

    It is asked only about attempts and refunds of an account that it serves.
    """

    @property
    def account(self) -> GatewayAccount:
        """The account that new payments go to. Raises GatewayUnavailable where there is none."""
        ...

    def serves(self, account: GatewayAccount, /) -> bool:
        """Whether payments of this account can be asked about and refunded here."""
        ...

    def open(self, attempt: Attempt, /) -> CardForm:
        """A card form for this attempt. Raises GatewayUnavailable."""
        ...

    def form(self, attempt: Attempt, /) -> CardForm:
        """The form that was opened for this attempt, again, from what it remembered."""
        ...

    def verify(self, attempt: Attempt, text: str, /) -> Token:
        """What the browser brought back from this attempt's form. Raises TokenRefused.

        Where the form takes the payment by itself, that is a hint, and proves nothing.
        """
        ...

    def charge(self, attempt: Attempt, token: Token, /) -> Answer:
        """Capture the attempt's amount, once: never repeated, whatever goes wrong.

        Where the form takes the payment by itself nothing is charged: this says how it ended, by
        the gateway's own books, and Unknown as long as they do not show it.
        """
        ...

    def close(self, attempt: Attempt, /) -> bool:
        """Withdraw the attempt's form: whether no payment by it can begin from now on.

        After True, `find` shows without delay what became of a payment that was begun before. False
        where the gateway has no way to do it, or did not answer; then the form may still be used.
        """
        ...

    def find(self, attempt: Attempt, /) -> Finding:
        """How this attempt ended, as far as the gateway can say."""
        ...

    def refund(self, refund: Refund, /) -> RefundAnswer:
        """Give back the refund's amount from the payment it names by `captured_as`."""
        ...

    def find_refund(self, refund: Refund, /) -> RefundFinding:
        """How this refund ended, as far as the gateway can say."""
        ...

    def check(self) -> None:
        """Prove by a harmless call that the gateway can be used. Raises GatewayUnavailable."""
        ...
