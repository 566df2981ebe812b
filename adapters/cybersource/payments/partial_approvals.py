"""Letting go of a payment that was approved for only a part of its amount."""

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
    """A void of what was captured; where that is refused, a reversal of what was authorised."""

    _transport: Transport
    _searches: TransactionSearch

    def of_part(self, attempt: Attempt, told: PaymentResult) -> Answer:
        """
        Declined once nothing of it is left with us; Unknown as long as that is not sure.

        A part that was settled meanwhile can no longer be undone. It is told as captured, so that
        the shop gives it back.
        """
        try:
            if self._went_through(attempt, f"{told.gateway_id}/voids"):
                return Declined(ONLY_A_PART, told.gateway_id)
            details = self._searches.details(told.gateway_id, attempt.id)
            status = details.text("applicationInformation.status") or details.text("status")
            if status in _UNDONE:
                return Declined(ONLY_A_PART, told.gateway_id)
            part = details.money("orderInformation.amountDetails", "authorizedAmount")
            if part is not None and status in _SETTLED:
                return Captured(told.gateway_id, part, told.card, told.raw)
            reversal = f"{told.gateway_id}/reversals"
            if part is not None and self._went_through(attempt, reversal, **_all_of(part)):
                return Declined(ONLY_A_PART, told.gateway_id)
        except (NotSent, ApiRefusal, Lost) as why:
            return Unknown(f"a part of the amount was approved, and may not be released: {why}")
        _log.error("operation=undo ours=%s outcome=a part is still held", attempt.id)
        return Unknown("a part of the amount was approved, and could not be released")

    def _went_through(self, attempt: Attempt, path: str, **more: Any) -> bool:
        """Whether it was undone; False where that was refused.

        Its code is the attempt's id, so that a webhook about it is not taken for one about another
        payment of the same order.
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
