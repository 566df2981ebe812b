"""Between the wire and the views: the check at the door, and replies that go wrong."""

import json
import socket
from collections.abc import Callable

from flask import Response, jsonify, make_response, request

from adapters.cybersource.simulator.authentication import Call, NotAuthentic
from adapters.cybersource.simulator.bodies import Body
from adapters.cybersource.simulator.faults import Fault, Trouble
from adapters.cybersource.simulator.workings import here, written

_HTML = (
    "<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>"
)


def require_authentication() -> Response | None:
    """Let the request through, or answer 401 with the documented body."""
    workings = here()
    call = Call(
        method=request.method,
        target=request.environ["REQUEST_URI"],
        host=request.host,
        body=request.get_data(cache=True),
    )
    try:
        workings.gatekeeper.let_in(request.headers.get("Authorization"), call, workings.now())
    except NotAuthentic:
        return answer({"response": {"rmsg": "Authentication Failed"}}, 401)
    return None


def sent() -> Body:
    """The JSON object of the current request."""
    return Body.parsed(request.get_data(cache=True))


def answer(body: object, status: int = 201) -> Response:
    """A JSON reply."""
    return make_response(jsonify(body), status)


def delivered(fault: Fault | None, work: Callable[[], Response]) -> Response:
    """The reply of `work` as `fault` lets it through; without `committed` no work is done."""
    if fault is None:
        return work()
    reply = work() if fault.committed else answer({})
    match fault.trouble:
        case Trouble.DROP:
            return _hung_up()
        case Trouble.SYSTEM_ERROR | Trouble.SERVER_TIMEOUT:
            return _server_error(fault.trouble)
        case Trouble.HTML:
            return make_response(_HTML, 502, {"Content-Type": "text/html"})
        case Trouble.TRUNCATED | Trouble.CUT:
            return _halved(reply, promised=fault.trouble is Trouble.CUT)
        case Trouble.REPLY:
            return answer(fault.body, fault.status)
        case Trouble.DELAY:
            here().pause(fault.seconds or here().settings.slow_seconds)
        case Trouble.OUTCOME:
            pass
    return reply


def _server_error(trouble: Trouble) -> Response:
    reasons = {
        Trouble.SYSTEM_ERROR: ("SYSTEM_ERROR", "Error - General system failure."),
        Trouble.SERVER_TIMEOUT: (
            "SERVER_TIMEOUT",
            "Error - The request was received but there was a server timeout.",
        ),
    }
    reason, message = reasons[trouble]
    body = {
        "submitTimeUtc": written(here().now()),
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
    # Nothing can be written any more: the server notices, and closes the socket.
    return Response()
