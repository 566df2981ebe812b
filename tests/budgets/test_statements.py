"""What each question and each change costs in statements, whatever the number of things.

The numbers are a promise: lower one when you can, and say why before you raise one.
"""

from contextlib import contextmanager

import attrs
import pytest

from adapters.sql.unit_of_work import SqlShop
from core.baskets.basket import Basket, Item
from core.discounts.discount import Limits
from core.identity import Actor
from core.messaging.outbox import OutboxSearch, Receiver
from core.money import Money
from core.orders.line import Fulfilment
from core.orders.order import OrderSearch
from core.orders.order_state import OrderState
from core.payments.attempt import AttemptState
from core.payments.refund import RefundState
from core.products.product import Listing, Sku
from core.products.search import CatalogueSearch
from coursetill_testing.contracts.samples import (
    ADA,
    BOB,
    NOW,
    a_plain_attempt,
    a_plain_discount,
    a_plain_line,
    a_plain_order,
    a_plain_program,
    a_plain_refund,
    a_plain_run,
    a_transaction,
    an_event_of,
    changing,
)

STAFF = Actor.staff("Zoë")

lines = pytest.mark.parametrize("lines", [1, 10, 100])


@pytest.fixture
def shop(engine):
    return SqlShop(engine)


@pytest.fixture
def costs(engine, count_statements):
    """Called with a number, guards a block that is to send exactly so many statements."""

    @contextmanager
    def costs(expected):
        with count_statements(engine) as counted:
            yield
        assert counted.count == expected, "\n\n".join(counted.statements)

    return costs


def skus(number):
    return [Sku(f"sku-{n}") for n in range(number)]


def stock(shop, number):
    """That many runs, each of a course of its own that is part of a program."""
    runs = [a_plain_run(str(sku), seats=9) for sku in skus(number)]
    with changing(shop.begin) as work:
        work.products.add([*runs, a_plain_program("P", *(str(run.course) for run in runs))])


def order_of(number, reference="SHOP-1", **different):
    sold = tuple(a_plain_line(n, str(sku)) for n, sku in enumerate(skus(number), start=1))
    order = a_plain_order(reference, lines=sold, **different)
    return order.placed(Actor.learner(ADA.id))


@lines
def test_reading_products(shop, costs, lines):
    stock(shop, lines)
    with shop.read() as work:
        with costs(2):
            page = work.products.search(CatalogueSearch(NOW, "course", open_only=True, limit=20))
        assert len(page.products) == min(lines, 20)
        with costs(1):
            found = work.products.among(skus(lines))
        assert {product.programs for product in found.values()} == {frozenset({Sku("P")})}
        with costs(1):
            work.products.get(Sku("P"))
        with costs(1):
            assert len(work.products.everything()) == lines + 1
        with costs(1):
            assert len(work.products.runs_of([run.course for run in found.values()])) == lines
        with costs(1):
            work.products.programs_with([run.course for run in found.values()])


@lines
def test_changing_products(shop, costs, lines):
    with costs(3):
        stock(shop, lines)
    with changing(shop.begin) as work:
        products = [product.repriced(Money(7), NOW) for product in work.products.everything()]
        runs = [product for product in products if product.course is not None]
        with costs(2):
            work.products.save(runs)
        with costs(4):
            work.products.save([p.listed(Listing.HIDDEN) for p in products if p.courses])
        with costs(1):
            work.products.take_seats(skus(lines))
        with costs(1):
            work.products.release_seats(skus(lines))


@lines
def test_baskets(shop, costs, lines):
    items = tuple(Item(sku, Money(1999), NOW) for sku in skus(lines))
    with changing(shop.begin) as work:
        with costs(2):
            work.baskets.save(Basket(ADA, items))
        with costs(1):
            basket = work.baskets.of(ADA)
        with costs(1):
            work.baskets.save(basket)
        with costs(1):
            basket = work.baskets.of(ADA)
        changed = attrs.evolve(basket.items[0], runs=frozenset({Sku("picked")}))
        with costs(3):
            work.baskets.save(attrs.evolve(basket, items=(changed, *basket.items[1:])))
        emptied = work.baskets.of(ADA).emptied().with_code(a_plain_discount().code)
        with costs(2):
            work.baskets.save(emptied)


