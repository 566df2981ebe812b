"""Several gateway accounts as one gateway: new payments use one, older ones keep their own."""

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
    """A PaymentGateway over the selected gateway and any number of earlier ones.

    New payments use the selected gateway. All calls about an attempt or refund go to the gateway of
    its account. If that account is no longer configured, every method raises AccountNotConfigured,
    because another account's "not found" proves nothing. Use cases ask `serves` first.
    """

    def __init__(self, chosen: PaymentGateway, earlier: Iterable[PaymentGateway] = ()) -> None:
        """Raises ValueError if two gateways have the same account."""
        self._chosen = chosen
        others = tuple(earlier)
        self._earlier = {gateway.account: gateway for gateway in others}
        if len(self._earlier) < len(others) or any(map(chosen.serves, self._earlier)):
            raise ValueError("two payment gateways are configured for one account")

    @property
    def account(self) -> GatewayAccount:
        """The selected gateway's account. Raises GatewayUnavailable if none is configured."""
        return self._chosen.account

    def serves(self, account: GatewayAccount, /) -> bool:
        """Whether one of the gateways has this account."""
        return account in self._earlier or self._chosen.serves(account)

    def open(self, attempt: Attempt, /) -> CardForm:
        """A card form of the gateway of the attempt's account."""
        return self._of(attempt.account).open(attempt)

    def form(self, attempt: Attempt, /) -> CardForm:
        """The form again, from the gateway that opened it."""
        return self._of(attempt.account).form(attempt)

    def verify(self, attempt: Attempt, token_text: str, /) -> Token:
        """Verify a token at the gateway that opened the form."""
        return self._of(attempt.account).verify(attempt, token_text)

    def charge(self, attempt: Attempt, token: Token, /) -> Answer:
        """Charge at the gateway of the attempt's account."""
        return self._of(attempt.account).charge(attempt, token)

    def close(self, attempt: Attempt, /) -> bool:
        """Close the form at the gateway that opened it."""
        return self._of(attempt.account).close(attempt)

    def find(self, attempt: Attempt, /) -> Finding:
        """How the attempt ended, from the gateway of its account."""
        return self._of(attempt.account).find(attempt)

    def refund(self, refund: Refund, /) -> RefundAnswer:
        """Refund at the gateway that holds the money."""
        return self._of(refund.account).refund(refund)

    def find_refund(self, refund: Refund, /) -> RefundFinding:
        """How the refund ended, from the gateway that it was sent to."""
        return self._of(refund.account).find_refund(refund)

    def check(self) -> None:
        """Check the selected gateway. Raises GatewayUnavailable."""
        self._chosen.check()

    def _of(self, account: GatewayAccount) -> PaymentGateway:
        if account in self._earlier:
            return self._earlier[account]
        if self._chosen.serves(account):
            return self._chosen
        raise AccountNotConfigured(account)
