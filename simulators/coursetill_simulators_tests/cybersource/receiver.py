"""The merchant's own server, which the simulator writes to: it notes all that it is sent."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

import attrs
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wrappers import Request, Response


class _Quiet(WSGIRequestHandler):
    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing."""


@attrs.frozen
class Received:
    """A request as it came."""

    path: str
    headers: dict[str, str]
    body: bytes


@attrs.define
class Receiver:
    """Answers each request with the next of `answers`, and with 200 when they are used up."""

    url: str = ""
    answers: list[int] = attrs.field(factory=list)
    healthy: bool = True
    received: list[Received] = attrs.field(factory=list)
    # What the address /token answers; empty is a 401.
    grant: bytes = b""

    def answer(self, request: Request) -> Response:
        """Note the request, and answer it."""
        headers = {name.lower(): value for name, value in request.headers.items()}
        self.received.append(Received(request.path, headers, request.get_data()))
        if request.path == "/health":
            return Response(status=200 if self.healthy else 503)
        if request.path == "/token":
            return Response(self.grant, status=200 if self.grant else 401)
        return Response(status=self.answers.pop(0) if self.answers else 200)

    def asked(self) -> list[Received]:
        """What came to the address that gives tokens."""
        return [each for each in self.received if each.path == "/token"]

    def heard(self) -> list[Received]:
        """What came to the webhook's own address."""
        return [each for each in self.received if each.path == "/hooks"]


@contextmanager
def served_receiver() -> Iterator[Receiver]:
    """A receiver on a free port of this machine."""
    receiver = Receiver()
    app = Request.application(receiver.answer)
    server = make_server("127.0.0.1", 0, app, request_handler=_Quiet)
    receiver.url = f"http://127.0.0.1:{server.port}"
    thread = Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
