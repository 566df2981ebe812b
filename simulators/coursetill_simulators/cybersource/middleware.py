"""Middleware: authenticates each request, and applies faults to replies."""

import json
import socket
from collections.abc import Callable

from flask import Response, g, jsonify, make_response, request

from coursetill_simulators.cybersource.authentication.calls import (
    Admission,
    IncomingCall,
    NotAuthentic,
)
from coursetill_simulators.cybersource.authentication.message_encryption import ENDPOINTS
from coursetill_simulators.cybersource.faults.reply_faults import Fault, FaultKind
from coursetill_simulators.cybersource.registry import current_registry
from coursetill_simulators.cybersource.wire_format.bodies import Body
from coursetill_simulators.cybersource.wire_format.moments import written
from coursetill_simulators.cybersource.wire_format.refusals import Refusal

_HTML = (
    "<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>"
)


def require_authentication() -> Response | None:
    """Authenticate the request, or answer 401 with the documented body."""
    registry = current_registry()
    call = IncomingCall(
        method=request.method,
        target=request.environ["REQUEST_URI"],
        host=request.host,
        body=request.get_data(cache=True),
        moment=registry.now(),
        headers=dict(request.headers),
    )
    try:
        g.admission = registry.gatekeeper.let_in(call)
    except NotAuthentic:
        return answer({"response": {"rmsg": "Authentication Failed"}}, 401)
    reply_key_id = g.admission.reply_key_id
    if encrypts_here() and reply_key_id and not registry.envelopes.knows_reply_key(reply_key_id):
        g.admission = Admission(may_encrypt=True)
        raise Refusal("INVALID_DATA", "Declined - v-c-response-mle-kid names no known key")
    return None


def encrypts_here() -> bool:
    """Whether the endpoint of the request supports message-level encryption."""
    return _endpoint() in ENDPOINTS


def body_sent() -> bytes:
    """
    The decrypted body of the current request.

    Raises Refusal if it is encrypted but must not be, is plain but must be encrypted, or is not
    readable.
    """
    raw = request.get_data(cache=True)
    envelope = _envelope(raw)
    if envelope is None:
        if _endpoint() in current_registry().settings.mle_mandatory:
            raise Refusal(
                "INVALID_DATA", "Declined - Message-level encryption is mandatory for this request"
            )
        return raw
    if not encrypts_here() or not g.admission.may_encrypt:
        raise Refusal(
            "INVALID_DATA", "Declined - Message-level encryption is not supported for this request"
        )
    return current_registry().envelopes.opened(envelope)


def sent() -> Body:
    """The JSON object of the current request."""
    return Body.parsed(body_sent())


def sealed(reply: Response) -> Response:
    """Encrypt the reply if the caller requested it and the endpoint supports it."""
    admission: Admission | None = g.get("admission")
    if admission is None or admission.reply_key_id is None or not encrypts_here():
        return reply
    registry = current_registry()
    closed = registry.envelopes.closed(reply.get_data(), admission.reply_key_id, registry.now())
    reply.set_data(json.dumps({"encryptedResponse": closed}))
    return reply


def _endpoint() -> str:
    """The last fixed part of the path: "refunds" of /pts/v2/payments/1/refunds."""
    rule = request.url_rule.rule if request.url_rule else ""
    fixed = [part for part in rule.strip("/").split("/") if not part.startswith("<")]
    return fixed[-1] if fixed else ""


def _envelope(raw: bytes) -> object:
    try:
        content = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    return content.get("encryptedRequest") if isinstance(content, dict) else None


def answer(body: object, status: int = 201) -> Response:
    """A JSON reply."""
    return make_response(jsonify(body), status)


def delivered(fault: Fault | None, work: Callable[[], Response]) -> Response:
    """The reply of `work` with `fault` applied; without `committed` no work is done."""
    if fault is None:
        return sealed(work())
    if fault.kind is FaultKind.DELAY and not fault.committed:
        _wait(fault)
        return sealed(work())
    reply = sealed(work() if fault.committed else answer({}))
    if fault.kind in (FaultKind.DELAY, FaultKind.HANG):
        _wait(fault)
    return _spoilt(reply, fault)


def _spoilt(reply: Response, fault: Fault) -> Response:
    match fault.kind:
        case FaultKind.DROP | FaultKind.HANG:
            return _hung_up()
        case FaultKind.SYSTEM_ERROR | FaultKind.SERVER_TIMEOUT:
            return _server_error(fault.kind)
        case FaultKind.HTML:
            return make_response(_HTML, 502, {"Content-Type": "text/html"})
        case FaultKind.TRUNCATED | FaultKind.CUT:
            return _halved(reply, promised=fault.kind is FaultKind.CUT)
        case FaultKind.REPLY:
            return answer(fault.body, fault.status)
        case FaultKind.WRONG_SIGNATURE:
            return _forged(reply)
        case FaultKind.DELAY | FaultKind.OUTCOME:
            return reply


def _wait(fault: Fault) -> None:
    current_registry().pause(fault.seconds or current_registry().settings.slow_seconds)


def _forged(reply: Response) -> Response:
    """The token with an invalid signature. A text that is not a token stays unchanged."""
    if reply.mimetype == "application/jwt":
        signed, _, signature = reply.get_data(as_text=True).rpartition(".")
        reply.set_data(f"{signed}.{signature[::-1]}")
    return reply


def _server_error(kind: FaultKind) -> Response:
    reasons = {
        FaultKind.SYSTEM_ERROR: ("SYSTEM_ERROR", "Error - General system failure."),
        FaultKind.SERVER_TIMEOUT: (
            "SERVER_TIMEOUT",
            "Error - The request was received but there was a server timeout.",
        ),
    }
    reason, message = reasons[kind]
    body = {
        "submitTimeUtc": written(current_registry().now()),
        "status": "SERVER_ERROR",
        "reason": reason,
        "message": message,
    }
    return answer(body, 502)


def _halved(reply: Response, *, promised: bool) -> Response:
    whole = reply.get_data() or json.dumps({"status": "AUTHORIZED"}).encode()
    halved = make_response(whole[: len(whole) // 2], reply.status_code)
    halved.headers["Content-Type"] = reply.headers["Content-Type"]
    if promised:
        halved.headers["Content-Length"] = str(len(whole))
    return halved


def _hung_up() -> Response:
    connection = request.environ.get("werkzeug.socket")
    if not isinstance(connection, socket.socket):
        raise ConnectionResetError("the simulator hung up")
    connection.shutdown(socket.SHUT_RDWR)
    # Writing is no longer possible; the server notices and closes the socket.
    return Response()
