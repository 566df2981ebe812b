"""The worker beside the pages: what a round does, and that no failure ends it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

import attrs
import pytest

from core.messaging.outbox import Event
from core.unit_of_work import UnitOfWork
from coursetill_testing.command_line import CommandLine
from entrypoints.composition.shop import Shop
from entrypoints.processes.worker import Worker

RUN = "6.431x-1T2027"


def test_a_round_expires_holds_and_delivers_events(till: CommandLine) -> None:
    paid, late = till.paid(RUN), till.ordered("24.09x-1T2027")
    till.clock.advance(hours=1)
    Worker(till.shop).round()
    assert till.shape("orders", "show", late)["state"] == "expired"
    assert till.shape("orders", "show", paid)["lines"][0]["fulfilment"] == "fulfilled"
    assert len(till.receiver.heard) == 5


def test_no_event_is_tried_without_a_receiver(till: CommandLine) -> None:
    till.paid(RUN)
    alone = attrs.evolve(till.shop.settings, events=None)
    Worker(attrs.evolve(till.shop, settings=alone)).round()
    assert {event["tries"] for event in till.shape("outbox", "list")["events"]} == {0}


@attrs.define
class Moody:
    """Records that fail while they are told to; the first success after that is announced."""

    shop: Shop
    failing: bool = True
    failures: int = 0
    worked: threading.Event = attrs.field(factory=threading.Event)
    failed: threading.Event = attrs.field(factory=threading.Event)

    def begin(self) -> AbstractContextManager[UnitOfWork]:
        if self.failing:
            self.failures += 1
            self.failed.set()
            raise RuntimeError("the disk is full")
        self.worked.set()
        return self.shop.begin()


def test_a_failed_round_does_not_stop_the_worker(till: CommandLine) -> None:
    moody = Moody(till.shop)
    with Worker(attrs.evolve(till.shop, begin=moody.begin), every=0.01):
        assert moody.failed.wait(10)
        moody.failing = False
        assert moody.worked.wait(10)


def test_a_failed_part_of_a_round_does_not_block_the_other(till: CommandLine) -> None:
    till.paid(RUN)
    calls = iter([True])

    @contextmanager
    def begin() -> Iterator[UnitOfWork]:
        if next(calls, False):
            raise RuntimeError("only the first time")
        with till.shop.begin() as work:
            yield work

    Worker(attrs.evolve(till.shop, begin=begin)).round()
    assert len(till.receiver.heard) == 3


def test_a_repeated_failure_is_logged_in_full_once(
    till: CommandLine, caplog: pytest.LogCaptureFixture
) -> None:
    moody = Moody(till.shop)
    worker = Worker(attrs.evolve(till.shop, begin=moody.begin))
    for _ in range(3):
        worker.round()
    of_upkeep = [record for record in caplog.records if "upkeep" in record.getMessage()]
    assert [bool(record.exc_info) for record in of_upkeep] == [True, False, False]
    assert "the disk is full" in of_upkeep[2].getMessage()


def test_a_round_logs_its_work_and_nothing_if_idle(
    till: CommandLine, caplog: pytest.LogCaptureFixture
) -> None:
    till.ordered(RUN)
    till.clock.advance(hours=1)
    worker = Worker(till.shop)
    with caplog.at_level(logging.INFO):
        worker.round()
        worker.round()
    kept_up, delivered = (record.getMessage() for record in caplog.records)
    did = "asked about 0 payments, gave up 1 orders, saw to 0 refunds"
    assert kept_up == f"upkeep: {did}, acted on 0 messages, removed 0 old ones"
    assert delivered == "delivery: 2 events"


@attrs.define
class Slow:
    """A receiver that holds the first event until it is let go."""

    began: threading.Event = attrs.field(factory=threading.Event)
    let_go: threading.Event = attrs.field(factory=threading.Event)
    ended: bool = False

    def receive(self, event: Event, /) -> None:
        self.began.set()
        self.let_go.wait(10)
        self.ended = True


def test_shutdown_waits_for_the_current_round(till: CommandLine) -> None:
    till.ordered(RUN)
    slow = Slow()
    with Worker(attrs.evolve(till.shop, receiver=slow), every=0.01):
        assert slow.began.wait(10)
        threading.Timer(0.05, slow.let_go.set).start()
    assert slow.ended
