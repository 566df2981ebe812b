"""Readers of the event log while events are committed in any order."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from core.use_cases.jobs.read_events import extend_log, read_events
from core.use_cases.jobs.run_job import JobSchedule, run_job
from coursetill_testing.contracts.samples import NOW, an_event_of, changing
from tests.races.conftest import all_at_once

WRITERS = 8
EACH = 25


def offsets(shop):
    with shop.read() as work:
        return [(each.offset, each.event.id) for each in work.event_log.read(0, 10_000)]


def test_an_event_committed_after_a_later_one_is_not_skipped(shop, database_url):
    """The first transaction takes the smaller sequence number and commits last.

    On SQLite there is one transaction at a time, so the second one begins after the first.
    """
    begun, seen = threading.Event(), threading.Event()
    at_once = database_url.startswith("postgresql")

    def slow():
        with shop.begin() as work:
            work.outbox.add([an_event_of("A", "slow")])
            begun.set()
            if at_once:
                assert seen.wait(30)
            work.commit()

    with ThreadPoolExecutor(1) as threads:
        ending = threads.submit(slow)
        assert begun.wait(30)
        with changing(shop.begin) as work:
            work.outbox.add([an_event_of("B", "fast")])
        handled = []
        read_events("books", handled.append, begin=shop.begin, read=shop.read)
        assert [each.event.id for each in handled] == ["fast"] if at_once else ["slow", "fast"]
        seen.set()
        ending.result(30)
    read_events("books", handled.append, begin=shop.begin, read=shop.read)
    assert sorted(each.event.id for each in handled) == ["fast", "slow"]
    assert [each.offset for each in handled] == [1, 2]


def test_a_reader_sees_every_event_once_beside_concurrent_writers(shop):
    """Each writer commits events of its order, one by one; two extend the log all the while."""
    over = threading.Event()
    handled = []

    def write(writer):
        for number in range(EACH):
            with changing(shop.begin) as work:
                work.outbox.add([an_event_of(f"ORDER-{writer}", f"{writer}:{number}")])

    def extend():
        while not over.is_set():
            extend_log(begin=shop.begin)

    def read():
        while not over.is_set():
            read_events("books", handled.append, begin=shop.begin, read=shop.read)

    with ThreadPoolExecutor(WRITERS + 3) as threads:
        others = [threads.submit(extend), threads.submit(extend), threads.submit(read)]
        try:
            for done in [threads.submit(write, writer) for writer in range(WRITERS)]:
                done.result(120)
        finally:
            over.set()
        for other in others:
            other.result(120)
    extend_log(begin=shop.begin)
    read_events("books", handled.append, begin=shop.begin, read=shop.read)
    assert [each.offset for each in handled] == list(range(1, WRITERS * EACH + 1))
    assert [(each.offset, each.event.id) for each in handled] == offsets(shop)
    for writer in range(WRITERS):
        own = [each.event.id for each in handled if each.event.reference == f"ORDER-{writer}"]
        assert own == [f"{writer}:{number}" for number in range(EACH)]


def test_a_job_started_by_many_processes_runs_once(shop):
    ran = []
    results, refusals = all_at_once(
        lambda number: run_job(
            "club/sweep",
            lambda: ran.append(number),
            schedule=JobSchedule(every=timedelta(hours=1)),
            holder=str(number),
            begin=shop.begin,
            now=NOW,
        )
    )
    assert refusals == []
    assert (len(ran), sum(result is not None for result in results)) == (1, 1)
