"""
POST /pts/v2/payments/{id}/captures: capture an authorised amount.

A capture has an id of its own and is PENDING until the batch. Several captures of one authorisation
are allowed within its amount; not every processor allows that.
"""

from decimal import Decimal

from flask import Blueprint, Response

from coursetill_simulators.cybersource.faults.reply_faults import Operation
from coursetill_simulators.cybersource.middleware import delivered, require_authentication, sent
from coursetill_simulators.cybersource.payments.follow_ups import created, followed
from coursetill_simulators.cybersource.registry import current_registry
from coursetill_simulators.cybersource.state.ledger import CAPTURABLE, LedgerEntry, LedgerKind
from coursetill_simulators.cybersource.wire_format.amounts import sent_as
from coursetill_simulators.cybersource.wire_format.bodies import Body
from coursetill_simulators.cybersource.wire_format.refusals import Refusal

captures = Blueprint("captures", __name__)
captures.before_request(require_authentication)

# A person may capture a payment in review without waiting for the decision.
_OPEN = CAPTURABLE | {"AUTHORIZED_PENDING_REVIEW"}


@captures.post("/pts/v2/payments/<payment_id>/captures")
def capture(payment_id: str) -> Response:
    """Capture part or all of an authorisation: 201 PENDING, or 400 with a reason."""
    body = sent()
    fault = current_registry().faults.take(Operation.CAPTURES)
    return delivered(fault, lambda: _captured(payment_id, body))


def _captured(payment_id: str, body: Body) -> Response:
    made = followed(
        LedgerKind.CAPTURE,
        body,
        find_parent=lambda: _authorisation(payment_id),
        check=_check_amount,
    )
    amounts = {"totalAmount": sent_as(made.approved), "currency": made.currency}
    return created(made, ("refund", "void"), {"orderInformation": {"amountDetails": amounts}})


def _authorisation(payment_id: str) -> LedgerEntry:
    ledger = current_registry().ledger
    payment = ledger.find(payment_id)
    if payment is None or payment.kind is not LedgerKind.PAYMENT or payment.status not in _OPEN:
        raise Refusal("MISSING_AUTH", "Declined - There is no such authorization")
    if ledger.undone(payment):
        raise Refusal("AUTH_ALREADY_REVERSED", "Declined - The authorization was reversed")
    if ledger.taken(payment) > 0:
        raise Refusal("TRANSACTION_ALREADY_SETTLED", "Declined - The sale was captured at once")
    return payment


def _check_amount(payment: LedgerEntry, amount: Decimal) -> None:
    left = payment.approved - current_registry().ledger.captured(payment)
    if amount > left:
        raise Refusal(
            "EXCEEDS_AUTH_AMOUNT",
            f"Declined - No more than {sent_as(left)} {payment.currency} is left to capture",
        )
