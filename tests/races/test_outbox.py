"""Concurrent deliverers deliver each event once and keep the order per order."""

import threading

from core.messaging.outbox import OutboxSearch, Receiver
from coursetill_testing.contracts.samples import NOW, an_event_of, changing, hours
from tests.races.conftest import all_at_once

ORDERS, EVENTS, DELIVERERS = 7, 6, 12


def test_concurrent_deliverers_deliver_each_event_once_and_in_order(shop):
    with changing(shop.begin) as work:
        for number in range(EVENTS):
            work.outbox.add([an_event_of(f"SHOP-{n}", f"SHOP-{n}/{number}") for n in range(ORDERS)])
    told: list[str] = []
    lock = threading.Lock()

    def deliver(_):
        while not everything_is_delivered(shop):
            with changing(shop.begin) as work:
                entries = work.outbox.claim(Receiver.PLATFORM, NOW, until=NOW + hours(1), limit=3)
            with lock:
                told.extend(entry.event.id for entry in entries)
            for entry in entries:
                with changing(shop.begin) as work:
                    work.outbox.save(entry.delivered(NOW))

    _, refusals = all_at_once(deliver, DELIVERERS)
    assert refusals == []
    assert len(told) == ORDERS * EVENTS
    for n in range(ORDERS):
        own = [event for event in told if event.startswith(f"SHOP-{n}/")]
        assert own == [f"SHOP-{n}/{number}" for number in range(EVENTS)]


def everything_is_delivered(shop):
    with shop.read() as work:
        return work.outbox.search(OutboxSearch(state="waiting", limit=1)) == ()
