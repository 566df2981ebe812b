"""
POST /pts/v2/payments/{id}/captures: take money that was authorised before.

A capture has an id of its own and is PENDING until the batch. Several may be made of one
authorisation as long as their sum stays within it: not every processor allows that.
"""

from decimal import Decimal
from typing import Any

from flask import Blueprint, Response

from adapters.cybersource.simulator.books.answers import reference
from adapters.cybersource.simulator.books.ledger import CAPTURABLE, Entry, Kind
from adapters.cybersource.simulator.mishaps.faults import Operation
from adapters.cybersource.simulator.wire import answer, delivered, require_authentication, sent
from adapters.cybersource.simulator.words.amounts import sent_as
from adapters.cybersource.simulator.words.bodies import Body
from adapters.cybersource.simulator.words.moments import written
from adapters.cybersource.simulator.words.refusals import Refusal, wrong
from adapters.cybersource.simulator.workings import here

captures = Blueprint("captures", __name__)
captures.before_request(require_authentication)

_TOTAL = "orderInformation.amountDetails.totalAmount"
_CURRENCY = "orderInformation.amountDetails.currency"
# A person may take what is held for review without waiting for the decision.
_OPEN = CAPTURABLE | {"AUTHORIZED_PENDING_REVIEW"}


@captures.post("/pts/v2/payments/<payment_id>/captures")
def capture(payment_id: str) -> Response:
    """Capture part or all of an authorisation: 201 PENDING, or 400 with a reason."""
    body = sent()
    fault = here().faults.take(Operation.CAPTURES)
    return delivered(fault, lambda: _captured(payment_id, body))


def _captured(payment_id: str, body: Body) -> Response:
    workings = here()
    amount, currency = body.amount(_TOTAL), body.currency(_CURRENCY)
    code = body.text("clientReferenceInformation.code", 50)
    transaction_id = body.optional_text("clientReferenceInformation.transactionId", 30)
    with workings.ledger.held():
        if workings.settings.enforce_transaction_ids:
            workings.ledger.refuse_used(transaction_id, workings.now())
        payment = _authorisation(payment_id)
        _check_amount(payment, amount, currency)
        made = Entry(
            id=workings.new_id(),
            kind=Kind.CAPTURE,
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


def _authorisation(payment_id: str) -> Entry:
    ledger = here().ledger
    payment = ledger.find(payment_id)
    if payment is None or payment.kind is not Kind.PAYMENT or payment.status not in _OPEN:
        raise Refusal("MISSING_AUTH", "Declined - There is no such authorization")
    if ledger.undone(payment):
        raise Refusal("AUTH_ALREADY_REVERSED", "Declined - The authorization was reversed")
    if ledger.taken(payment) > 0:
        raise Refusal("TRANSACTION_ALREADY_SETTLED", "Declined - The sale was captured at once")
    return payment


def _check_amount(payment: Entry, amount: Decimal, currency: str) -> None:
    if currency != payment.currency:
        raise wrong(_CURRENCY)
    if amount == 0:
        raise wrong(_TOTAL)
    left = payment.approved - here().ledger.captured(payment)
    if amount > left:
        raise Refusal(
            "EXCEEDS_AUTH_AMOUNT",
            f"Declined - No more than {sent_as(left)} {currency} is left to capture",
        )


def _body(made: Entry) -> dict[str, Any]:
    place = f"/pts/v2/captures/{made.id}"
    return {
        "_links": {
            "refund": {"method": "POST", "href": f"{place}/refunds"},
            "void": {"method": "POST", "href": f"{place}/voids"},
            "self": {"method": "GET", "href": place},
        },
        "id": made.id,
        "submitTimeUtc": written(made.submitted_at),
        "status": made.status,
        "reconciliationId": made.id,
        "clientReferenceInformation": reference(made),
        "orderInformation": {
            "amountDetails": {"totalAmount": sent_as(made.approved), "currency": made.currency}
        },
    }
