"""Shared code of captures and refunds: an amount based on an earlier ledger entry."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from flask import Response

from coursetill_simulators.cybersource.middleware import answer
from coursetill_simulators.cybersource.registry import current_registry
from coursetill_simulators.cybersource.state.ledger import LedgerEntry, LedgerKind
from coursetill_simulators.cybersource.state.payment_bodies import reference
from coursetill_simulators.cybersource.wire_format.bodies import Body
from coursetill_simulators.cybersource.wire_format.moments import written
from coursetill_simulators.cybersource.wire_format.refusals import wrong

TOTAL = "orderInformation.amountDetails.totalAmount"
CURRENCY = "orderInformation.amountDetails.currency"
TRANSACTION_ID = "clientReferenceInformation.transactionId"


def followed(
    kind: LedgerKind,
    body: Body,
    *,
    find_parent: Callable[[], LedgerEntry],
    check: Callable[[LedgerEntry, Decimal], None],
) -> LedgerEntry:
    """
    Add a PENDING entry of `kind` for the entry that `find_parent` returns, in its currency.

    Raises Refusal for missing fields and for a repeated transaction id. `find_parent`, and
    `check` (of the parent and the amount), may raise Refusal too.
    """
    registry = current_registry()
    amount, currency = body.amount(TOTAL), body.currency(CURRENCY)
    code = body.text("clientReferenceInformation.code", 50)
    transaction_id = body.optional_text(TRANSACTION_ID, 30)
    with registry.ledger.held():
        if registry.settings.enforce_transaction_ids:
            registry.ledger.refuse_used(transaction_id, registry.now())
        parent = find_parent()
        if currency != parent.currency:
            raise wrong(CURRENCY)
        if amount == 0:
            raise wrong(TOTAL)
        check(parent, amount)
        made = LedgerEntry(
            id=registry.new_id(),
            kind=kind,
            status="PENDING",
            code=code,
            requested=amount,
            approved=amount,
            currency=currency,
            submitted_at=registry.now(),
            transaction_id=transaction_id,
            parent_id=parent.id,
            card=parent.card,
        )
        registry.ledger.append(made)
    return made


def created(made: LedgerEntry, next_steps: tuple[str, ...], amount: Mapping[str, Any]) -> Response:
    """The documented 201 body of a capture or refund: links, references and amount."""
    place = f"/pts/v2/{made.kind.value}s/{made.id}"
    links = {step: {"method": "POST", "href": f"{place}/{step}s"} for step in next_steps}
    reply = answer(
        {
            "_links": {**links, "self": {"method": "GET", "href": place}},
            "id": made.id,
            "submitTimeUtc": written(made.submitted_at),
            "status": made.status,
            "reconciliationId": made.id,
            "clientReferenceInformation": reference(made),
            **amount,
        }
    )
    reply.headers["x-requestid"] = made.id
    return reply
