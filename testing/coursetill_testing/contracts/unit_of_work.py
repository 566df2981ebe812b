"""The contract of a unit of work."""

import threading

import pytest

from core.errors import Absent
from core.identity import Visitor
from core.products.product import ProductExists, Sku, SoldOut, UnknownProduct
from coursetill_testing.contracts.samples import (
    NOW,
    a_plain_order,
    a_plain_run,
    an_event_of,
    changing,
)

RUN = a_plain_run()


def test_the_next_transaction_reads_committed_changes(shop):
    with shop.begin() as work:
        work.products.add([RUN])
        work.commit()
    with shop.begin() as work:
        assert work.products.get(RUN.sku) == RUN
    with shop.read() as work:
        assert work.products.get(RUN.sku) == RUN


def test_a_block_without_commit_changes_nothing(shop):
    with shop.begin() as work:
        work.products.add([RUN])
        work.orders.add(a_plain_order())
        work.outbox.add([an_event_of("SHOP-1", "e-1")])
    with shop.read() as work:
        assert work.products.everything() == ()
        assert work.orders.overdue(NOW.replace(year=2040), 10) == ()
        with pytest.raises(Absent):
            work.products.get(RUN.sku)


def test_an_error_before_the_commit_undoes_all_changes(shop):
    def add_and_fail():
        with changing(shop.begin) as work:
            work.products.add([RUN])
            work.products.get(Sku("nowhere"))

    with pytest.raises(UnknownProduct):
        add_and_fail()
    with shop.read() as work:
        assert work.products.everything() == ()


def test_a_unit_of_work_reads_its_own_uncommitted_changes(shop):
    with shop.begin() as work:
        work.products.add([RUN])
        assert work.products.get(RUN.sku) == RUN


def test_a_unit_of_work_can_be_read_after_it_was_committed(shop):
    with shop.begin() as work:
        work.products.add([RUN])
        work.commit()
        assert work.products.get(RUN.sku) == RUN


def test_a_change_after_the_commit_is_not_stored(shop):
    with shop.begin() as work:
        work.products.add([RUN])
        work.commit()
        work.products.take_seats([RUN.sku])
    with shop.read() as work:
        assert work.products.get(RUN.sku).seats_taken == 0


def test_a_transaction_cannot_be_committed_after_a_refused_change(shop):
    with changing(shop.begin) as work:
        work.products.add([a_plain_run("one"), a_plain_run("full", seats=1, seats_taken=1)])
    with shop.begin() as work:
        with pytest.raises(SoldOut):
            work.products.take_seats([Sku("one"), Sku("full")])
        with pytest.raises(ValueError, match="refused"):
            work.commit()
    with shop.read() as work:
        assert work.products.get(Sku("one")).seats_taken == 0


def test_a_transaction_cannot_be_committed_after_a_conflict(shop):
    with shop.begin() as work:
        work.products.add([a_plain_run("one")])
        with pytest.raises(ProductExists):
            work.products.add([a_plain_run("one")])
        with pytest.raises(ValueError, match="refused"):
            work.commit()
    with shop.read() as work:
        assert work.products.everything() == ()


def test_a_read_changes_nothing(shop):
    with shop.read() as work, pytest.raises(ValueError, match="a look changes nothing"):
        work.products.add([RUN])
    with shop.read() as work, pytest.raises(ValueError, match="a look"):
        work.commit()
    with shop.read() as work:
        assert work.products.everything() == ()


def test_a_read_sees_one_moment(shop):
    with changing(shop.begin) as work:
        work.products.add([RUN])
    with shop.read() as looking:
        before = looking.products.get(RUN.sku)
        with changing(shop.begin) as work:
            work.products.take_seats([RUN.sku])
        assert looking.products.get(RUN.sku) == before
    with shop.read() as looking:
        assert looking.products.get(RUN.sku).seats_taken == 1


def test_concurrent_changes_all_happen(shop):
    threads = [
        threading.Thread(target=_save_a_basket, args=(shop, Visitor(f"v-{n}"))) for n in range(12)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with shop.read() as work:
        assert [work.baskets.of(Visitor(f"v-{n}")).version for n in range(12)] == [1] * 12
        assert work.baskets.of(Visitor("another")).version == 0


def _save_a_basket(shop, visitor):
    with changing(shop.begin) as work:
        work.baskets.save(work.baskets.of(visitor))
