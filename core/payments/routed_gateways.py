"""Several gateway accounts as one gateway: new payments to one, each old one at its own."""

from __future__ import annotations

from collections.abc import Iterable

from core.payments.account import AccountNotConfigured, GatewayAccount
from core.payments.attempt import Attempt
from core.payments.gateway import (
    Answer,
    CardForm,
    Finding,
    PaymentGateway,
    RefundAnswer,
    RefundFinding,
    Token,
)
from core.payments.refund import Refund


class RoutedGateways:
    """A PaymentGateway over the chosen gateway and any number of earlier ones.

    New payments go to the chosen one. Everything about an attempt or a refund goes to the gateway
    of its account, whatever is chosen now. Where that account is not configured any more, every
    method raises AccountNotConfigured and asks nobody: another account's "I know nothing of it"
    would be no answer. Use cases ask `serves` first.
    """

    def __init__(self, chosen: PaymentGateway, earlier: Iterable[PaymentGateway] = ()) -> None:
        """Raises ValueError where two gateways have one account."""
        self._chosen = chosen
        others = tuple(earlier)
        self._earlier = {gateway.account: gateway for gateway in others}
        if len(self._earlier) < len(others) or any(map(chosen.serves, self._earlier)):
            raise ValueError("two payment gateways are configured for one account")

    @property
    def account(self) -> GatewayAccount:
        """The chosen gateway's account. Raises GatewayUnavailable where none is set up."""
        return self._chosen.account

    def serves(self, account: GatewayAccount, /) -> bool:
        """Whether one of the gateways has this account."""
        return account in self._earlier or self._chosen.serves(account)

    def open(self, attempt: Attempt, /) -> CardForm:
        """A card form of the gateway that the attempt goes to."""
        return self._of(attempt.account).open(attempt)

    def form(self, attempt: Attempt, /) -> CardForm:
        """The form again, from the gateway that opened it."""
        return self._of(attempt.account).form(attempt)

    def verify(self, attempt: Attempt, text: str, /) -> Token:
        """What the form brought back, verified by the gateway that opened it."""
        return self._of(attempt.account).verify(attempt, text)

    def charge(self, attempt: Attempt, token: Token, /) -> Answer:
        """Charge at the gateway of the attempt's account."""
        return self._of(attempt.account).charge(attempt, token)

    def close(self, attempt: Attempt, /) -> bool:
        """Withdraw the form at the gateway that opened it."""
        return self._of(attempt.account).close(attempt)

    def find(self, attempt: Attempt, /) -> Finding:
        """How the attempt ended, by the gateway of its account."""
        return self._of(attempt.account).find(attempt)

    def refund(self, refund: Refund, /) -> RefundAnswer:
        """Refund at the gateway that holds the money."""
        return self._of(refund.account).refund(refund)

    def find_refund(self, refund: Refund, /) -> RefundFinding:
        """How the refund ended, by the gateway that it was sent to."""
        return self._of(refund.account).find_refund(refund)

    def check(self) -> None:
        """Check the chosen gateway. Raises GatewayUnavailable."""
        self._chosen.check()

    def _of(self, account: GatewayAccount) -> PaymentGateway:
        if account in self._earlier:
            return self._earlier[account]
        if self._chosen.serves(account):
            return self._chosen
        raise AccountNotConfigured(account)
