"""Runs the simulator on a local port, with a second thread that sends due messages."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from threading import Event, Thread
from types import TracebackType
from typing import Self

from flask import Flask

from coursetill_simulators.cybersource.app import create_simulator, registry_of
from coursetill_simulators.cybersource.guards import refuse_open_network
from coursetill_simulators.cybersource.settings import SimulatorSettings
from coursetill_simulators.cybersource.webhooks.subscription_store import SignatureKey
from coursetill_simulators.serving.loopback import LoopbackServer
from coursetill_simulators.serving.loopback_tls import LoopbackTls


class RunningSimulator:
    """
    Runs a simulator in a context: `with RunningSimulator(settings) as simulator`.

    Port 0 picks a free port; `url` contains it. Raises `NotLoopback` unless `host` is a loopback
    address, `BesideProduction` as `create_simulator` does, and OSError if the port is taken.

    Due webhooks and merchant posts are sent every `rounds_every` seconds; with None, only on a
    command. With `tls` it serves https, with a certificate of its own authority.
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
        tls: LoopbackTls | None = None,
    ) -> None:
        refuse_open_network(host)

        def make(url: str) -> Flask:
            app = create_simulator(settings, origin=url, now=now, pause=pause)
            self._registry = registry_of(app)
            return app

        self._server = LoopbackServer(
            make,
            name="cybersource-simulator",
            host=host,
            port=port,
            tls=tls.context if tls else None,
        )
        self.url = self._server.url
        self._rounds_every = rounds_every
        self._over = Event()
        self._rounds = Thread(target=self._go_round, name="cybersource-webhooks", daemon=True)

    def new_webhook_key(self) -> SignatureKey:
        """Create the key that signs webhooks from now on, as if the merchant had requested it."""
        return self._registry.new_webhook_key()

    def _go_round(self) -> None:
        while not self._over.wait(self._rounds_every):
            self._registry.send_due()

    def __enter__(self) -> Self:
        self._server.__enter__()
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
        self._server.__exit__(kind, error, traceback)
