"""The bodies of replies to payments."""

from typing import Any

from coursetill_simulators.cybersource.state.ledger import LedgerEntry
from coursetill_simulators.cybersource.state.outcomes import Share
from coursetill_simulators.cybersource.wire_format.amounts import sent_as
from coursetill_simulators.cybersource.wire_format.moments import written

_AFTER_SALE = {"refund": "refunds", "void": "voids"}
_AFTER_AUTHORISATION = {"authReversal": "reversals", "capture": "captures"}


def payment_body(payment: LedgerEntry) -> dict[str, Any]:
    """The documented 201 body of a payment."""
    outcome = payment.outcome
    amounts = {"totalAmount": sent_as(payment.requested), "currency": payment.currency}
    body: dict[str, Any] = {
        "_links": payment_links(payment),
        "id": payment.id,
        "submitTimeUtc": written(payment.submitted_at),
        "status": payment.status,
        "reconciliationId": payment.id,
        "clientReferenceInformation": reference(payment),
        "orderInformation": {"amountDetails": amounts},
        "processorInformation": processor_information(payment),
    }
    if payment.card and payment.card.network:
        body["paymentInformation"] = {"card": {"type": payment.card.network.code}}
    if outcome.share is not Share.NONE:
        amounts["authorizedAmount"] = sent_as(payment.approved)
    if outcome.reason:
        body["errorInformation"] = {
            "reason": outcome.reason,
            "message": outcome.message,
            "details": [],
        }
    return body


def reference(entry: LedgerEntry) -> dict[str, str]:
    """The merchant's references of an entry, echoed."""
    named = {"code": entry.code}
    if entry.transaction_id:
        named["transactionId"] = entry.transaction_id
    return named


def processor_information(payment: LedgerEntry) -> dict[str, Any]:
    """The bank's answer to a payment."""
    if payment.outcome.share is Share.NONE:
        return {"responseCode": payment.outcome.response_code}
    return {
        "approvalCode": "831000",
        "responseCode": payment.outcome.response_code,
        "transactionId": payment.id[-15:],
        "networkTransactionId": payment.id[-15:],
        "avs": {"code": "N" if payment.outcome.code == "200" else "Y", "codeRaw": "Y"},
        "cardVerification": {"resultCode": "N" if payment.outcome.code == "230" else "M"},
    }


def payment_links(payment: LedgerEntry) -> dict[str, Any]:
    """The links to follow-up requests of a payment."""
    here_at = f"/pts/v2/payments/{payment.id}"
    links = {"self": {"method": "GET", "href": here_at}}
    if payment.outcome.share is Share.NONE:
        return links
    further = _AFTER_SALE if payment.capture else _AFTER_AUTHORISATION
    for name, path in further.items():
        links[name] = {"method": "POST", "href": f"{here_at}/{path}"}
    return links
