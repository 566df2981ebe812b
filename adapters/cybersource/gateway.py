"""The payment gateway of CyberSource."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from itertools import chain

from adapters.cybersource.diagnosis import explain
from adapters.cybersource.payments.automatic_completion import AutomaticCompletion
from adapters.cybersource.payments.captures_and_voids import CapturesAndVoids
from adapters.cybersource.payments.partial_approvals import PartialApprovals
from adapters.cybersource.payments.payments import PaymentApi
from adapters.cybersource.payments.refunds import RefundApi
from adapters.cybersource.payments.transaction_reports import (
    ReportedTransaction,
    TransactionReports,
)
from adapters.cybersource.payments.transaction_search import TransactionSearch
from adapters.cybersource.rest.http_signature import WARNING
from adapters.cybersource.rest.jwt_authentication import Authentication
from adapters.cybersource.rest.keys import expiring_soon
from adapters.cybersource.rest.message_encryption import MessageSealer
from adapters.cybersource.rest.public_keys import PublicKeys
from adapters.cybersource.rest.settings import CyberSourceSettings
from adapters.cybersource.rest.signing import RequestSigners
from adapters.cybersource.rest.transport import ApiRefusal, Transport
from adapters.cybersource.unified_checkout.card_form import UnifiedCheckout
from adapters.cybersource.unified_checkout.flow import is_automatic
from adapters.cybersource.unified_checkout.sessions import SessionRequest
from adapters.cybersource.webhooks.subscriptions import WebhookSubscriptions
from adapters.http_client import HttpClient, Lost, NotSent
from core.money import Money
from core.payments.account import GatewayAccount
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


class CyberSourceGateway:
    """
    The PaymentGateway of one CyberSource account: Unified Checkout v1 and REST.

    `new_id` makes a fresh UUID for each request. `movements` and `subscriptions` offer operations
    beyond the port. Safe to use from several threads.
    """

    def __init__(
        self,
        settings: CyberSourceSettings,
        *,
        now: Callable[[], datetime],
        new_id: Callable[[], str],
        authentication: Authentication | None = None,
    ) -> None:
        self._signers = RequestSigners.of(settings, new_id)
        signing = authentication or self._signers
        envelopes = MessageSealer.of(settings.encryption, settings.certificate_in_p12)
        wire = HttpClient(settings.timeouts)
        transport = Transport(settings, signing, wire, now=now, envelopes=envelopes)
        self._envelopes = envelopes
        self._warnings = (WARNING,) if settings.http_signature else ()
        self._settings = settings
        self._now = now
        self._searches = TransactionSearch(transport)
        self._enquiries = TransactionReports(self._searches)
        self.movements = CapturesAndVoids(transport)
        self.subscriptions = WebhookSubscriptions(transport, settings)
        keys = PublicKeys(transport)
        self._checkout = UnifiedCheckout(settings, transport, keys, now=now)
        self._payments = PaymentApi(
            transport, self._searches, PartialApprovals(transport, self._searches)
        )
        self._completed = AutomaticCompletion(keys, self._searches, self._payments)
        self._refunds = RefundApi(transport, self._searches)

    @property
    def account(self) -> GatewayAccount:
        """The merchant's account in the environment of the settings."""
        return self._settings.account

    def serves(self, account: GatewayAccount, /) -> bool:
        """Whether `account` is this merchant's account in this environment."""
        return account == self.account

    def open(self, attempt: Attempt, /) -> CardForm:
        """Open a new card form. Raises GatewayUnavailable."""
        request = SessionRequest(attempt.reference, attempt.amount, attempt.id)
        return self._checkout.open(request, attempt.id)

    def form(self, attempt: Attempt, /) -> CardForm:
        """The card form that this attempt has already."""
        return self._checkout.form(attempt)

    def verify(self, attempt: Attempt, text: str, /) -> Token:
        """Verify a transient token, or the result of the auto flow. Raises TokenRefused."""
        if is_automatic(attempt.session):
            return self._completed.verify(attempt, text.strip())
        return self._checkout.verify(attempt, text)

    def charge(self, attempt: Attempt, token: Token, /) -> Answer:
        """Capture the attempt's amount with one request; in the auto flow, read the outcome."""
        if is_automatic(attempt.session):
            return self._completed.answer(attempt, token)
        return self._payments.charge(attempt, token)

    def close(self, attempt: Attempt, /) -> bool:
        """Return False: no call can end a session of Unified Checkout before it expires."""
        return False

    def find(self, attempt: Attempt, /) -> Finding:
        """Find the outcome of an attempt."""
        return self._payments.find(attempt)

    def refund(self, refund: Refund, /) -> RefundAnswer:
        """Refund the amount with one request."""
        return self._refunds.refund(refund)

    def find_refund(self, refund: Refund, /) -> RefundFinding:
        """Find the outcome of a refund."""
        return self._refunds.find_refund(refund)

    def warnings(self) -> tuple[str, ...]:
        """Warnings for every start: request signing that CyberSource is about to end."""
        return self._warnings

    def expiring(self, now: datetime) -> tuple[str, ...]:
        """A sentence for each key that expires soon or has expired."""
        return expiring_soon(chain(self._signers.endings(), self._envelopes.endings()), now)

    def transactions(self, code: str) -> tuple[ReportedTransaction, ...]:
        """Every transaction of an order reference or a refund's id, oldest first.

        Raises NotSent, ApiRefusal or Lost; `explain` describes them for staff.
        """
        return self._enquiries.about(code)

    def explain(self, failure: NotSent | ApiRefusal | Lost) -> str:
        """Why a call failed and what to do, for staff."""
        return explain(failure, self._settings, self._now())

    def check(self) -> None:
        """Try a search and a session of zero amount. Both are free of charge.

        Raises GatewayUnavailable, which says what to do.
        """
        try:
            self._searches.rows(_CHECK, _CHECK, limit=1)
        except (NotSent, ApiRefusal, Lost) as why:
            raise GatewayUnavailable(self.explain(why)) from why
        self._checkout.open(SessionRequest(_CHECK, Money(0)), _CHECK)
