"""What only PostgreSQL, where several changes go on at once, could get wrong."""

import threading

import attrs
import pytest

from adapters.sql.engine import open_engine
from adapters.sql.unit_of_work import SqlShop
from core.baskets.basket import Basket, Item
from core.errors import Unavailable
from core.money import Money
from core.orders.line import Fulfilment
from core.products.product import Sku
from coursetill_testing.contracts.samples import (
    ADA,
    NOW,
    a_plain_discount,
    a_plain_line,
    a_plain_order,
    a_plain_run,
    changing,
)


@pytest.fixture
def shop(postgres_url):
    engine = open_engine(postgres_url)
    yield SqlShop(engine)
    engine.dispose()


def take(work, *names):
    work.products.take_seats([Sku(name) for name in names])


def reserve(work, *names):
    work.redemptions.reserve([a_plain_discount(name) for name in names], "SHOP-1", ADA.id, NOW)


@pytest.mark.parametrize("take_one_of_each", [take, reserve])
def test_rows_are_locked_in_one_order(shop, postgresql, take_one_of_each):
    with changing(shop.begin) as work:
        work.orders.add(a_plain_order())
        for name in ("C", "B", "A"):
            work.products.add([a_plain_run(name)])
            work.discounts.add(a_plain_discount(name))

    def take_all():
        with shop.begin() as work:
            take_one_of_each(work, "C", "B", "A")

    waiting = threading.Thread(target=take_all)
    with shop.begin() as first:
        take_one_of_each(first, "A")
        waiting.start()
        while not somebody_waits(postgresql):
            pass
        # Whoever waits for A has not taken hold of B or C yet.
        with shop.begin() as second:
            take_one_of_each(second, "B", "C")
    waiting.join(30)


def somebody_waits(postgresql):
    query = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
    return postgresql.admin.execute(query).fetchone()[0] > 0


def test_a_line_changed_after_it_was_read_is_written(shop):
    lines = (a_plain_line(1, "one"), a_plain_line(2, "two"))
    with changing(shop.begin) as work:
        work.orders.add(a_plain_order(lines=lines))
    with changing(shop.begin) as slow:
        before = slow.orders.get("SHOP-1")
        with changing(shop.begin) as quick:
            order = quick.orders.get("SHOP-1")
            quick.orders.save(order.with_lines([lines[0].moved_to(Fulfilment.AWAITING)]))
        slow.orders.save(attrs.evolve(before, version=1))
    with shop.read() as work:
        assert work.orders.get("SHOP-1") == attrs.evolve(before, version=2)


def test_items_changed_after_they_were_read_are_written(shop):
    item = Item(Sku("one"), Money(1999), NOW)
    with changing(shop.begin) as work:
        work.baskets.save(Basket(ADA, (item,)))
    with changing(shop.begin) as slow:
        before = slow.baskets.of(ADA)
        with changing(shop.begin) as quick:
            quick.baskets.save(quick.baskets.of(ADA).emptied())
        slow.baskets.save(attrs.evolve(before, version=2))
    with shop.read() as work:
        assert work.baskets.of(ADA) == attrs.evolve(before, version=3)


def test_a_change_that_waits_too_long_for_a_lock_is_unavailable(postgres_url, shop):
    with changing(shop.begin) as work:
        work.products.add([a_plain_run("A")])
    hasty = open_engine(f"{postgres_url}&options=-c%20lock_timeout%3D10ms")
    with shop.begin() as first:
        take(first, "A")
        with SqlShop(hasty).begin() as second, pytest.raises(Unavailable):
            take(second, "A")
    hasty.dispose()
