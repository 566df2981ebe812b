"""
POST /flex/v2/complete: Unified Checkout completes the payment, by the session's completeMandate.

It authenticates the payer (3DS), calls Decision Manager, pays, and answers with a result signed by
the session's key. No document shows the following, so it is assumed: the envelope and the key of
the result; where it contains the results of 3-D Secure and Decision Manager; that a decline is a
normal result; and that a failed authentication is an error without a result. The choice of
challenged payers is invented: two cards, or everybody (`SimulatorSettings.challenge_everybody`).
"""

from collections.abc import Mapping
from secrets import token_hex
from typing import Any
from uuid import uuid4

from flask import Blueprint, Response, make_response, request

from coursetill_simulators.cybersource.faults.reply_faults import Operation
from coursetill_simulators.cybersource.middleware import answer, delivered, sent
from coursetill_simulators.cybersource.registry import current_registry
from coursetill_simulators.cybersource.state.challenges import Challenge, ChallengeAnswer
from coursetill_simulators.cybersource.state.ledger import LedgerEntry, LedgerKind
from coursetill_simulators.cybersource.state.merchant_references import Notes, notes_in
from coursetill_simulators.cybersource.state.outcomes import (
    AUTHENTICATION_FAILED,
    AUTHORIZED,
    OUTCOMES,
    Outcome,
    approved_of,
    outcome_of,
)
from coursetill_simulators.cybersource.state.payment_bodies import payment_body
from coursetill_simulators.cybersource.state.vault import Session, TransientToken
from coursetill_simulators.cybersource.webhooks.events import completed
from coursetill_simulators.cybersource.wire_format.bodies import Body
from coursetill_simulators.cybersource.wire_format.refusals import SessionRefused

completions = Blueprint("completions", __name__)

# The first is the usual test card of 3-D Secure, the second means "authentication required".
CHALLENGED_CARDS = frozenset({"4000000000000002", "4000000000004756"})
_MANAGED = frozenset({"review", "risk-declined"})


@completions.post("/flex/v2/complete")
def complete() -> Response:
    """Pay with a transient token: the result, 202 with a challenge, or 400 with a reason."""
    registry = current_registry()
    if request.headers.get("Origin", registry.origin) != registry.origin:
        raise SessionRefused("COMPLETE_ERROR", "Only the card frame may complete a payment")
    body = sent()
    token = _token(body)
    challenge = _challenge(token, body)
    if challenge is not None:
        reference = {"id": challenge.id, "path": f"/uc/v1/challenges/{challenge.id}"}
        return answer({"challenge": reference}, 202)
    outcome = _outcome(token, body)
    fault = registry.faults.take(Operation.COMPLETIONS)
    return delivered(fault or outcome.fault, lambda: _completed(token, outcome))


def _token(body: Body) -> TransientToken:
    """The token, if it belongs to the session, has not expired, and may be completed here."""
    registry = current_registry()
    claims = registry.key.verified(str(body.at("captureContext")))
    session = registry.vault.session(str(claims["jti"])) if claims else None
    if session is None:
        raise SessionRefused("CAPTURE_CONTEXT_INVALID", "The capture context is not one of ours")
    if session.ended(registry.now()):
        raise SessionRefused("CAPTURE_CONTEXT_EXPIRED", "The capture context has expired")
    if session.mandate is None:
        raise SessionRefused("COMPLETE_NOT_ALLOWED", "The session has no completeMandate")
    named = session.key.verified(str(body.at("transientToken")))
    token = registry.vault.token(str(named.get("jti"))) if named else None
    if token is None or registry.now() >= token.expires_at:
        raise SessionRefused("COMPLETE_VALIDATION_ERROR", "The transient token is not usable")
    return token


def _mandate(session: Session) -> Mapping[str, Any]:
    return session.mandate or {}


