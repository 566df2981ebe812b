"""Unique changes of an order happen once under concurrency."""

from core.errors import Conflict
from core.orders.order_state import OrderState
from core.payments.attempt import AttemptState
from coursetill_testing.contracts.samples import (
    ADA,
    NOW,
    a_plain_attempt,
    a_plain_order,
    a_transaction,
    changing,
    some_news,
)
from tests.races.conftest import CROWD, all_at_once


def only_conflicts(refusals):
    return all(isinstance(refusal, Conflict) for refusal in refusals)


def test_concurrent_checkouts_with_one_request_key_make_one_order(shop):
    def place(number):
        with changing(shop.begin) as work:
            work.orders.add(a_plain_order(f"SHOP-{number}", request_key="one press"))

    got, refusals = all_at_once(place)
    assert len(got) == 1
    assert only_conflicts(refusals)
    with shop.read() as work:
        assert len(work.orders.standing(ADA.id, "one press")) == 1


def test_concurrent_changes_of_one_version_of_an_order_keep_one(shop):
    with changing(shop.begin) as work:
        work.orders.add(a_plain_order())
    with shop.read() as work:
        order = work.orders.get("SHOP-1")

    def change(number):
        with changing(shop.begin) as work:
            work.orders.save(order.noted(at=NOW, by=some_news().by, why=f"change {number}"))

    got, refusals = all_at_once(change)
    assert len(got) == 1
    assert only_conflicts(refusals)
    with shop.read() as work:
        assert work.orders.get("SHOP-1").version == 1
        assert len(work.orders.history("SHOP-1")) == 1


def test_a_learner_buys_a_product_once(shop):
    with changing(shop.begin) as work:
        for number in range(CROWD):
            work.orders.add(a_plain_order(f"SHOP-{number}"))

    def pay(number):
        with changing(shop.begin) as work:
            order = work.orders.get(f"SHOP-{number}")
            work.orders.save(order.moved_to(OrderState.PAID, at=NOW, by=some_news().by, why="paid"))

    got, refusals = all_at_once(pay)
    assert len(got) == 1
    assert only_conflicts(refusals)
    with shop.read() as work:
        states = [work.orders.get(f"SHOP-{number}").state for number in range(CROWD)]
    assert sorted(state.value for state in states) == ["paid"] + ["pending"] * (CROWD - 1)


def attempts(shop, *, of_one_order):
    with changing(shop.begin) as work:
        for number in range(CROWD):
            work.orders.add(a_plain_order(f"SHOP-{number}"))
        for number in range(CROWD):
            reference = f"SHOP-{0 if of_one_order else number}"
            work.attempts.add(a_plain_attempt(f"PAY-{number}", reference=reference))


def test_an_order_is_captured_once(shop):
    attempts(shop, of_one_order=True)

    def capture(number):
        with changing(shop.begin) as work:
            attempt = work.attempts.get(f"PAY-{number}")
            work.attempts.save(attempt.moved_to(AttemptState.CAPTURED))

    got, refusals = all_at_once(capture)
    assert len(got) == 1
    assert only_conflicts(refusals)
    with shop.read() as work:
        states = [attempt.state for attempt in work.attempts.of("SHOP-0")]
    assert states.count(AttemptState.CAPTURED) == 1


def test_a_token_pays_once(shop):
    attempts(shop, of_one_order=False)

    def pay(number):
        with changing(shop.begin) as work:
            attempt = work.attempts.get(f"PAY-{number}")
            work.attempts.save(attempt.sent("token", at=NOW, next_enquiry_at=NOW))

    got, refusals = all_at_once(pay)
    assert len(got) == 1
    assert only_conflicts(refusals)


def test_a_transaction_is_recorded_once(shop):
    attempts(shop, of_one_order=True)

    def record(_):
        with changing(shop.begin) as work:
            work.orders.get("SHOP-1")
            work.transactions.add(a_transaction())

    got, refusals = all_at_once(record)
    assert len(got) == 1
    assert only_conflicts(refusals)
    with shop.read() as work:
        assert work.transactions.of("SHOP-1") == (a_transaction(),)
