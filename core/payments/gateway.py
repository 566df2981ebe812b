"""The port to a payment gateway, and its possible answers."""

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
    """The gateway's card form, shown in a frame of the shop's payment page.

    `library` is the script to load, `integrity` its hash, and `session` its start data. `origins`
    are the only hosts that the page may contact. `remember` is the gateway adapter's own data,
    stored as the attempt's session. With `takes_payment` the form completes the payment itself: its
    token is only a hint, and it can be paid without returning one.
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
    """A verified token of the card form, for one attempt."""

    id: str
    text: str = attrs.field(repr=False)


@attrs.frozen
class Captured:
    """The money is captured."""

    gateway_id: str
    amount: Money
    card: Card | None = None
    raw: Mapping[str, str] = attrs.field(factory=dict)


@attrs.frozen
class Authorized:
    """The card was authorised, but nothing was captured."""

    gateway_id: str
    amount: Money


@attrs.frozen
class Declined:
    """The card was not charged. `reason` is a sentence for the learner."""

    reason: str
    gateway_id: str | None = None


@attrs.frozen
class InReview:
    """The payment is held until a person has reviewed it."""

    gateway_id: str
    reason: str = ""


@attrs.frozen
class Cancelled:
    """The learner cancelled on the gateway's form."""


@attrs.frozen
class NotCarriedOut:
    """Certainly no payment was made: the request was invalid or did not arrive."""

    reason: str


@attrs.frozen
class Unknown:
    """The connection or the reply was lost: a payment may or may not have been made."""

    reason: str


@attrs.frozen
class NotFound:
    """The gateway has no record of it. Soon after a lost connection this proves nothing."""


Answer = Captured | Authorized | Declined | InReview | Cancelled | NotCarriedOut | Unknown
Finding = Answer | NotFound


@attrs.frozen
class RefundAccepted:
    """The gateway has accepted the refund; it may still fail at settlement."""

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
    """The token is forged, expired, used before or made for another attempt."""

    reason: str


@attrs.frozen
class GatewayUnavailable(Unavailable):
    """The gateway did not answer a request that could not have moved money."""

    reason: str


class PaymentGateway(Protocol):
    """The port to a payment gateway. It is never called inside a transaction.

    Callers pass only attempts and refunds of an account that it serves.
    """

    @property
    def account(self) -> GatewayAccount:
        """The account for new payments. Raises GatewayUnavailable if there is none."""
        ...

    def serves(self, account: GatewayAccount, /) -> bool:
        """Whether payments of this account can be enquired about and refunded here."""
        ...

    def open(self, attempt: Attempt, /) -> CardForm:
        """Open a card form for this attempt. Raises GatewayUnavailable."""
        ...

    def form(self, attempt: Attempt, /) -> CardForm:
        """The open form of this attempt again, from its session."""
        ...

    def verify(self, attempt: Attempt, token_text: str, /) -> Token:
        """Verify the token that the browser returned for this attempt. Raises TokenRefused.

        If the form takes the payment itself, the token is a hint and proves nothing.
        """
        ...

    def charge(self, attempt: Attempt, token: Token, /) -> Answer:
        """Capture the attempt's amount. It is called once and never repeated, also after an error.

        If the form takes the payment itself, nothing is charged: the result is what the gateway's
        records show, or Unknown while they do not show it.
        """
        ...

    def close(self, attempt: Attempt, /) -> bool:
        """Close the attempt's form. Returns True if no payment by it can start any more.

        After True, `find` reports an earlier payment without delay. After False (not supported, or
        no answer) the form may still be used.
        """
        ...

    def find(self, attempt: Attempt, /) -> Finding:
        """How this attempt ended, as far as the gateway can say."""
        ...

    def refund(self, refund: Refund, /) -> RefundAnswer:
        """Refund the amount from the payment that `captured_as` names."""
        ...

    def find_refund(self, refund: Refund, /) -> RefundFinding:
        """How this refund ended, as far as the gateway can say."""
        ...

    def check(self) -> None:
        """Check with a harmless call that the gateway works. Raises GatewayUnavailable."""
        ...
