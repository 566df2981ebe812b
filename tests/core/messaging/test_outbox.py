"""An event waits ever longer between its tries, and is given up on in the end."""

from datetime import timedelta

import pytest

from core.messaging.outbox import (
    GIVE_UP_AFTER,
    Event,
    EventName,
    OutboxEntry,
    OutboxSearch,
    delivery_wait,
)
from core.order_reference import Reference
from coursetill_testing.makers import DAY, NOW

ENTRY = OutboxEntry(
    1, Event("CT-1/order.paid", EventName.ORDER_PAID, Reference("CT-1"), NOW, {"total": "19.99"})
)


@pytest.mark.parametrize(
    "tries, seconds",
    [(1, 5), (2, 15), (3, 60), (4, 300), (5, 900), (6, 3600), (7, 21600), (11, 21600)],
)
def test_the_waits_between_tries_grow_to_six_hours(tries, seconds):
    assert delivery_wait(tries) == timedelta(seconds=seconds)


def test_an_event_is_retried_for_at_least_a_day():
    waits = [delivery_wait(tries) for tries in range(1, GIVE_UP_AFTER)]
    assert waits == sorted(waits)
    assert DAY < sum(waits, start=timedelta()) < 3 * DAY


def test_a_failed_try_stores_the_reason_and_the_next_time():
    failed = ENTRY.failed("the receiver answered 503", NOW)
    assert (failed.tries, failed.last_error) == (1, "the receiver answered 503")
    assert failed.next_try_at == NOW + delivery_wait(1)
    assert failed.state == "waiting"


def test_the_last_failed_try_abandons_the_event():
    entry = ENTRY
    for number in range(1, GIVE_UP_AFTER):
        entry = entry.failed("no", NOW)
        assert (entry.tries, entry.state) == (number, "waiting")
    entry = entry.failed("still no", NOW)
    assert (entry.state, entry.given_up_at, entry.next_try_at) == ("given up", NOW, None)
    assert entry.last_error == "still no"


def test_a_delivered_event_clears_its_errors():
    delivered = ENTRY.failed("no", NOW).delivered(NOW + DAY)
    assert (delivered.state, delivered.delivered_at) == ("delivered", NOW + DAY)
    assert (delivered.last_error, delivered.next_try_at, delivered.tries) == (None, None, 2)


@pytest.mark.parametrize("state", ["delayed", ""])
def test_an_unknown_state_cannot_be_searched_for(state):
    with pytest.raises(ValueError, match="state"):
        OutboxSearch(state=state)


def test_an_event_id_fits_its_database_column():
    with pytest.raises(ValueError, match="id"):
        Event("x" * 121, EventName.ORDER_PAID, Reference("CT-1"), NOW, {})