@lines
def test_reading_orders(shop, costs, lines):
    with changing(shop.begin) as work:
        work.orders.add(order_of(lines, state=OrderState.PAID))
        for number in range(lines):
            order = a_plain_order(f"SHOP-X{number}", lines=(a_plain_line(1), a_plain_line(2)))
            work.orders.add(order)
    with shop.read() as work:
        with costs(1):
            assert len(work.orders.get("SHOP-1").lines) == lines
        with costs(1):
            assert len(work.orders.search(OrderSearch(learner=ADA.id))) == min(lines + 1, 20)
        with costs(1):
            assert len(work.orders.standing(ADA.id, "press-SHOP-1")) == lines + 1
        with costs(1):
            assert work.orders.standing(BOB.id, "none") == ()
        with costs(1):
            assert len(work.orders.owned(ADA.id, skus(lines))) == lines
        with costs(0):
            work.orders.owned(ADA.id, [])
        with costs(1):
            work.orders.overdue(NOW, 100)
        with costs(1):
            work.orders.history("SHOP-1")


@lines
def test_changing_orders(shop, costs, lines):
    with changing(shop.begin) as work:
        with costs(3):
            work.orders.add(order_of(lines))
        order = work.orders.get("SHOP-1")
        with costs(2):
            work.orders.save(order.noted(at=NOW, by=STAFF, why="only a note"))
        order = work.orders.get("SHOP-1").moved_to(OrderState.PAID, at=NOW, by=STAFF, why="paid")
        with costs(3):
            work.orders.save(
                order.with_lines(line.moved_to(Fulfilment.AWAITING) for line in order.lines)
            )
        with costs(1):
            order = work.orders.get("SHOP-1")
        with costs(1):
            work.orders.save(order.held(NOW.replace(year=2040)))
    with changing(shop.begin) as work, costs(3):
        work.orders.save(
            attrs.evolve(
                order.noted(at=NOW, by=STAFF, why="read in an earlier transaction"), version=3
            )
        )


@lines
def test_discounts(shop, costs, lines):
    discounts = [
        a_plain_discount(f"CODE-{n}", limits=Limits(max_per_learner=2, max_redemptions=5))
        for n in range(lines)
    ]
    with changing(shop.begin) as work:
        work.orders.add(order_of(1))
        for discount in discounts:
            work.discounts.add(discount)
        with costs(1):
            work.discounts.assign(discounts[0].id, [f"learner-{n}" for n in range(lines)])
        with costs(1):
            offers = work.discounts.offered([discount.code for discount in discounts], ADA, NOW)
        assert len(offers) == lines
        with costs(2):
            work.redemptions.reserve(discounts, "SHOP-1", ADA.id, NOW)
        with costs(0):
            work.redemptions.reserve([], "SHOP-1", ADA.id, NOW)
        with costs(1):
            work.redemptions.redeem("SHOP-1", NOW)
        with costs(1):
            assert len(work.redemptions.of("SHOP-1")) == lines
        with costs(2):
            work.redemptions.release("SHOP-1", NOW)
        with costs(1):
            work.redemptions.release("SHOP-1", NOW)


@lines
def test_payments(shop, costs, lines):
    with changing(shop.begin) as work:
        work.orders.add(order_of(1))
        for number in range(lines):
            with costs(1):
                work.attempts.add(a_plain_attempt(f"PAY-{number}", state=AttemptState.UNKNOWN))
        with costs(1):
            work.attempts.save(a_plain_attempt("PAY-0").with_form({"a": "b"}, NOW))
        with costs(1):
            assert len(work.attempts.of("SHOP-1")) == lines
        with costs(1):
            work.attempts.due_for_enquiry(NOW, 100)
        transaction = attrs.evolve(a_transaction(), attempt="PAY-0")
        with costs(1):
            work.transactions.add(transaction)
        with costs(1):
            work.transactions.of("SHOP-1")
        with costs(1):
            work.refunds.add(a_plain_refund(attempt="PAY-0"))
        with costs(1):
            work.refunds.save(a_plain_refund(attempt="PAY-0").moved_to(RefundState.SENT))
        with costs(1):
            work.refunds.of("SHOP-1")
        with costs(1):
            work.refunds.to_send(NOW, 100)


@lines
def test_the_outbox(shop, costs, lines):
    with changing(shop.begin) as work:
        with costs(1):
            work.outbox.add([an_event_of(f"SHOP-{n}", f"e-{n}") for n in range(lines)])
        with costs(1):
            entries = work.outbox.claim(
                Receiver.PLATFORM, NOW, until=NOW.replace(year=2040), limit=1000
            )
        assert len(entries) == lines
        with costs(1):
            work.outbox.save(entries[0].delivered(NOW))
        with costs(1):
            work.outbox.search(OutboxSearch(state="waiting", limit=1000))
