"""The worker: a thread that runs maintenance and deliveries beside the web server."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from functools import partial
from types import TracebackType
from typing import Self

from core.errors import ShopError
from core.messaging.outbox import Receiver
from core.use_cases.jobs.deliver_events import DeliveryReport, deliver_events, expire_letters
from core.use_cases.jobs.maintenance import run_maintenance
from core.use_cases.jobs.read_events import extend_log
from entrypoints.composition.clock_and_ids import new_key
from entrypoints.composition.shop import Shop
from entrypoints.extensions.jobs import run_due
from entrypoints.extensions.loader import OpenExtension

EVERY_SECONDS = 15.0
_GRACE_SECONDS = 10.0

log = logging.getLogger("coursetill.worker")


class Worker:
    """Works in its own thread while the block runs. Leaving waits for the current round.

    Several workers may run at once, in several processes. A round leaves unfinished work to the
    next one. No failure ends the thread.
    """

    def __init__(self, shop: Shop, *, every: float = EVERY_SECONDS):
        self._shop = shop
        self._every = every
        self._ended = threading.Event()
        self._said: dict[str, str] = {}
        # Each part has a thread of its own, so that a slow mail server or a slow job of an
        # extension delays no enrolment.
        self._parts: dict[str, Callable[[], None]] = {
            "worker": self._work,
            "letters": self._send_letters,
            **{
                f"extension {each.name}": partial(self._run_extension, each)
                for each in shop.extensions
                if each.parts.readers or each.parts.jobs
            },
        }
        self._threads = [
            threading.Thread(target=self._run, args=(work,), name=name, daemon=True)
            for name, work in self._parts.items()
        ]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ended.set()
        until = time.monotonic() + _GRACE_SECONDS
        for thread in self._threads:
            thread.join(max(until - time.monotonic(), 0))

    def round(self) -> None:
        """Run one round. A failure of one part does not stop the others."""
        for work in self._parts.values():
            work()

    def _work(self) -> None:
        self._tried("upkeep", self._keep_up)
        # Without a receiver, events wait: a try would only count as a failure.
        if self._shop.settings.events is not None:
            self._tried("delivery", self._deliver)
        self._tried("event log", self._extend_log)

    def _send_letters(self) -> None:
        self._tried("letters", self._letters)

    def _run_extension(self, one: OpenExtension) -> None:
        self._tried(f"extension {one.name}", partial(self._jobs, one))

    def _run(self, work: Callable[[], None]) -> None:
        while not self._ended.is_set():
            work()
            self._ended.wait(self._every)

    def _tried(self, name: str, part: Callable[[], None]) -> None:
        try:
            part()
        except Exception as error:  # noqa: BLE001 - logged; the next round tries again
            self._failed(name, error)
        else:
            self._said.pop(name, None)

    def _failed(self, name: str, error: Exception) -> None:
        # Log a repeated failure in full only once, not every few seconds.
        news = repr(error) != self._said.get(name)
        self._said[name] = repr(error)
        fault = error if news and not isinstance(error, ShopError) else None
        told = "%s failed, the next round tries again: %s"
        log.log(logging.ERROR, told, name, error, exc_info=fault)

    def _keep_up(self) -> None:
        shop = self._shop
        done = run_maintenance(begin=shop.begin, gateway=shop.gateway, now=shop.now())
        if done.asked or done.given_up or done.refunds or done.messages or done.removed:
            told = (
                "upkeep: asked about %d payments, gave up %d orders, saw to %d refunds, "
                "acted on %d messages, removed %d old ones"
            )
            counts = done.asked, done.given_up, done.refunds, done.messages, done.removed
            log.info(told, *counts)
        for each in done.put_off:
            log.warning("upkeep: put off %s: %s", each.what, each.error)

    def _deliver(self) -> None:
        shop = self._shop
        done = deliver_events(begin=shop.begin, receiver=shop.receiver, now=shop.now())
        _tell("delivery", "events", done)

    def _extend_log(self) -> None:
        extend_log(begin=self._shop.begin)

    def _jobs(self, one: OpenExtension) -> None:
        shop = self._shop
        for result in run_due(one, begin=shop.begin, read=shop.read, now=shop.now, new_key=new_key):
            if result.error is None:
                self._said.pop(result.job, None)
            else:
                self._failed(result.job, result.error)

    def _letters(self) -> None:
        shop = self._shop
        late = expire_letters(begin=shop.begin, now=shop.now())
        # Without mail, letters expire unsent. That is expected, so it is not logged.
        if shop.settings.mail is None:
            return
        if late:
            log.warning("letters: %d were too late to send", late)
        done = deliver_events(
            Receiver.POST, begin=shop.begin, receiver=shop.letters, now=shop.now()
        )
        _tell("letters", "letters", done)


def _tell(name: str, what: str, done: DeliveryReport) -> None:
    if done.delivered:
        log.info("%s: %d %s", name, done.delivered, what)
    if done.failed:
        told = "%s: %d %s failed, %d of them given up"
        log.warning(told, name, done.failed, what, done.given_up)
