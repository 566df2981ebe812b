"""Unified Checkout v1: POST /uc/v1/sessions, and the public key that verifies what it returns."""

from decimal import Decimal
from secrets import token_hex

from flask import Blueprint, Response, make_response

from adapters.cybersource.simulator.books.vault import SESSION_LIFETIME, Session
from adapters.cybersource.simulator.keys import SigningKey
from adapters.cybersource.simulator.mishaps.faults import Operation
from adapters.cybersource.simulator.sessions.capture_context import capture_context
from adapters.cybersource.simulator.sessions.schema import accepted, with_account_defaults
from adapters.cybersource.simulator.wire import answer, body_sent, delivered, require_authentication
from adapters.cybersource.simulator.workings import here

sessions = Blueprint("sessions", __name__)
sessions.before_request(require_authentication)

public_keys = Blueprint("public_keys", __name__)


@sessions.post("/uc/v1/sessions")
def create_session() -> Response:
    """A new session: 201 and the bare JWT, or 400 with what is wrong."""
    fault = here().faults.take(Operation.SESSIONS)
    return delivered(fault, _created)


def _created() -> Response:
    workings = here()
    settings = workings.settings
    wanted = accepted(body_sent(), allow_http_loopback=settings.allow_http_loopback)
    wanted = with_account_defaults(wanted, processing=settings.payment_processing)
    amounts = wanted["data"]["orderInformation"]["amountDetails"]
    session = Session(
        id=token_hex(8),
        key=SigningKey.generated(token_hex(16)),
        request=wanted,
        amount=Decimal(amounts["totalAmount"]),
        currency=amounts["currency"],
        target_origins=tuple(wanted["targetOrigins"]),
        expires_at=workings.now() + SESSION_LIFETIME,
    )
    workings.vault.keep_session(session)
    token = workings.key.signed(capture_context(session, workings.now(), workings.origin))
    return make_response(token, 201, {"Content-Type": "application/jwt"})


@public_keys.get("/flex/v2/public-keys/<key_id>")
def public_key(key_id: str) -> Response:
    """The long-lived key as a JWK, for anybody."""
    key = here().key
    if key_id != key.key_id:
        reply = answer({"message": "The requested resource does not exist"}, 404)
    else:
        reply = answer(key.public("sig"), 200)
    reply.headers["Access-Control-Allow-Origin"] = "*"
    return reply
