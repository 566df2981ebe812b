"""The simulator on a port of this machine, served from a thread of its own."""

import socket
import time
from collections.abc import Callable
from datetime import UTC, datetime
from threading import Event, Thread
from types import TracebackType
from typing import Self

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from adapters.cybersource.simulator.app import create_simulator, workings_of
from adapters.cybersource.simulator.guards import refuse_open_network
from adapters.cybersource.simulator.settings import SimulatorSettings

# How often the serving thread looks whether it shall stop.
_POLL_SECONDS = 0.05


class _Quiet(WSGIRequestHandler):
    """Serves without a line on the terminal for each request."""

    protocol_version = "HTTP/1.1"

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing."""


class RunningSimulator:
    """
    A simulator that answers while it is entered: `with RunningSimulator(settings) as simulator`.

    Port 0 takes any free one; `url` says which. Raises `NotLoopback` where `host` is not this
    machine alone, `BesideProduction` as `create_simulator` does, and OSError where the port is
    taken.

    Webhooks and merchant posts that are due are sent every `rounds_every` seconds; with None,
    only on a command.
    """

    def __init__(
        self,
        settings: SimulatorSettings,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        pause: Callable[[float], None] = time.sleep,
        rounds_every: float | None = 0.5,
    ) -> None:
        refuse_open_network(host)
        self._socket = socket.create_server((host, port))
        try:
            bound = self._socket.getsockname()[1]
            self.url = f"http://{host}:{bound}"
            app = create_simulator(settings, origin=self.url, now=now, pause=pause)
            self._server: BaseWSGIServer = make_server(
                host, bound, app, threaded=True, request_handler=_Quiet, fd=self._socket.fileno()
            )
        except BaseException:
            self._socket.close()
            raise
        self._thread = Thread(
            target=self._server.serve_forever,
            args=(_POLL_SECONDS,),
            name="cybersource-simulator",
            daemon=True,
        )
        self._workings = workings_of(app)
        self._rounds_every = rounds_every
        self._over = Event()
        self._rounds = Thread(target=self._go_round, name="cybersource-webhooks", daemon=True)

    def _go_round(self) -> None:
        while not self._over.wait(self._rounds_every):
            self._workings.send_due()

    def __enter__(self) -> Self:
        self._thread.start()
        if self._rounds_every is not None:
            self._rounds.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._over.set()
        if self._rounds_every is not None:
            self._rounds.join()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        self._socket.close()
