"""Seats are not oversold by concurrent checkouts."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from core.audit_log import AuditSearch, Subject
from core.errors import Conflict
from core.identity import Actor
from core.money import Money
from core.products.product import FewerSeatsThanTaken, Sku, SoldOut
from core.use_cases.catalogue.edit_product import reprice, set_seats
from coursetill_testing.contracts.samples import NOW, a_plain_run, changing
from tests.races.conftest import CROWD, all_at_once, kinds

WAITS_FOR_A_LOCK = """
    SELECT 1 FROM pg_stat_activity
    WHERE wait_event_type = 'Lock' AND application_name = 'coursetill'
"""


def stock(shop, *skus, seats=None):
    with changing(shop.begin) as work:
        work.products.add([a_plain_run(sku, seats=seats) for sku in skus])


def taken(shop):
    with shop.read() as work:
        return [product.seats_taken for product in work.products.everything()]


@pytest.mark.parametrize("seats", [1, 7])
def test_concurrent_learners_get_exactly_the_available_seats(shop, seats):
    stock(shop, "wanted", seats=seats)

    def take(_):
        with changing(shop.begin) as work:
            work.products.take_seats([Sku("wanted")])

    got, refusals = all_at_once(take)
    assert len(got) == seats
    assert kinds(refusals) == {SoldOut}
    assert taken(shop) == [seats]


def test_a_program_takes_all_its_seats_or_none(shop):
    stock(shop, "program", "common", seats=100)
    stock(shop, "rare", seats=5)

    def take(number):
        skus = [Sku("program"), Sku("rare"), Sku("common")]
        with changing(shop.begin) as work:
            work.products.take_seats(skus[number % 3 :] + skus[: number % 3])

    got, _ = all_at_once(take)
    assert len(got) == 5
    assert taken(shop) == [5, 5, 5]


def test_two_programs_with_the_same_runs_do_not_deadlock(shop):
    stock(shop, "one", "two", "three", "four")
    runs = [Sku("one"), Sku("two"), Sku("three"), Sku("four")]

    def take_and_give_back(number):
        mine = runs if number % 2 else runs[::-1]
        with changing(shop.begin) as work:
            work.products.take_seats(mine)
        with changing(shop.begin) as work:
            work.products.release_seats(mine[:2])

    got, refusals = all_at_once(take_and_give_back)
    assert (len(got), refusals) == (CROWD, [])
    assert sum(taken(shop)) == 2 * CROWD


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
@pytest.mark.parametrize("order_on_disk", [["a", "b"], ["b", "a"]])
def test_seats_are_locked_in_order_of_sku(shop, postgresql, order_on_disk):
    """One learner holds a seat in `a` and goes on to `b`; another takes both at the same time.

    The other waits for `a` with nothing in its hands. If it had locked `b` first, each would wait
    for the other: PostgreSQL ends one of them, and the fixture finds the deadlock counted.
    """
    for sku in order_on_disk:
        stock(shop, sku, seats=CROWD)

    def take_both():
        with changing(shop.begin) as work:
            work.products.take_seats([Sku("a"), Sku("b")])

    with ThreadPoolExecutor(max_workers=1) as threads, shop.begin() as work:
        work.products.take_seats([Sku("a")])
        other = threads.submit(take_both)
        while not (other.done() or postgresql.admin.execute(WAITS_FOR_A_LOCK).fetchone()):
            pass
        assert not other.done()
        work.products.take_seats([Sku("b")])
        work.commit()
        other.result(timeout=60)
    assert taken(shop) == [2, 2]


def test_staff_cannot_lower_seats_below_those_just_taken(shop):
    stock(shop, "wanted", seats=CROWD)

    def change(number):
        with changing(shop.begin) as work:
            if number % 2:
                work.products.take_seats([Sku("wanted")])
            else:
                work.products.save([a_plain_run("wanted", seats=10)])

    all_at_once(change)
    with shop.read() as work:
        product = work.products.get(Sku("wanted"))
    assert product.seats_taken <= product.seats


def test_concurrent_changes_of_prices_and_seats_are_stored_or_refused(shop):
    stock(shop, "wanted", seats=CROWD)
    about = {"by": Actor.staff("ann"), "why": "new term", "begin": shop.begin, "now": NOW}

    def change(number):
        sku = Sku("wanted")
        if number % 3 == 0:
            with changing(shop.begin) as work:
                work.products.take_seats([sku])
        elif number % 3 == 1:
            reprice(sku, Money(1000 + number), **about)
        else:
            set_seats(sku, number, **about)

    _, refusals = all_at_once(change)
    assert all(
        isinstance(refusal, FewerSeatsThanTaken | SoldOut | Conflict) for refusal in refusals
    )
    with shop.read() as work:
        product, prices = work.products.get(Sku("wanted")), work.products.prices(Sku("wanted"))
        changes = work.audit_log.search(AuditSearch(Subject.product("wanted"), limit=1000))
    assert product.seats_taken <= product.seats
    assert [version.number for version in prices] == list(range(1, len(prices) + 1))
    assert product.price_version == prices[-1]
    assert len(prices) - 1 == sum(change.what.startswith("price") for change in changes)
