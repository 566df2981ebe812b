"""Sessions of Unified Checkout and Microform, and the public key that verifies their tokens."""

from decimal import Decimal
from secrets import token_hex

from flask import Blueprint, Response, make_response

from coursetill_simulators.cybersource.faults.reply_faults import Operation
from coursetill_simulators.cybersource.keys import SigningKey
from coursetill_simulators.cybersource.middleware import (
    answer,
    body_sent,
    delivered,
    require_authentication,
)
from coursetill_simulators.cybersource.registry import current_registry
from coursetill_simulators.cybersource.sessions.capture_context import capture_context
from coursetill_simulators.cybersource.sessions.generations import MICROFORM, V0, V1, Generation
from coursetill_simulators.cybersource.sessions.schema import accepted, with_account_defaults
from coursetill_simulators.cybersource.state.vault import SESSION_LIFETIME, Session

sessions = Blueprint("sessions", __name__)
sessions.before_request(require_authentication)

public_keys = Blueprint("public_keys", __name__)


@sessions.post("/uc/v1/sessions")
def create_session() -> Response:
    """Create a session: 201 and the bare JWT, or 400 with the faults."""
    return delivered(current_registry().faults.take(Operation.SESSIONS), lambda: _created(V1))


@sessions.post("/up/v1/capture-contexts")
def create_capture_context() -> Response:
    """Create a session of version 0."""
    return delivered(current_registry().faults.take(Operation.SESSIONS), lambda: _created(V0))


@sessions.post("/microform/v2/sessions")
def create_microform_session() -> Response:
    """Create a session for card fields in the shop's own form. It has no amount."""
    return delivered(
        current_registry().faults.take(Operation.SESSIONS), lambda: _created(MICROFORM)
    )


def _created(generation: Generation) -> Response:
    registry = current_registry()
    settings = registry.settings
    request = accepted(body_sent(), generation, allow_http_loopback=settings.allow_http_loopback)
    request = with_account_defaults(request, generation, processing=settings.payment_processing)
    order = request["data"]["orderInformation"] if generation.priced else {}
    amounts = order.get("amountDetails", {})
    session = Session(
        id=token_hex(8),
        key=SigningKey.generated(token_hex(16)),
        request=request,
        context_type=generation.context_type,
        library=generation.library,
        priced=generation.priced,
        amount=Decimal(amounts.get("totalAmount", 0)),
        currency=amounts.get("currency", ""),
        target_origins=tuple(request["targetOrigins"]),
        expires_at=registry.now() + SESSION_LIFETIME,
    )
    registry.vault.keep_session(session)
    token = registry.key.signed(capture_context(session, registry.now(), registry.origin))
    return make_response(token, 201, {"Content-Type": "application/jwt"})


@public_keys.get("/flex/v2/public-keys/<key_id>")
def public_key(key_id: str) -> Response:
    """The long-lived public key as a JWK."""
    fault = current_registry().faults.take(Operation.PUBLIC_KEYS)
    return delivered(fault, lambda: _published(key_id))


def _published(key_id: str) -> Response:
    key = current_registry().key
    if key_id != key.key_id:
        reply = answer({"message": "The requested resource does not exist"}, 404)
    else:
        reply = answer(key.public("sig"), 200)
    reply.headers["Access-Control-Allow-Origin"] = "*"
    return reply
