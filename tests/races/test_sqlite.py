"""Writers on SQLite wait for each other and never fail because the database is locked."""

import threading

import pytest

from adapters.sql.engine import open_engine
from adapters.sql.unit_of_work import SqlShop
from core.identity import Visitor
from coursetill_testing.contracts.samples import a_basket, changing
from tests.races.conftest import CROWD, all_at_once


@pytest.fixture
def shops(sqlite_url):
    """One database, opened twice, as two processes would."""
    engines = [open_engine(sqlite_url, connections=CROWD) for _ in range(2)]
    try:
        yield [SqlShop(engine) for engine in engines]
    finally:
        for engine in engines:
            engine.dispose()


def test_writers_and_readers_of_two_processes_wait_for_each_other(shops):
    def use(number):
        shop = shops[number % 2]
        for visit in range(3):
            with changing(shop.begin) as work:
                visitor = Visitor(f"v-{number}-{visit}")
                assert work.baskets.of(visitor).version == 0
                work.baskets.save(work.baskets.of(visitor).emptied())
            with shop.read() as work:
                assert work.baskets.of(visitor).version == 1

    got, refusals = all_at_once(use)
    assert (len(got), refusals) == (CROWD, [])


def test_writers_of_one_process_write_in_order_of_arrival(shops):
    shop, order = shops[0], []

    def write(number):
        with shop.begin():
            order.append(number)

    with shop.begin():
        threads = []
        for number in range(8):
            threads.append(threading.Thread(target=write, args=(number,)))
            threads[-1].start()
            while shop._turns.waiting <= number:
                pass
    for thread in threads:
        thread.join(30)
    assert order == list(range(8))


def test_a_long_read_does_not_delay_writers(shops):
    with shops[0].read() as looking:
        before = looking.baskets.of(a_basket().shopper)

        def use(_):
            with changing(shops[1].begin) as work:
                basket = work.baskets.of(a_basket().shopper)
                work.baskets.save(basket.emptied())

        _, refusals = all_at_once(use, 10)
        assert refusals == []
        assert looking.baskets.of(a_basket().shopper) == before
    with shops[0].read() as looking:
        assert looking.baskets.of(a_basket().shopper).version == 10
