"""What becomes of an order is told in full: amounts, lines, runs, and why."""

import pytest

from core.messaging.outbox import EventName, OutboxSearch
from core.orders.line import Fulfilment
from core.orders.order_state import OrderState
from core.payments.gateway import RefundFailed
from coursetill_testing.makers import ADA, usd

SKU, OTHER, LAST = "6.86x-1T2027", "14.310x-1T2027", "14.73x-1T2027"
LEARNER = {"id": ADA.id, "email": ADA.email, "name": ADA.name}


@pytest.fixture
def order(till):
    return till.buys(SKU, OTHER)


def told(till, order, name):
    with till.read() as work:
        entries = work.outbox.search(OutboxSearch(order.reference, limit=1000))
    return [entry.event for entry in entries if entry.event.name is name]


def test_an_order_is_told_with_its_learner_total_and_lines(till):
    till.puts("DEDP", OTHER)
    till.enters("SPRING")
    order = till.buys()
    [paid] = told(till, order, EventName.ORDER_PAID)
    product, run = till.product("DEDP"), till.product(OTHER)
    assert paid.id == f"{order.reference}/order.paid"
    assert (paid.reference, paid.at, paid.position) == (order.reference, till.now, None)
    assert paid.body == {
        "reference": order.reference,
        "state": "paid",
        "learner": LEARNER,
        "total": {"amount": "1012.50", "currency": "USD"},
        "lines": (
            {
                "position": 1,
                "sku": "DEDP",
                "kind": "program",
                "readable_id": product.readable_id,
                "title": product.title,
                "paid": {"amount": "1012.50", "currency": "USD"},
                "runs": ({"sku": OTHER, "readable_id": run.readable_id},),
            },
        ),
    }
    [placed] = told(till, order, EventName.ORDER_PLACED)
    assert placed.body == paid.body | {"state": "pending"}


def test_a_line_to_fulfil_is_told_with_its_learner_and_why(till, order):
    first, second = told(till, order, EventName.FULFILMENT_REQUESTED)
    assert [first.id, second.id] == [
        f"{order.reference}/{position}/line.fulfilment_requested" for position in (1, 2)
    ]
    [paid] = told(till, order, EventName.ORDER_PAID)
    why = till.history(order)[-1].why
    for event, line in zip((first, second), paid.body["lines"], strict=True):
        about = {"reference": order.reference, "learner": LEARNER, "because": why}
        assert event.body == line | about
        assert event.position == line["position"]
    assert str(order.total) in why


def test_a_refund_is_told_with_what_went_back_and_why(till, order):
    refund = till.refunds(order, None, 1)
    [event] = told(till, order, EventName.ORDER_REFUNDED)
    assert event.id == f"{order.reference}/{refund.id}/order.refunded"
    assert event.body["refunded"] == {"amount": "39.33", "currency": "USD"}
    assert event.body["state"] == "partially_refunded"
    [revoked] = told(till, order, EventName.REVOCATION_REQUESTED)
    assert (revoked.position, revoked.body["sku"]) == (1, SKU)
    reasons = {event.body["because"], revoked.body["because"]}
    assert len(reasons) == 1
    [why] = reasons
    assert refund.reason in why or str(refund.amount) in why
    history = [entry.why for entry in till.history(order)]
    assert why in history
    assert history[-1] != why
    assert history[-1].endswith(why)


def test_a_part_given_again_after_a_late_failure_leaves_the_order_refunded(till, order):
    part = till.refunds(order, None, 1)
    till.refunds(order, None, 2)
    till.gateway.fails(part)
    till.hears_of_refund(part, RefundFailed("returned by the bank"))
    again = till.refunds(order, usd("10.01"))
    after = till.order(order.reference)
    assert again.accepted
    assert (after.state, after.attention is not None) == (OrderState.REFUNDED, True)
    assert {line.fulfilment for line in after.lines} == {Fulfilment.REVOKED}
    assert [till.seats_taken(sku) for sku in (SKU, OTHER)] == [0, 0]
