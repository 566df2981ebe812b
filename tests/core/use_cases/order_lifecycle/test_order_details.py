"""The stored facts of an order, read together."""

import pytest

from core.order_reference import Reference
from core.orders.order import UnknownOrder
from core.payments.gateway import Declined, InReview, RefundFailed, Unknown
from core.use_cases.order_lifecycle.order_details import full_order_details, order_details
from coursetill_testing.makers import MINUTE, usd

SKU = "6.86x-1T2027"


def of(till, order):
    with till.read() as work:
        return order_details(work, order.reference)


@pytest.mark.parametrize(
    "answer, checking",
    [(None, False), (Unknown("lost"), True), (InReview("g", ""), True), (Declined("no"), False)],
)
def test_an_order_is_being_checked_while_its_payment_is_in_doubt(till, answer, checking):
    order = till.checks_out(SKU)
    till.pays(order, answer)
    assert of(till, order).checking is checking


def test_the_card_is_the_one_that_paid(till):
    order = till.checks_out(SKU)
    assert of(till, order).card is None
    till.pays(order)
    assert str(of(till, order).card) == "Visa ending in 1111"


def test_the_refunded_and_the_refundable_amount_add_up_to_the_paid_amount(till):
    order = till.buys(SKU)
    till.refunds(order, usd("10.01"))
    found = of(till, order)
    assert (found.refunded, found.left_to_refund) == (usd("10.01"), usd("29.32"))


def test_an_unknown_refund_counts_as_neither_refunded_nor_refundable(till):
    order = till.buys(SKU)
    till.gateway.refunds_next(Unknown("lost"))
    till.refunds(order, usd("10.01"))
    found = of(till, order)
    assert (found.refunded, found.left_to_refund) == (usd("0"), usd("29.32"))


def test_a_failed_refund_makes_its_amount_refundable_again(till):
    order = till.buys(SKU)
    till.gateway.refunds_next(RefundFailed("no"))
    till.refunds(order, usd("10.01"))
    assert of(till, order).left_to_refund == usd("39.33")


def test_the_latest_attempt_is_the_last_one(till):
    order = till.checks_out(SKU)
    assert of(till, order).latest_attempt is None
    till.pays(order, Declined("no"))
    till.passes(MINUTE)
    till.pays(order)
    assert of(till, order).latest_attempt.state.value == "captured"


def test_the_full_details_include_history_uses_and_events(till):
    till.enters("SPRING")
    order = till.buys(SKU)
    with till.read() as work:
        full = full_order_details(work, order.reference)
    assert [entry.moved_to.value for entry in full.history] == ["pending", "paid"]
    assert [use.code.text for use in full.redemptions] == ["SPRING"]
    told = [entry.event.name.value for entry in full.events]
    assert told == ["order.placed", "order.paid", "line.fulfilment_requested", "letter.receipt"]


def test_an_unknown_order_has_no_details(till):
    with till.read() as work, pytest.raises(UnknownOrder):
        order_details(work, Reference("CT-NONE"))
