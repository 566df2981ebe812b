"""The bodies that answer a payment."""

from collections.abc import Mapping
from typing import Any

from adapters.cybersource.simulator.books.ledger import Entry, Mark
from adapters.cybersource.simulator.books.outcomes import Share
from adapters.cybersource.simulator.words.amounts import sent_as
from adapters.cybersource.simulator.words.bodies import Body
from adapters.cybersource.simulator.words.moments import written
from adapters.cybersource.simulator.words.refusals import wrong

_MARKS = "merchantDefinedInformation"
_AFTER_SALE = {"refund": "refunds", "void": "voids"}
_AFTER_AUTHORISATION = {"authReversal": "reversals", "capture": "captures"}


def payment_body(payment: Entry) -> dict[str, Any]:
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


def marks_in(body: Body) -> tuple[Mark, ...]:
    """The merchantDefinedInformation of a request. Raises Refusal where it is none."""
    found = body.at(_MARKS)
    if found is None:
        return ()
    if not isinstance(found, list):
        raise wrong(_MARKS)
    each = [Body(entry if isinstance(entry, Mapping) else {}) for entry in found]
    return tuple((mark.text("key", 3), mark.optional_text("value") or "") for mark in each)


def told_marks(entry: Entry) -> dict[str, Any]:
    """The merchantDefinedInformation of an entry, as it is told again; none where it has none."""
    if not entry.marks:
        return {}
    return {_MARKS: [{"key": key, "value": value} for key, value in entry.marks]}


def reference(entry: Entry) -> dict[str, str]:
    """The merchant's own names for an entry, echoed."""
    named = {"code": entry.code}
    if entry.transaction_id:
        named["transactionId"] = entry.transaction_id
    return named


def processor_information(payment: Entry) -> dict[str, Any]:
    """What the bank said of a payment."""
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


def payment_links(payment: Entry) -> dict[str, Any]:
    """Where to go on from a payment."""
    here_at = f"/pts/v2/payments/{payment.id}"
    links = {"self": {"method": "GET", "href": here_at}}
    if payment.outcome.share is Share.NONE:
        return links
    further = _AFTER_SALE if payment.capture else _AFTER_AUTHORISATION
    for name, path in further.items():
        links[name] = {"method": "POST", "href": f"{here_at}/{path}"}
    return links
