"""Serves a web application on a local port, from a thread of its own."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable
from threading import Thread
from types import TracebackType
from typing import TYPE_CHECKING, Self

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

# How often the serving thread checks whether it must stop.
_POLL_SECONDS = 0.05


class _Quiet(WSGIRequestHandler):
    """A request handler that logs nothing."""

    protocol_version = "HTTP/1.1"

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Log nothing."""


class LoopbackServer:
    """
    Serves in a context: `with LoopbackServer(make, name="platform") as server`.

    `make` gets the URL, which is also `url`, and returns the application. Port 0 picks a free port.
    With `tls` it serves only https. Raises OSError if the port is taken, and the errors of `make`.
    """

    def __init__(
        self,
        make: Callable[[str], WSGIApplication],
        *,
        name: str,
        host: str = "127.0.0.1",
        port: int = 0,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._socket = socket.create_server((host, port))
        try:
            bound = self._socket.getsockname()[1]
            self.url = f"{'https' if tls else 'http'}://{host}:{bound}"
            self._server: BaseWSGIServer = make_server(
                host,
                bound,
                make(self.url),
                threaded=True,
                request_handler=_Quiet,
                ssl_context=tls,
                fd=self._socket.fileno(),
            )
        except BaseException:
            self._socket.close()
            raise
        self._thread = Thread(
            target=self._server.serve_forever, args=(_POLL_SECONDS,), name=name, daemon=True
        )

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        self._socket.close()
