"""
GET /flex/v2/payment-details/{jti}: the input of the card form, for the merchant's server.
GET /up/v1/payment-details/{token} of version 0 answers the same.

Only the names are documented. Assumed: the card number stays masked; names and values are those of
the transient token; an expired token is answered like an unknown one.
"""

from typing import Any

from flask import Blueprint, Response

from coursetill_simulators.cybersource.faults.reply_faults import Operation
from coursetill_simulators.cybersource.keys import key_id_of
from coursetill_simulators.cybersource.middleware import answer, delivered, require_authentication
from coursetill_simulators.cybersource.registry import current_registry
from coursetill_simulators.cybersource.state.vault import TransientToken
from coursetill_simulators.cybersource.wire_format.amounts import sent_as

payment_details = Blueprint("payment_details", __name__)
payment_details.before_request(require_authentication)


@payment_details.get("/flex/v2/payment-details/<token_id>")
def entered(token_id: str) -> Response:
    """The masked card, the payer and the amount of a transient token."""
    fault = current_registry().faults.take(Operation.PAYMENT_DETAILS)
    return delivered(fault, lambda: _told(token_id))


def _told(token_id: str) -> Response:
    registry = current_registry()
    token = registry.vault.token(token_id)
    if token is None or registry.now() >= token.expires_at:
        return answer({"message": "The requested resource does not exist"}, 404)
    return answer(_body(token), 200)


@payment_details.get("/up/v1/payment-details/<transient_token>")
def entered_before(transient_token: str) -> Response:
    """The same, by the whole token."""
    session = current_registry().vault.session_of_key(key_id_of(transient_token) or "")
    claims = session.key.verified(transient_token) if session else None
    return entered(str(claims.get("jti")) if claims else "")


def _body(token: TransientToken) -> dict[str, Any]:
    session, card = token.session, token.card
    known = session.order.get("billTo") or {}
    amounts = {"totalAmount": sent_as(session.amount), "currency": session.currency}
    return {
        "paymentInformation": {
            "card": {
                "number": card.masked,
                "expirationMonth": card.expiry_month,
                "expirationYear": card.expiry_year,
                "type": card.network.code if card.network else "",
            }
        },
        "orderInformation": {
            "amountDetails": amounts if session.priced else {},
            "billTo": {**known, **token.bill_to},
        },
    }
