"""The worker: round after round of upkeep and deliveries, beside the pages."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self

from core.errors import ShopError
from core.fulfilment import deliver
from core.upkeep import keep_up
from entrypoints.bootstrap import Shop

EVERY_SECONDS = 15.0
_GRACE_SECONDS = 10.0

log = logging.getLogger("coursetill.worker")


class Worker:
    """Works in a thread of its own while it is entered; leaving lets the round end first.

    Any number of workers may run at once, in any number of processes. What one round cannot do
    is left to the next; no failure ends the thread.
    """

    def __init__(self, shop: Shop, *, every: float = EVERY_SECONDS):
        self._shop = shop
        self._every = every
        self._ended = threading.Event()
        self._said: dict[str, str] = {}
        self._thread = threading.Thread(target=self._run, name="worker", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ended.set()
        self._thread.join(_GRACE_SECONDS)

    def round(self) -> None:
        """One round: each part is tried, whatever became of the other."""
        self._tried("upkeep", self._keep_up)
        # Without a receiver an event waits; a try would only count as one more failure.
        if self._shop.settings.events is not None:
            self._tried("delivery", self._deliver)

    def _run(self) -> None:
        while not self._ended.is_set():
            self.round()
            self._ended.wait(self._every)

    def _tried(self, name: str, part: Callable[[], None]) -> None:
        try:
            part()
        except Exception as error:
            # Where it failed is told once, not every few seconds for as long as it lasts.
            news = repr(error) != self._said.get(name)
            self._said[name] = repr(error)
            fault = news and not isinstance(error, ShopError)
            told = "%s failed, the next round tries again: %s"
            log.log(logging.ERROR, told, name, error, exc_info=fault)
        else:
            self._said.pop(name, None)

    def _keep_up(self) -> None:
        shop = self._shop
        done = keep_up(begin=shop.begin, gateway=shop.gateway, now=shop.now())
        if done.asked or done.given_up or done.refunds or done.messages:
            told = (
                "upkeep: asked about %d payments, gave up %d orders, saw to %d refunds, "
                "acted on %d messages"
            )
            log.info(told, done.asked, done.given_up, done.refunds, done.messages)
        for each in done.put_off:
            log.warning("upkeep: put off %s", each)

    def _deliver(self) -> None:
        shop = self._shop
        done = deliver(begin=shop.begin, receiver=shop.receiver, now=shop.now())
        if done.delivered:
            log.info("delivery: %d events", done.delivered)
        if done.failed:
            log.warning(
                "delivery: %d events failed, %d of them given up", done.failed, done.given_up
            )
