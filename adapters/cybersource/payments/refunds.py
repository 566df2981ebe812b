"""Sends refunds, and finds their outcome."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import attrs

from adapters.cybersource.payments.payment_results import stored_fields
from adapters.cybersource.payments.status_codes import REASON_CODES, StatusMeaning, refund_refusal
from adapters.cybersource.payments.transaction_search import (
    TransactionSearch,
    applications,
    code_in,
)
from adapters.cybersource.rest.json_fields import JsonFields
from adapters.cybersource.rest.transport import ApiCall, ApiRefusal, Transport
from adapters.http_client import Lost, NotSent
from core.payments.gateway import (
    NotFound,
    RefundAccepted,
    RefundAnswer,
    RefundFailed,
    RefundFinding,
    RefundSettled,
    Unknown,
)
from core.payments.refund import Refund

_log = logging.getLogger("coursetill.cybersource")

# The first status of each line is documented; the others were seen in practice, in either case.
_ACCEPTED = frozenset({"PENDING", "ACCEPTED"})
_SETTLED = frozenset({"TRANSMITTED", "SETTLED", "SUCCEEDED"})
_FAILED = frozenset({"DECLINED", "VOIDED", "CANCELLED", "FAILED", "REJECTED"})

_WEIGHT: tuple[type[RefundAnswer], ...] = (RefundSettled, RefundAccepted, Unknown, RefundFailed)
"""Priority among several rows of one refund: moving money comes before a refusal."""


@attrs.frozen
class RefundApi:
    """
    POST /pts/v2/payments/{id}/refunds, for sales (authorised and captured by one call).

    Every try of one refund carries the same code and transaction id. A processor that checks them
    carries out only one, and a search finds all of them.
    """

    _transport: Transport
    _searches: TransactionSearch

    def refund(self, refund: Refund) -> RefundAnswer:
        """Send the refund. A request that was not sent is Unknown too, so it may be sent again."""
        call = ApiCall(
            operation="refund",
            ours=refund.id,
            path=f"/pts/v2/payments/{quote(refund.captured_as, safe='')}/refunds",
            body=_body(refund),
        )
        try:
            reply = self._transport.ask(call)
        except ApiRefusal as why:
            return self._answer_to_refusal(refund, why)
        except (NotSent, Lost) as why:
            return Unknown(f"CyberSource's answer was lost: {why}")
        amount = reply.money("refundAmountDetails", "refundAmount")
        if amount not in (None, refund.amount):
            _log.error("operation=refund ours=%s outcome=another amount", refund.id)
            return Unknown("CyberSource speaks of another amount")
        return _answer(reply, _status(reply))

    def find_refund(self, refund: Refund) -> RefundFinding:
        """Find the outcome of a refund from all rows under its id."""
        try:
            rows = self._searches.rows(refund.id, refund.id)
            found = [self._answer_of(row, refund) for row in rows if _is_of(row, refund)]
        except (NotSent, ApiRefusal, Lost) as why:
            return Unknown(f"CyberSource could not be asked: {why}")
        going = [each for each in found if isinstance(each, RefundAccepted | RefundSettled)]
        if len(going) > 1:
            _log.error("operation=find ours=%s outcome=refunded %d times", refund.id, len(going))
        # Of equal answers take the first that was sent; rows come newest first.
        return min(reversed(found), key=lambda a: _WEIGHT.index(type(a)), default=NotFound())

    def _answer_to_refusal(self, refund: Refund, why: ApiRefusal) -> RefundAnswer:
        if why.reason == "DUPLICATE_REQUEST":
            found = self.find_refund(refund)
            if isinstance(found, NotFound):
                return Unknown("CyberSource has had this refund before, but does not show it yet")
            return found
        _log.error("operation=refund ours=%s outcome=refused: %s", refund.id, why)
        if why.status == 400:
            return RefundFailed(refund_refusal(why.reason, why.message))
        return Unknown(f"CyberSource refused our request: {why}")

    def _answer_of(self, row: JsonFields, refund: Refund) -> RefundAnswer:
        """Read a row. Only the transaction details show whether an accepted refund is settled."""
        code = code_in(row, "applicationInformation.reasonCode")
        meaning, reason = REASON_CODES.get(code, (StatusMeaning.UNCLEAR, ""))
        if meaning is StatusMeaning.DECLINED:
            return RefundFailed(refund_refusal(reason))
        if meaning is not StatusMeaning.TAKEN:
            return Unknown("CyberSource itself does not know yet")
        return _answer(row, _status(row) or self._status_in_details(row, refund) or "ACCEPTED")

    def _status_in_details(self, row: JsonFields, refund: Refund) -> str:
        """The status in the details, or "" if they are not available; they may take minutes."""
        try:
            return _status(self._searches.details(row.text("id"), refund.id))
        except (NotSent, ApiRefusal, Lost):
            return ""


def _answer(fields: JsonFields, status: str) -> RefundAnswer:
    gateway_id = fields.text("id")
    if status in _FAILED:
        return RefundFailed(refund_refusal(status))
    if gateway_id and status in _ACCEPTED:
        return RefundAccepted(gateway_id, stored_fields(fields))
    if gateway_id and status in _SETTLED:
        return RefundSettled(gateway_id, stored_fields(fields))
    _log.error("operation=refund outcome=unlisted status")
    return Unknown("CyberSource's answer could not be understood")


def _status(fields: JsonFields) -> str:
    return (fields.text("applicationInformation.status") or fields.text("status")).upper()


def _is_of(row: JsonFields, refund: Refund) -> bool:
    return (
        "ics_credit" in applications(row)
        and row.text("clientReferenceInformation.code") == refund.id
        and row.money("orderInformation.amountDetails", "totalAmount") == refund.amount
    )


def _body(refund: Refund) -> Mapping[str, Any]:
    return {
        "clientReferenceInformation": {"code": refund.id, "transactionId": refund.id},
        "orderInformation": {
            "amountDetails": {
                "totalAmount": refund.amount.plain,
                "currency": refund.amount.currency.code,
            }
        },
    }
