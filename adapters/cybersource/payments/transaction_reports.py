"""Reports for staff: every transaction that CyberSource has under one of our codes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import attrs

from adapters.cybersource.payments.payment_results import moment
from adapters.cybersource.payments.status_codes import REASON_CODES, StatusMeaning, card_in
from adapters.cybersource.payments.transaction_search import (
    TransactionSearch,
    applications,
    code_in,
)
from adapters.cybersource.rest.json_fields import JsonFields
from adapters.cybersource.rest.transport import ApiRefusal
from adapters.http_client import Lost, NotSent
from core.money import Money
from core.payments.transaction import Card

_KINDS: Mapping[str, str] = {
    "ics_credit": "refund",
    "ics_void": "void",
    "ics_bill": "payment",
    "ics_auth": "authorisation",
    "ics_auth_reversal": "reversal",
}
"""The name of a row, by the first of its services in this table."""

_OUTCOMES: Mapping[StatusMeaning, str] = {
    StatusMeaning.TAKEN: "accepted",
    StatusMeaning.PART: "accepted in part",
    StatusMeaning.ONLY_AUTHORIZED: "authorised only",
    StatusMeaning.HELD: "held for review",
    StatusMeaning.DECLINED: "declined",
    StatusMeaning.UNCLEAR: "unclear",
}

DETAIL_STATUSES: Mapping[str, str] = {
    "AUTHORIZED": "authorised",
    "PARTIAL_AUTHORIZED": "authorised in part",
    "AUTHORIZED_PENDING_REVIEW": "held for review",
    "PENDING_REVIEW": "held for review",
    "AUTHORIZED_RISK_DECLINED": "declined by risk rules",
    "PENDING_AUTHENTICATION": "waiting for the cardholder",
    "DECLINED": "declined",
    "REJECTED": "declined",
    "INVALID_REQUEST": "refused as wrong",
    "PENDING": "waiting for settlement",
    "ACCEPTED": "waiting for settlement",
    "TRANSMITTED": "settled",
    "SETTLED": "settled",
    "SUCCEEDED": "settled",
    "REVERSED": "reversed",
    "VOIDED": "voided",
    "CANCELLED": "cancelled",
    "FAILED": "failed",
}
"""The status in transaction details, described for staff."""


@attrs.frozen(kw_only=True)
class ReportedTransaction:
    """
    One transaction at CyberSource.

    `code` is the order reference or refund id of the request, `ours` its unique id. `outcome` is
    the answer to the request. `status` is the state of the money, or "" if the details were not
    available.
    """

    gateway_id: str
    kind: str
    at: datetime | None
    code: str
    ours: str
    amount: Money | None
    card: Card | None
    outcome: str
    reason: str
    status: str


@attrs.frozen
class TransactionReports:
    """Transaction reports. Raises NotSent, ApiRefusal or Lost; omits details that fail."""

    _searches: TransactionSearch

    def about(self, code: str) -> tuple[ReportedTransaction, ...]:
        """All transactions of a code, oldest first. Soon after a request, none proves nothing."""
        rows = self._searches.rows(code, code)
        found = [self._reported(row) for row in rows if _code(row) == code]
        return tuple(reversed(found))

    def _reported(self, row: JsonFields) -> ReportedTransaction:
        services = applications(row)
        answered = code_in(row, "applicationInformation.reasonCode")
        meaning, reason = REASON_CODES.get(answered, (StatusMeaning.UNCLEAR, ""))
        return ReportedTransaction(
            gateway_id=row.text("id"),
            kind=next((kind for name, kind in _KINDS.items() if name in services), "other"),
            at=moment(row.text("submitTimeUtc")),
            code=_code(row),
            ours=row.text("clientReferenceInformation.transactionId")
            or next((m.text("value") for m in row.parts("merchantDefinedInformation")), ""),
            amount=row.money("orderInformation.amountDetails", "totalAmount"),
            card=card_in(row),
            outcome=_OUTCOMES[meaning],
            reason=reason or (answered if answered != "100" else ""),
            status=self._status(row.text("id")),
        )

    def _status(self, gateway_id: str) -> str:
        try:
            details = self._searches.details(gateway_id, gateway_id)
        except (NotSent, ApiRefusal, Lost):
            return ""
        status = details.text("applicationInformation.status") or details.text("status")
        return DETAIL_STATUSES.get(status.upper(), status[:40].lower())


def _code(row: JsonFields) -> str:
    return row.text("clientReferenceInformation.code")
