"""
Voids and reversals, by id or, after a lost reply, by the merchant's transaction id.

A void undoes a sale, a capture or a refund before the batch runs. A reversal releases an
authorisation.
"""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import attrs
from flask import Blueprint, Response

from coursetill_simulators.cybersource.faults.reply_faults import Operation
from coursetill_simulators.cybersource.middleware import (
    answer,
    delivered,
    require_authentication,
    sent,
)
from coursetill_simulators.cybersource.payments.follow_ups import TRANSACTION_ID
from coursetill_simulators.cybersource.registry import current_registry
from coursetill_simulators.cybersource.state.ledger import CAPTURABLE, LedgerEntry, LedgerKind
from coursetill_simulators.cybersource.state.payment_bodies import reference
from coursetill_simulators.cybersource.webhooks.events import rejected
from coursetill_simulators.cybersource.wire_format.amounts import sent_as
from coursetill_simulators.cybersource.wire_format.bodies import Body
from coursetill_simulators.cybersource.wire_format.moments import written
from coursetill_simulators.cybersource.wire_format.refusals import Refusal, wrong

undoing = Blueprint("undoing", __name__)
undoing.before_request(require_authentication)

_REVERSIBLE = CAPTURABLE | {"AUTHORIZED_PENDING_REVIEW"}


@undoing.post("/pts/v2/payments/<entry_id>/voids")
def void_payment(entry_id: str) -> Response:
    """Void the sale."""
    body = sent()
    return _delivered(
        Operation.VOIDS, lambda: _voided(_known(entry_id, LedgerKind.PAYMENT), body, own_id=True)
    )


@undoing.post("/pts/v2/captures/<entry_id>/voids")
def void_capture(entry_id: str) -> Response:
    """Void the capture; the authorisation stays."""
    body = sent()
    return _delivered(
        Operation.VOIDS, lambda: _voided(_known(entry_id, LedgerKind.CAPTURE), body, own_id=True)
    )


@undoing.post("/pts/v2/refunds/<entry_id>/voids")
def void_refund(entry_id: str) -> Response:
    """Void the refund."""
    body = sent()
    return _delivered(
        Operation.VOIDS, lambda: _voided(_known(entry_id, LedgerKind.REFUND), body, own_id=True)
    )


@undoing.post("/pts/v2/credits/<entry_id>/voids")
def void_credit(entry_id: str) -> Response:
    """Refuse: the simulator has no credits without a payment."""
    sent()
    raise Refusal("INVALID_DATA", f"Declined - There is no credit {entry_id[:22]}")


@undoing.post("/pts/v2/voids", strict_slashes=False)
def timeout_void() -> Response:
    """Void a request whose reply was lost, by its transaction id."""
    body = sent()
    return _delivered(Operation.VOIDS, lambda: _voided(_lost(body), body, own_id=False))


@undoing.post("/pts/v2/payments/<entry_id>/reversals")
def reverse(entry_id: str) -> Response:
    """Reverse the authorisation."""
    body = sent()
    return _delivered(
        Operation.REVERSALS,
        lambda: _reversed(_known(entry_id, LedgerKind.PAYMENT), body, own_id=True),
    )


@undoing.post("/pts/v2/reversals", strict_slashes=False)
def timeout_reversal() -> Response:
    """Reverse an authorisation whose reply was lost, by its transaction id."""
    body = sent()
    return _delivered(Operation.REVERSALS, lambda: _reversed(_lost(body), body, own_id=False))


def _delivered(operation: Operation, work: Callable[[], Response]) -> Response:
    return delivered(current_registry().faults.take(operation), work)


def _known(entry_id: str, kind: LedgerKind) -> LedgerEntry:
    entry = current_registry().ledger.find(entry_id)
    if entry is None or entry.kind is not kind:
        raise Refusal("INVALID_DATA", "Declined - There is no such transaction")
    return entry


def _lost(body: Body) -> LedgerEntry:
    entry = current_registry().ledger.sent_under(body.text(TRANSACTION_ID, 30))
    if entry is None:
        raise wrong(TRANSACTION_ID)
    return entry


def _voided(entry: LedgerEntry, body: Body, *, own_id: bool) -> Response:
    ledger = current_registry().ledger
    with ledger.held():
        entry = _known(entry.id, entry.kind)
        moved = ledger.given(entry) if entry.kind is LedgerKind.REFUND else ledger.taken(entry)
        if moved == 0 or entry.settled or ledger.refunded(entry) > 0:
            _announce_rejected(entry, LedgerKind.VOID)
            raise Refusal("NOT_VOIDABLE", "Declined - The transaction can not be voided")
        made = _undo(entry, body, LedgerKind.VOID, own_id=own_id)
        if entry.kind in (LedgerKind.REFUND, LedgerKind.CAPTURE):
            ledger.replace(attrs.evolve(entry, status="VOIDED"))
    return answer(_body(made, "voids", {"voidAmountDetails": _amount(made, "voidAmount")}))


def _reversed(entry: LedgerEntry, body: Body, *, own_id: bool) -> Response:
    ledger = current_registry().ledger
    with ledger.held():
        entry = _known(entry.id, entry.kind)
        open_hold = entry.kind is LedgerKind.PAYMENT and entry.status in _REVERSIBLE
        if not open_hold or ledger.captured(entry) > 0 or ledger.undone(entry):
            _announce_rejected(entry, LedgerKind.REVERSAL)
            raise Refusal(
                "TRANSACTION_ALREADY_REVERSED_OR_SETTLED",
                "Declined - The authorization can not be reversed",
            )
        total = "reversalInformation.amountDetails.totalAmount"
        if (body.optional_amount(total) or entry.approved) != entry.approved:
            raise wrong(total)
        made = _undo(entry, body, LedgerKind.REVERSAL, own_id=own_id)
    amount = {"reversalAmountDetails": _amount(made, "reversedAmount")}
    return answer(_body(made, "reversals", amount))


def _announce_rejected(entry: LedgerEntry, kind: LedgerKind) -> None:
    registry = current_registry()
    trace_id = str(uuid4())
    registry.webhooks.announce(rejected(entry, kind, now=registry.now(), trace_id=trace_id))


def _undo(entry: LedgerEntry, body: Body, kind: LedgerKind, *, own_id: bool) -> LedgerEntry:
    registry = current_registry()
    # After a lost reply the transaction id is that of the lost request, not of this one.
    transaction_id = body.optional_text(TRANSACTION_ID, 30) if own_id else None
    if registry.settings.enforce_transaction_ids:
        registry.ledger.refuse_used(transaction_id, registry.now())
    made = LedgerEntry(
        id=registry.new_id(),
        kind=kind,
        status="VOIDED" if kind is LedgerKind.VOID else "REVERSED",
        code=body.optional_text("clientReferenceInformation.code", 50) or entry.code,
        requested=entry.approved,
        approved=entry.approved,
        currency=entry.currency,
        submitted_at=registry.now(),
        transaction_id=transaction_id,
        parent_id=entry.id,
        card=entry.card,
    )
    registry.ledger.append(made)
    return made


def _amount(made: LedgerEntry, name: str) -> dict[str, str]:
    return {name: sent_as(made.approved), "currency": made.currency}


def _body(made: LedgerEntry, plural: str, amount: dict[str, Any]) -> dict[str, Any]:
    return {
        "_links": {"self": {"method": "GET", "href": f"/pts/v2/{plural}/{made.id}"}},
        "id": made.id,
        "submitTimeUtc": written(made.submitted_at),
        "status": made.status,
        "clientReferenceInformation": reference(made),
        **amount,
    }
