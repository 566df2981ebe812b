"""Cancelling an order that is not paid: what is asked first, and what is left alone."""

import pytest

from core.identity import Actor
from core.messaging.outbox import EventName, OutboxSearch
from core.orders.order import UnknownOrder
from core.orders.order_state import OrderState
from core.payments.attempt import AttemptState
from core.payments.gateway import InReview, Unknown
from core.use_cases.checkout.cancel_order import cancel_order
from core.use_cases.payments.enquire import StillChecking
from coursetill_testing.makers import ADA, BOB, HOUR
from tests.core.overtaken import overtaken

SKU = "6.86x-1T2027"


@pytest.fixture
def order(till):
    till.puts(SKU)
    till.enters("SPRING")
    return till.checks_out()


def test_a_cancelled_order_gives_everything_back_and_says_who_cancelled_it(till, order):
    till.passes(HOUR)
    after = till.cancels(order)
    assert (after.state, after.news) == (OrderState.CANCELLED, ())
    assert till.order(order.reference).state is OrderState.CANCELLED
    assert (till.seats_taken(SKU), till.uses_of(order)) == (0, {"SPRING": "released"})
    entry = till.history(order)[-1]
    assert (entry.at, entry.by) == (till.now, Actor.learner(ADA.id))
    assert till.events_of(order) == ["order.placed", "order.cancelled"]


def test_whoever_hears_of_the_cancelling_hears_why(till, order):
    till.cancels(order)
    why = till.history(order)[-1].why
    with till.read() as work:
        [told] = [
            entry.event
            for entry in work.outbox.search(OutboxSearch(order.reference, limit=1000))
            if entry.event.name is EventName.ORDER_CANCELLED
        ]
    assert (told.body["because"], told.body["state"]) == (why, "cancelled")


def test_nobody_cancels_the_order_of_somebody_else(till, order):
    with pytest.raises(UnknownOrder):
        till.cancels(order, by=BOB)
    assert till.order(order.reference).state is OrderState.PENDING


def test_a_form_that_was_opened_and_left_is_closed_without_asking_the_gateway(till, order):
    till.opens(order)
    till.gateway.goes_away()
    assert till.cancels(order).state is OrderState.CANCELLED
    [attempt] = till.attempts_of(order)
    assert attempt.state is AttemptState.CANCELLED


def test_an_order_with_a_payment_in_doubt_is_not_cancelled(till, order):
    till.pays(order, Unknown("lost"))
    with pytest.raises(StillChecking) as refusal:
        till.cancels(order)
    assert refusal.value.reference == order.reference
    assert till.order(order.reference).state is OrderState.PENDING
    assert till.seats_taken(SKU) == 1


def test_a_payment_that_comes_into_doubt_meanwhile_stops_the_cancelling(till, order):
    opened = till.opens(order)
    till.gateway.answers_next(Unknown("lost"))
    with pytest.raises(StillChecking) as refusal:
        cancel_order(
            order.reference,
            ADA.id,
            # The owner is looked up, the attempts are read, and then the card is charged.
            begin=overtaken(till.records, charged_after(2, till, opened), times=2),
            gateway=till.gateway,
            now=till.now,
        )
    assert refusal.value.reference == order.reference
    assert till.order(order.reference).state is OrderState.PENDING


def charged_after(reads, till, opened):
    """What charges the card once so many units of work have begun."""
    begun = []

    def charge():
        begun.append(1)
        if len(begun) == reads:
            till.sends(opened)

    return charge


@pytest.mark.parametrize("answer", [None, InReview("g-1", "fraud rules")])
def test_an_order_that_is_not_pending_stays_as_it_is_and_nobody_is_asked(till, order, answer):
    before = till.pays(order, answer)
    history = till.history(order)
    till.gateway.goes_away()
    assert till.cancels(order) == till.order(order.reference)
    assert till.order(order.reference).state is before.state
    assert till.history(order) == history


def test_cancelling_twice_at_once_cancels_once(till, order):
    after = cancel_order(
        order.reference,
        ADA.id,
        begin=overtaken(till.records, lambda: till.cancels(order), times=3),
        gateway=till.gateway,
        now=till.now,
    )
    assert after.state is OrderState.CANCELLED
    assert till.events_of(order).count("order.cancelled") == 1
    assert till.seats_taken(SKU) == 0
