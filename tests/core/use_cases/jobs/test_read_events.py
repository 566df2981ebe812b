"""Readers of committed events: in order, at least once, from a checkpoint of their own."""

import pytest

from adapters.memory import MemoryShop
from core.audit_log import AuditSearch, Subject
from core.identity import Actor
from core.use_cases.jobs.read_events import (
    BATCH,
    extend_log,
    read_events,
    reader_status,
    replay_events,
)
from coursetill_testing.contracts.samples import NOW, an_event_of, changing

CLERK = Actor.staff("ann")


@pytest.fixture
def shop():
    return MemoryShop()


def add(shop, *ids):
    with changing(shop.begin) as work:
        work.outbox.add([an_event_of("A", each) for each in ids])


def read(shop, handle, reader="books", **more):
    return read_events(reader, handle, begin=shop.begin, read=shop.read, **more)


def test_a_reader_handles_every_event_in_order_from_its_checkpoint(shop):
    handled = []
    add(shop, "1", "2")
    assert read(shop, handled.append) == 2
    add(shop, "3")
    assert read(shop, handled.append) == 1
    assert read(shop, handled.append) == 0
    assert [(each.offset, each.event.id) for each in handled] == [(1, "1"), (2, "2"), (3, "3")]


def test_readers_do_not_wait_for_each_other(shop):
    add(shop, "1", "2")
    assert read(shop, lambda _: None) == 2
    assert read(shop, lambda _: None, "invoices") == 2


def test_an_event_that_fails_is_retried_and_later_ones_wait(shop):
    add(shop, "1", "2", "3")
    handled = []

    def handle(logged):
        if logged.event.id == "2" and len(handled) == 1:
            raise OSError("no disk")
        handled.append(logged.event.id)

    with pytest.raises(OSError, match="no disk"):
        read(shop, handle)
    assert reader_status("books", read=shop.read).checkpoint == 1
    handled.append("mended")
    assert read(shop, handle) == 2
    assert handled == ["1", "mended", "2", "3"]


def test_a_reader_stops_at_the_limit(shop):
    add(shop, *map(str, range(BATCH + 20)))
    handled = []
    assert read(shop, handled.append, limit=BATCH + 5) == BATCH + 5
    assert len(handled) == BATCH + 5
    assert reader_status("books", read=shop.read).behind == 15


def test_a_replay_starts_at_the_given_event_and_is_audited(shop):
    add(shop, "1", "2", "3")
    read(shop, lambda _: None)
    before = replay_events(
        "books", after=1, by=CLERK, why="  a wrong rate ", begin=shop.begin, now=NOW
    )
    assert before == 3
    handled = []
    read(shop, handled.append)
    assert [each.event.id for each in handled] == ["2", "3"]
    with shop.read() as work:
        [entry] = work.audit_log.search(AuditSearch(subject=Subject("reader", "books")))
    assert (entry.by, entry.at) == (CLERK, NOW)
    assert (entry.what, entry.why) == ("replay after event 1, was at 3", "a wrong rate")


def test_a_replay_past_the_end_starts_at_the_end(shop):
    add(shop, "1", "2")
    replay_events("books", after=10, by=CLERK, why="", begin=shop.begin, now=NOW)
    add(shop, "3")
    handled = []
    read(shop, handled.append)
    assert [each.event.id for each in handled] == ["3"]


def test_a_running_reader_does_not_undo_a_replay(shop):
    add(shop, "1", "2", "3")
    handled = []

    def handle(logged):
        handled.append(logged.event.id)
        if handled == ["1", "2"]:
            replay_events("books", by=CLERK, why="", begin=shop.begin, now=NOW)

    assert read(shop, handle) == 3
    assert reader_status("books", read=shop.read).checkpoint == 0
    assert read(shop, handle) == 3
    assert handled == ["1", "2", "3", "1", "2", "3"]


def test_the_lag_of_a_reader_includes_events_not_yet_in_the_log(shop):
    add(shop, "1", "2")
    read(shop, lambda _: None)
    add(shop, "3", "4")
    status = reader_status("books", read=shop.read)
    assert (status.checkpoint, status.behind) == (2, 2)


def test_all_waiting_events_are_appended_to_the_log(shop):
    add(shop, *map(str, range(1500)))
    assert extend_log(begin=shop.begin) == 1500
    assert extend_log(begin=shop.begin) == 0
