"""
POST /pts/v2/payments: authorise, or authorise and capture, a token or a card.

A decline is answered with 201, as documented: the status counts, not the HTTP code. AUTHORIZED is
the status of a sale too.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import attrs
from flask import Blueprint, Response

from coursetill_simulators.cybersource.faults.reply_faults import Fault, Operation
from coursetill_simulators.cybersource.keys import key_id_of
from coursetill_simulators.cybersource.middleware import (
    answer,
    delivered,
    require_authentication,
    sent,
)
from coursetill_simulators.cybersource.payments.follow_ups import CURRENCY, TOTAL, TRANSACTION_ID
from coursetill_simulators.cybersource.registry import current_registry
from coursetill_simulators.cybersource.state.ledger import LedgerEntry, LedgerKind
from coursetill_simulators.cybersource.state.merchant_references import Notes, notes_in
from coursetill_simulators.cybersource.state.outcomes import (
    OUTCOMES,
    Outcome,
    approved_of,
    outcome_of,
)
from coursetill_simulators.cybersource.state.payment_bodies import payment_body
from coursetill_simulators.cybersource.state.vault import TransientToken
from coursetill_simulators.cybersource.wire_format.bodies import Body
from coursetill_simulators.cybersource.wire_format.cards import PaymentCard, passes_luhn
from coursetill_simulators.cybersource.wire_format.refusals import Refusal, missing, wrong

payments = Blueprint("payments", __name__)
payments.before_request(require_authentication)

_BILL_TO = "orderInformation.billTo"


@attrs.frozen(kw_only=True)
class RequestedPayment:
    """A requested payment: the fields of the token and of the request together."""

    code: str
    transaction_id: str | None
    amount: Decimal
    currency: str
    capture: bool
    card: PaymentCard
    bill_to: Mapping[str, str]
    notes: Notes
    token: TransientToken | None


@payments.post("/pts/v2/payments")
def pay() -> Response:
    """Pay: 201 with a status, 400 with a reason, or 502 if the outcome is unknown."""
    payment = _requested(sent())
    fault = current_registry().faults.take(Operation.PAYMENTS)
    outcome = _outcome(payment, fault)
    return delivered(fault or outcome.fault, lambda: _paid(payment, outcome))


def _requested(body: Body) -> RequestedPayment:
    token = _token(body)
    card = token.card if token else _card(body)
    amount, currency = _total(body, token)
    return RequestedPayment(
        code=body.text("clientReferenceInformation.code", 50),
        transaction_id=body.optional_text(TRANSACTION_ID, 30),
        amount=amount,
        currency=currency,
        capture=body.flag("processingInformation.capture"),
        card=card,
        bill_to={**(token.bill_to if token else {}), **_texts(body.at(_BILL_TO))},
        notes=notes_in(body),
        token=token,
    )


def _total(body: Body, token: TransientToken | None) -> tuple[Decimal, str]:
    """Amount and currency. Fields of the request override those of the token's session."""
    if token is None or not token.session.priced:
        return body.amount(TOTAL), body.currency(CURRENCY)
    amount = body.optional_amount(TOTAL)
    currency = body.optional_currency(CURRENCY)
    return token.session.amount if amount is None else amount, currency or token.session.currency


def _token(body: Body) -> TransientToken | None:
    """The transient token in the request, if any. Raises Refusal if it is invalid."""
    as_jwt = body.optional_text("tokenInformation.transientTokenJwt", 10_000)
    as_id = body.optional_text("tokenInformation.jti")
    if as_jwt:
        token, path = _verified(as_jwt), "tokenInformation.transientTokenJwt"
    elif as_id:
        token, path = current_registry().vault.token(as_id), "tokenInformation.jti"
    else:
        return None
    if token is None or current_registry().now() >= token.expires_at:
        raise wrong(path)
    return token


def _verified(transient_token: str) -> TransientToken | None:
    session = current_registry().vault.session_of_key(key_id_of(transient_token) or "")
    claims = session.key.verified(transient_token) if session else None
    return current_registry().vault.token(str(claims.get("jti"))) if claims else None


def _card(body: Body) -> PaymentCard:
    if body.at("paymentInformation.card") is None:
        raise missing("paymentInformation.card.number")
    card = body.card("paymentInformation.card")
    if not passes_luhn(card.number) or card.network is None:
        raise Refusal(
            "INVALID_CARD",
            "Declined - The card number is not valid",
            (("paymentInformation.card.number", "INVALID_DATA"),),
        )
    return card


def _texts(found: Any) -> dict[str, str]:
    if not isinstance(found, Mapping):
        return {}
    return {name: text for name, text in found.items() if isinstance(text, str) and text}


def _outcome(payment: RequestedPayment, fault: Fault | None) -> Outcome:
    if fault and fault.outcome:
        return OUTCOMES[fault.outcome]
    return outcome_of(
        payment.card.number,
        payment.amount,
        payment.bill_to.get("postalCode"),
        amount_triggers=current_registry().settings.amount_triggers,
    )


def _paid(requested: RequestedPayment, outcome: Outcome) -> Response:
    registry = current_registry()
    if outcome.refused and outcome.reason:
        raise Refusal(outcome.reason, outcome.message)
    with registry.ledger.held():
        if registry.settings.enforce_transaction_ids:
            registry.ledger.refuse_used(requested.transaction_id, registry.now())
        if registry.settings.refuse_same_reference:
            registry.ledger.refuse_repeated(requested.code, registry.now())
        if requested.token and not registry.vault.spend(requested.token):
            _refuse_reuse()
        payment = LedgerEntry(
            id=registry.new_id(),
            kind=LedgerKind.PAYMENT,
            status=outcome.status,
            code=requested.code,
            requested=requested.amount,
            approved=approved_of(requested.amount, outcome.share),
            currency=requested.currency,
            submitted_at=registry.now(),
            transaction_id=requested.transaction_id,
            outcome=outcome,
            capture=requested.capture,
            card=requested.card.on_file,
            bill_to=requested.bill_to,
            notes=requested.notes,
        )
        registry.ledger.append(payment)
    reply = answer(payment_body(payment))
    reply.headers["x-requestid"] = payment.id
    return reply


def _refuse_reuse() -> None:
    if current_registry().settings.refuse_token_reuse:
        raise wrong("tokenInformation.transientTokenJwt")
