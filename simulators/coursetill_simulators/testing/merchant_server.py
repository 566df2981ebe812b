"""The merchant's own server, which stores all requests of the simulator."""

from collections.abc import Iterator
from contextlib import contextmanager

import attrs
from werkzeug.wrappers import Request, Response

from coursetill_simulators.serving.loopback import LoopbackServer


@attrs.frozen
class ReceivedRequest:
    """A received request. Header names are lower case."""

    path: str
    headers: dict[str, str]
    body: bytes


@attrs.define
class MerchantServer:
    """Answers each request with the next status of `answers`, then with 200.

    /health answers by `healthy`; /token answers with `grant`, or 401 if it is empty.
    """

    url: str = ""
    answers: list[int] = attrs.field(factory=list)
    healthy: bool = True
    grant: bytes = b""
    received: list[ReceivedRequest] = attrs.field(factory=list)

    def answer(self, request: Request) -> Response:
        """Store the request, and answer it."""
        headers = {name.lower(): value for name, value in request.headers.items()}
        self.received.append(ReceivedRequest(request.path, headers, request.get_data()))
        if request.path == "/health":
            return Response(status=200 if self.healthy else 503)
        if request.path == "/token":
            return Response(self.grant, status=200 if self.grant else 401)
        return Response(status=self.answers.pop(0) if self.answers else 200)

    def token_requests(self) -> list[ReceivedRequest]:
        """The requests to /token, oldest first."""
        return [each for each in self.received if each.path == "/token"]

    def webhooks(self) -> list[ReceivedRequest]:
        """The requests to /hooks, oldest first."""
        return [each for each in self.received if each.path == "/hooks"]


@contextmanager
def running_merchant_server() -> Iterator[MerchantServer]:
    """A merchant's server on a free local port."""
    merchant = MerchantServer()
    application = Request.application(merchant.answer)
    with LoopbackServer(lambda _: application, name="merchant-server") as server:
        merchant.url = server.url
        yield merchant
