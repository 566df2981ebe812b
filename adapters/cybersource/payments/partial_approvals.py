"""Undoes payments that were approved for only a part of the amount."""

from __future__ import annotations

import logging
from typing import Any

import attrs

from adapters.cybersource.payments.payment_results import PaymentResult
from adapters.cybersource.payments.transaction_search import TransactionSearch
from adapters.cybersource.rest.transport import ApiCall, ApiRefusal, Transport
from adapters.http_client import Lost, NotSent
from core.money import Money
from core.payments.attempt import Attempt
from core.payments.gateway import Answer, Captured, Declined, Unknown

_log = logging.getLogger("coursetill.cybersource")

ONLY_A_PART = (
    "Your bank approved only a part of the amount, and that part was released again. "
    "Please use another card"
)
_UNDONE = frozenset({"VOIDED", "REVERSED", "CANCELLED"})
_SETTLED = frozenset({"TRANSMITTED", "SETTLED"})


@attrs.frozen
class PartialApprovals:
    """Voids the captured part; if the void is refused, reverses the authorisation."""

    _transport: Transport
    _searches: TransactionSearch

    def of_part(self, attempt: Attempt, result: PaymentResult) -> Answer:
        """
        Undo a partial approval. Declined once it is undone; Unknown while that is not sure.

        A part that was settled meanwhile cannot be undone. It is returned as Captured, so that
        the shop refunds it.
        """
        try:
            if self._went_through(attempt, f"{result.gateway_id}/voids"):
                return Declined(ONLY_A_PART, result.gateway_id)
            details = self._searches.details(result.gateway_id, attempt.id)
            status = details.text("applicationInformation.status") or details.text("status")
            if status in _UNDONE:
                return Declined(ONLY_A_PART, result.gateway_id)
            part = details.money("orderInformation.amountDetails", "authorizedAmount")
            if part is not None and status in _SETTLED:
                return Captured(result.gateway_id, part, result.card, result.raw)
            reversal = f"{result.gateway_id}/reversals"
            if part is not None and self._went_through(attempt, reversal, **_all_of(part)):
                return Declined(ONLY_A_PART, result.gateway_id)
        except (NotSent, ApiRefusal, Lost) as why:
            return Unknown(f"a part of the amount was approved, and may not be released: {why}")
        _log.error("operation=undo ours=%s outcome=a part is still held", attempt.id)
        return Unknown("a part of the amount was approved, and could not be released")

    def _went_through(self, attempt: Attempt, path: str, **more: Any) -> bool:
        """Send a void or reversal; True if it was carried out, False if it was refused.

        Its code is the attempt's id, so that its webhook is not mistaken for a webhook about
        another payment of the same order.
        """
        call = ApiCall(
            operation="undo",
            ours=attempt.id,
            path=f"/pts/v2/payments/{path}",
            body={"clientReferenceInformation": {"code": attempt.id}, **more},
        )
        try:
            return self._transport.ask(call).text("status") in _UNDONE
        except ApiRefusal:
            return False


def _all_of(amount: Money) -> dict[str, Any]:
    return {
        "reversalInformation": {
            "amountDetails": {"totalAmount": amount.plain, "currency": amount.currency.code},
            "reason": "approved in part only",
        }
    }
