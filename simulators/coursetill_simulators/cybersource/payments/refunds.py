"""
POST /pts/v2/payments/{id}/refunds refunds a sale, /pts/v2/captures/{id}/refunds a capture. A
separate capture can only be refunded by its own id.

A refund has an id of its own, is PENDING until the batch, and has no processorInformation, as was
seen on a live refund. Several refunds of one sale are allowed. The simulator checks that their sum
stays within the captured amount; the real service is known not to do so reliably.
"""

from datetime import timedelta
from decimal import Decimal

from flask import Blueprint, Response

from coursetill_simulators.cybersource.faults.reply_faults import Operation
from coursetill_simulators.cybersource.middleware import delivered, require_authentication, sent
from coursetill_simulators.cybersource.payments.follow_ups import TOTAL, created, followed
from coursetill_simulators.cybersource.registry import current_registry
from coursetill_simulators.cybersource.state.ledger import LedgerEntry, LedgerKind
from coursetill_simulators.cybersource.wire_format.amounts import sent_as
from coursetill_simulators.cybersource.wire_format.bodies import Body
from coursetill_simulators.cybersource.wire_format.refusals import Refusal

refunds = Blueprint("refunds", __name__)
refunds.before_request(require_authentication)


@refunds.post("/pts/v2/payments/<payment_id>/refunds")
def refund_sale(payment_id: str) -> Response:
    """Refund part or all of a sale: 201 PENDING, or 400 with a reason."""
    body = sent()
    fault = current_registry().faults.take(Operation.REFUNDS)
    return delivered(fault, lambda: _refunded(payment_id, LedgerKind.PAYMENT, body))


@refunds.post("/pts/v2/captures/<capture_id>/refunds")
def refund_capture(capture_id: str) -> Response:
    """Refund part or all of a capture."""
    body = sent()
    fault = current_registry().faults.take(Operation.REFUNDS)
    return delivered(fault, lambda: _refunded(capture_id, LedgerKind.CAPTURE, body))


def _refunded(taken_id: str, kind: LedgerKind, body: Body) -> Response:
    made = followed(
        LedgerKind.REFUND, body, find_parent=lambda: _taken(taken_id, kind), check=_check_amount
    )
    amount = {"refundAmount": sent_as(made.approved), "currency": made.currency}
    return created(made, ("void",), {"refundAmountDetails": amount})


def _taken(taken_id: str, kind: LedgerKind) -> LedgerEntry:
    registry = current_registry()
    ledger = registry.ledger
    taken = ledger.find(taken_id)
    if taken is None or taken.kind is not kind:
        raise Refusal("INVALID_PAYMENT_ID", "Declined - There is no such transaction")
    if ledger.undone(taken):
        raise Refusal("CAPTURE_ALREADY_VOIDED", "Declined - The capture was voided")
    if ledger.taken(taken) == 0:
        raise Refusal("INVALID_DATA", "Declined - Nothing was captured by this payment")
    window = timedelta(days=registry.settings.refund_window_days)
    if registry.now() - ledger.root(taken).submitted_at > window:
        raise Refusal("INVALID_DATA", "Declined - The payment is too old to be refunded")
    return taken


def _check_amount(taken: LedgerEntry, amount: Decimal) -> None:
    ledger = current_registry().ledger
    left = ledger.taken(taken) - ledger.refunded(taken)
    if current_registry().settings.refuse_over_refund and amount > left:
        raise Refusal(
            "INVALID_AMOUNT",
            f"Declined - No more than {sent_as(left)} {taken.currency} is left to refund",
            ((TOTAL, "INVALID_DATA"),),
        )