def _challenge(token: TransientToken, body: Body) -> Challenge | None:
    """The open challenge of the payer, if any."""
    registry = current_registry()
    if _mandate(token.session)["consumerAuthentication"] != "3DS":
        return None
    everybody = registry.settings.challenge_everybody
    if not everybody and token.card.number not in CHALLENGED_CARDS:
        return None
    answered = registry.challenges.find(body.optional_text("authenticationId") or "")
    if answered is None or answered.token.id != token.id:
        made = Challenge(id=token_hex(16), token=token)
        registry.challenges.keep(made)
        return made
    if answered.answer is None:
        raise SessionRefused("COMPLETE_VALIDATION_ERROR", "The bank's question is not answered")
    if answered.answer is ChallengeAnswer.CANCEL:
        raise SessionRefused("COMPLETE_AUTHENTICATION_CANCELED", "The payer did not answer")
    if answered.answer is ChallengeAnswer.FAIL:
        _booked(token, AUTHENTICATION_FAILED)
        raise SessionRefused(
            "COMPLETE_AUTHENTICATION_FAILED", "The bank did not recognise the payer"
        )
    return None


def _outcome(token: TransientToken, body: Body) -> Outcome:
    session = token.session
    mandate = _mandate(session)
    known = session.order.get("billTo") or {}
    postal_code = token.bill_to.get("postalCode") or known.get("postalCode")
    found = outcome_of(
        token.card.number,
        session.amount,
        postal_code,
        amount_triggers=current_registry().settings.amount_triggers,
    )
    authenticated = body.optional_text("authenticationId") is not None
    if found is OUTCOMES["authentication-required"] and authenticated:
        return AUTHORIZED
    if found.name in _MANAGED and not mandate["decisionManager"]:
        return AUTHORIZED
    return found


def _completed(token: TransientToken, outcome: Outcome) -> Response:
    registry = current_registry()
    if outcome.refused:
        raise SessionRefused("COMPLETE_TRANSACTION_FAILED", outcome.message)
    payment = _booked(token, outcome)
    result = _result(payment)
    events = completed(result, now=registry.now(), trace_id=str(uuid4()))
    registry.webhooks.announce(events)
    issued = int(registry.now().timestamp())
    claims = {**result, "iss": "Flex/00", "iat": issued, "exp": issued + 900, "jti": token_hex(32)}
    signed = token.session.key.signed(claims)
    return make_response(signed, 201, {"Content-Type": "application/jwt"})


def _booked(token: TransientToken, outcome: Outcome) -> LedgerEntry:
    registry, session = current_registry(), token.session
    order = Body(session.request["data"])
    with registry.ledger.held():
        if not registry.vault.spend(token):
            raise SessionRefused("COMPLETE_VALIDATION_ERROR", "The transient token was used before")
        payment = LedgerEntry(
            id=registry.new_id(),
            kind=LedgerKind.PAYMENT,
            status=outcome.status,
            code=order.optional_text("clientReferenceInformation.code") or "",
            requested=session.amount,
            approved=approved_of(session.amount, outcome.share),
            currency=session.currency,
            submitted_at=registry.now(),
            outcome=outcome,
            capture=_mandate(session)["type"] in ("CAPTURE", "SALE"),
            card=token.card.on_file,
            bill_to={**(session.order.get("billTo") or {}), **token.bill_to},
            notes=notes_in(order) if registry.settings.pass_on_notes else Notes(),
        )
        registry.ledger.append(payment)
    return payment


def _result(payment: LedgerEntry) -> dict[str, Any]:
    body = payment_body(payment)
    details = {
        name: body[name]
        for name in (
            "clientReferenceInformation",
            "orderInformation",
            "processorInformation",
            "reconciliationId",
            "submitTimeUtc",
        )
    }
    if "errorInformation" in body:
        details["errorInformation"] = body["errorInformation"]
    return {
        "id": payment.id,
        "status": payment.status,
        "outcome": payment.status,
        "message": payment.outcome.message,
        "details": details,
    }
