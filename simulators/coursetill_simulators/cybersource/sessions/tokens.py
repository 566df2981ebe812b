"""
POST /flex/v2/tokens: the card frame's call for a transient token.

The real frame encrypts the card with the session's key; here it is sent plain over loopback.
"""

from collections.abc import Mapping
from datetime import datetime
from secrets import token_hex
from typing import Any

from flask import Blueprint, Response, make_response, request

from coursetill_simulators.cybersource.faults.reply_faults import Operation
from coursetill_simulators.cybersource.middleware import delivered, sent
from coursetill_simulators.cybersource.registry import current_registry
from coursetill_simulators.cybersource.state.vault import TOKEN_LIFETIME, Session, TransientToken
from coursetill_simulators.cybersource.wire_format.bodies import Body
from coursetill_simulators.cybersource.wire_format.cards import PaymentCard, passes_luhn
from coursetill_simulators.cybersource.wire_format.refusals import SessionRefused

tokens = Blueprint("tokens", __name__)

_BILL_TO = ("firstName", "lastName", "postalCode", "country")


@tokens.post("/flex/v2/tokens")
def create_token() -> Response:
    """The transient token for the card in the body: 201 and the bare JWT."""
    registry = current_registry()
    if request.headers.get("Origin", registry.origin) != registry.origin:
        raise SessionRefused("TOKENIZATION_ERROR", "Only the card frame may ask for a token")
    body = sent()
    return delivered(registry.faults.take(Operation.TOKENS), lambda: _created(body))


def _created(body: Body) -> Response:
    registry = current_registry()
    now = registry.now()
    session = _session(body, now)
    token = TransientToken(
        id=token_hex(32),
        session=session,
        card=_card(body, session, now),
        bill_to=_bill_to(body),
        expires_at=now + TOKEN_LIFETIME,
    )
    registry.vault.keep_token(token)
    claims = transient_claims(token, now)
    return make_response(session.key.signed(claims), 201, {"Content-Type": "application/jwt"})


def transient_claims(token: TransientToken, now: datetime) -> dict[str, Any]:
    """
    The claims of a transient token: the masked card and its expiry; all else is blank.

    As with real tokens, neither amount nor reference can be checked with it.
    """
    card = token.card
    blank: dict[str, Any] = {}
    return {
        "iss": "Flex/00",
        "type": token.session.context_type,
        "iat": int(now.timestamp()),
        "exp": int(token.expires_at.timestamp()),
        "jti": token.id,
        "metadata": {
            "sequenceNumber": "1",
            "cardholderAuthenticationStatus": False,
            "paymentType": "PANENTRY",
        },
        "content": {
            "orderInformation": {
                "billTo": dict.fromkeys(token.bill_to, blank),
                "amountDetails": {"totalAmount": blank, "currency": blank},
            },
            "paymentInformation": {
                "card": {
                    "number": _number(token),
                    "securityCode": blank,
                    "expirationMonth": {"value": card.expiry_month},
                    "expirationYear": {"value": card.expiry_year},
                    "type": {"value": card.network.code if card.network else ""},
                }
            },
        },
    }


def _number(token: TransientToken) -> dict[str, str]:
    options: Mapping[str, Any] = token.session.request.get("transientTokenResponseOptions", {})
    masked = {"maskedValue": token.card.masked}
    match options.get("includeCardPrefix"):
        case True:
            return {**masked, "prefix": token.card.number[:8]}
        case False:
            return masked
        case _:
            return {**masked, "bin": token.card.number[:6]}


def _session(body: Body, now: datetime) -> Session:
    registry = current_registry()
    claims = registry.key.verified(str(body.at("captureContext")))
    session = registry.vault.session(str(claims["jti"])) if claims else None
    if session is None:
        raise SessionRefused("CAPTURE_CONTEXT_INVALID", "The capture context is not one of ours")
    if session.ended(now):
        raise SessionRefused("CAPTURE_CONTEXT_EXPIRED", "The capture context has expired")
    return session


def _card(body: Body, session: Session, now: datetime) -> PaymentCard:
    card = body.card("card")
    network = card.network
    allowed = session.request.get("allowedCardNetworks") or [network.name if network else ""]
    faults = []
    if not passes_luhn(card.number) or network is None:
        faults.append(("card.number", "not a card number"))
    elif network.name not in allowed:
        faults.append(("card.number", f"{network.name} is not accepted"))
    if card.expired(now.year, now.month):
        faults.append(("card.expirationMonth", "the card has expired"))
    if not (card.security_code.isdigit() and 3 <= len(card.security_code) <= 4):
        faults.append(("card.securityCode", "three or four digits"))
    if faults:
        raise SessionRefused("TOKENIZATION_ERROR", "The card cannot be used", tuple(faults))
    return card


def _bill_to(body: Body) -> dict[str, str]:
    found = {name: body.optional_text(f"billTo.{name}") for name in _BILL_TO}
    return {name: value for name, value in found.items() if value is not None}
