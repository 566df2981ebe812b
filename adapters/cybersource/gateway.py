"""CyberSource as the shop's payment gateway."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from adapters.cybersource.authentication import Authentication, SharedSecret
from adapters.cybersource.payments import Payments
from adapters.cybersource.public_keys import PublicKeys
from adapters.cybersource.refunds import Refunds
from adapters.cybersource.searches import Searches
from adapters.cybersource.sessions import Wanted
from adapters.cybersource.settings import CyberSourceSettings
from adapters.cybersource.transport import Transport, TurnedAway
from adapters.cybersource.undoing import Undoing
from adapters.cybersource.unified_checkout import UnifiedCheckout
from adapters.wire import Lost, NotSent, Wire
from core.money import Money
from core.payments.attempt import Attempt
from core.payments.gateway import (
    Answer,
    CardForm,
    Finding,
    GatewayUnavailable,
    RefundAnswer,
    RefundFinding,
    Token,
)
from core.payments.refund import Refund

_CHECK = "CHECK"
_NOT_ACCEPTED = (
    "CyberSource does not accept our key. Check the merchant id, the key id and the shared secret, "
    "that they belong to this host (test and production have keys of their own), and that this "
    "machine's clock is right"
)


class CyberSourceGateway:
    """
    The PaymentGateway of one CyberSource account: Unified Checkout v1 and REST.

    `new_id` makes a fresh UUID for each request. Safe to use from several threads.
    """

    def __init__(
        self,
        settings: CyberSourceSettings,
        *,
        now: Callable[[], datetime],
        new_id: Callable[[], str],
        authentication: Authentication | None = None,
    ) -> None:
        shared = SharedSecret(settings.merchant_id, settings.key_id, settings.secret, new_id=new_id)
        transport = Transport(settings, authentication or shared, Wire(settings.timeouts), now=now)
        self._searches = Searches(transport)
        self._checkout = UnifiedCheckout(settings, transport, PublicKeys(transport), now=now)
        self._payments = Payments(transport, self._searches, Undoing(transport, self._searches))
        self._refunds = Refunds(transport, self._searches)

    def open(self, attempt: Attempt, /) -> CardForm:
        """A new card form. Raises GatewayUnavailable."""
        return self._checkout.open(Wanted(attempt.reference, attempt.amount), attempt.id)

    def form(self, attempt: Attempt, /) -> CardForm:
        """The card form that was opened for this attempt."""
        return self._checkout.form(attempt)

    def verify(self, attempt: Attempt, text: str, /) -> Token:
        """The transient token. Raises TokenRefused."""
        return self._checkout.verify(attempt, text)

    def charge(self, attempt: Attempt, token: Token, /) -> Answer:
        """Capture the attempt's amount, by one request."""
        return self._payments.charge(attempt, token)

    def find(self, attempt: Attempt, /) -> Finding:
        """How the attempt ended."""
        return self._payments.find(attempt)

    def refund(self, refund: Refund, /) -> RefundAnswer:
        """Give back the refund's amount, by one request."""
        return self._refunds.refund(refund)

    def find_refund(self, refund: Refund, /) -> RefundFinding:
        """How the refund ended."""
        return self._refunds.find_refund(refund)

    def check(self) -> None:
        """Search for nothing and open a session for nothing: both prove something, neither costs.

        Raises GatewayUnavailable with what to do about it.
        """
        try:
            self._searches.rows(_CHECK, _CHECK, limit=1)
        except TurnedAway as why:
            known = _NOT_ACCEPTED if why.status == 401 else f"CyberSource refused a search: {why}"
            raise GatewayUnavailable(known) from why
        except (NotSent, Lost) as why:
            raise GatewayUnavailable(f"CyberSource does not answer: {why}") from why
        self._checkout.open(Wanted(_CHECK, Money(0)), _CHECK)
