"""
POST /pts/v2/payments/{id}/refunds: give back money of a sale.

A refund has an id of its own, is PENDING until the batch, and carries no processorInformation, as
a live one was seen to. Several may be made of one sale; that their sum stays within what was
captured is checked here, though the real one is known not to be reliable about it.
"""

from decimal import Decimal
from typing import Any

from flask import Blueprint, Response

from adapters.cybersource.simulator.amounts import sent_as
from adapters.cybersource.simulator.bodies import Body
from adapters.cybersource.simulator.faults import Operation
from adapters.cybersource.simulator.ledger import Entry, Kind
from adapters.cybersource.simulator.payment_answers import reference
from adapters.cybersource.simulator.refusals import Refusal, wrong
from adapters.cybersource.simulator.wire import answer, delivered, require_authentication, sent
from adapters.cybersource.simulator.workings import here, written

refunds = Blueprint("refunds", __name__)
refunds.before_request(require_authentication)

_TOTAL = "orderInformation.amountDetails.totalAmount"
_CURRENCY = "orderInformation.amountDetails.currency"


@refunds.post("/pts/v2/payments/<payment_id>/refunds")
def refund(payment_id: str) -> Response:
    """Refund part or all of a sale: 201 PENDING, or 400 with a reason."""
    body = sent()
    fault = here().faults.take(Operation.REFUNDS)
    return delivered(fault, lambda: _refunded(payment_id, body))


def _refunded(payment_id: str, body: Body) -> Response:
    workings = here()
    amount, currency = body.amount(_TOTAL), body.currency(_CURRENCY)
    code = body.text("clientReferenceInformation.code", 50)
    transaction_id = body.optional_text("clientReferenceInformation.transactionId", 30)
    with workings.ledger.held():
        if workings.settings.enforce_transaction_ids:
            workings.ledger.refuse_used(transaction_id, workings.now())
        payment = _sale(payment_id)
        _check_amount(payment, amount, currency)
        made = Entry(
            id=workings.new_id(),
            kind=Kind.REFUND,
            status="PENDING",
            code=code,
            requested=amount,
            approved=amount,
            currency=currency,
            submitted_at=workings.now(),
            transaction_id=transaction_id,
            parent_id=payment.id,
            card=payment.card,
        )
        workings.ledger.append(made)
    reply = answer(_body(made))
    reply.headers["x-requestid"] = made.id
    return reply


def _sale(payment_id: str) -> Entry:
    ledger = here().ledger
    payment = ledger.find(payment_id)
    if payment is None or payment.kind is not Kind.PAYMENT:
        raise Refusal("INVALID_PAYMENT_ID", "Declined - There is no such payment")
    if ledger.undone(payment):
        raise Refusal("CAPTURE_ALREADY_VOIDED", "Declined - The capture was voided")
    if ledger.captured(payment) == 0:
        raise Refusal("INVALID_DATA", "Declined - Nothing was captured by this payment")
    return payment


def _check_amount(payment: Entry, amount: Decimal, currency: str) -> None:
    if currency != payment.currency:
        raise wrong(_CURRENCY)
    if amount == 0:
        raise wrong(_TOTAL)
    ledger = here().ledger
    left = ledger.captured(payment) - ledger.refunded(payment)
    if here().settings.refuse_over_refund and amount > left:
        raise Refusal(
            "INVALID_AMOUNT",
            f"Declined - No more than {sent_as(left)} {currency} is left to refund",
            ((_TOTAL, "INVALID_DATA"),),
        )


def _body(made: Entry) -> dict[str, Any]:
    place = f"/pts/v2/refunds/{made.id}"
    return {
        "_links": {
            "void": {"method": "POST", "href": f"{place}/voids"},
            "self": {"method": "GET", "href": place},
        },
        "id": made.id,
        "submitTimeUtc": written(made.submitted_at),
        "status": made.status,
        "reconciliationId": made.id,
        "clientReferenceInformation": reference(made),
        "refundAmountDetails": {
            "refundAmount": sent_as(made.approved),
            "currency": made.currency,
        },
    }
