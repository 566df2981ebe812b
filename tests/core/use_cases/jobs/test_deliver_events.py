"""The outbox is delivered in order, at least once, and tells each line how it went."""

import pytest

from core.identity import Learner, LearnerId
from core.messaging.outbox import (
    GIVE_UP_AFTER,
    Event,
    EventName,
    NeverReceived,
    OutboxSearch,
    Receiver,
    ReceiverIsDown,
)
from core.orders.line import Fulfilment
from core.orders.order_state import OrderState
from core.use_cases.jobs.deliver_events import (
    BATCH,
    LETTERS_AT_ONCE,
    TOO_LATE,
    DeliveryReport,
    deliver_events,
    expire_letters,
)
from coursetill_testing.makers import ADA, BOB, DAY, HOUR

SKU = "6.86x-1T2027"


def fulfilment(till, order, position=1):
    return till.order(order.reference).line(position).fulfilment


def given_up(till):
    """Let every delivery fail until nothing is tried any more."""
    for _ in range(GIVE_UP_AFTER * 4):
        till.delivers()
        till.passes(DAY)


def test_a_line_is_fulfilled_after_delivery_to_the_platform(till):
    order = till.buys(SKU)
    assert fulfilment(till, order) is Fulfilment.AWAITING
    assert till.delivers() == DeliveryReport(delivered=3)
    assert fulfilment(till, order) is Fulfilment.FULFILLED
    assert till.platform.names == ["order.placed", "order.paid", "line.fulfilment_requested"]


def test_an_event_is_not_delivered_twice(till):
    till.buys(SKU)
    till.delivers()
    assert till.delivers() == DeliveryReport()
    assert len(till.platform.heard) == 3


def test_a_failing_platform_leaves_the_order_paid(till):
    order = till.buys(SKU)
    till.platform.refuses = "503"
    assert till.delivers() == DeliveryReport(failed=1)
    after = till.order(order.reference)
    assert (after.state, after.line(1).fulfilment) == (OrderState.PAID, Fulfilment.AWAITING)


def test_later_events_of_an_order_wait_for_the_failed_one(till):
    order, other = till.buys(SKU, by=ADA), till.checks_out(SKU, by=BOB)
    till.platform.refuses = "503"
    till.delivers()
    till.platform.refuses = None
    assert till.delivers() == DeliveryReport()
    till.passes(HOUR)
    till.delivers()
    told = [event.name.value for event in till.platform.heard if event.reference == order.reference]
    assert told == ["order.placed", "order.paid", "line.fulfilment_requested"]
    assert [e.reference for e in till.platform.heard].count(other.reference) == 1


def test_a_line_whose_event_is_abandoned_fails_and_needs_attention(till):
    order = till.buys(SKU)
    till.platform.refuses = "no such course"
    given_up(till)
    after = till.order(order.reference)
    assert (after.state, after.line(1).fulfilment) == (OrderState.PAID, Fulfilment.FAILED)
    assert after.attention == "line 1 could not be fulfilled"
    with till.read() as work:
        entries = work.outbox.search(OutboxSearch(order.reference, "given up"))
    assert {entry.last_error for entry in entries} == {"no such course"}


def test_a_failed_line_is_fulfilled_after_its_event_is_revived(till):
    order = till.buys(SKU)
    till.platform.refuses = "no such course"
    given_up(till)
    till.platform.refuses = None
    with till.begin() as work:
        work.outbox.revive(f"{order.reference}/1/line.fulfilment_requested", till.now)
        work.commit()
    till.delivers()
    assert fulfilment(till, order) is Fulfilment.FULFILLED


def test_a_line_refunded_before_fulfilment_stays_revoked(till):
    order = till.buys(SKU)
    till.refunds(order)
    till.delivers()
    assert fulfilment(till, order) is Fulfilment.REVOKED
    assert till.platform.names[-2:] == ["order.refunded", "line.revocation_requested"]


def test_a_line_refunded_before_its_event_is_abandoned_stays_revoked(till):
    order = till.buys(SKU)
    till.refunds(order)
    till.platform.refuses = "no such course"
    given_up(till)
    assert fulfilment(till, order) is Fulfilment.REVOKED


def test_the_platform_receives_the_learner_and_the_product(till):
    till.puts("DEDP", "14.310x-1T2027")
    till.buys()
    till.delivers()
    body = till.platform.heard[-1].body
    assert body["learner"] == {"id": "ada", "email": "ada@example.org", "name": "Ada Lovelace"}
    assert (body["sku"], body["kind"]) == ("DEDP", "program")
    assert body["paid"] == {"amount": "1350.00", "currency": "USD"}
    assert [run["sku"] for run in body["runs"]] == ["14.310x-1T2027"]


@pytest.mark.parametrize("limit, delivered", [(1, 1), (2, 2), (100, 3)])
def test_a_delivery_round_respects_its_limit(till, limit, delivered):
    till.buys(SKU)
    done = deliver_events(begin=till.begin, receiver=till.platform, now=till.now, limit=limit)
    assert done.delivered == delivered


def test_one_round_delivers_several_batches(till):
    for number in range(BATCH // 2):
        learner = Learner(LearnerId(f"learner-{number}"), "x@example.org", "X")
        till.buys(SKU, by=learner)
    assert till.delivers().delivered == 3 * (BATCH // 2)


class Postbox:
    """A receiver of letters that can fail in every way there is."""

    def __init__(self):
        self.fails = None
        self.asked = []

    def receive(self, event, /):
        self.asked.append(event.reference)
        if self.fails is not None:
            raise self.fails


@pytest.fixture
def letters(till):
    """Orders with one more letter each."""
    orders = [
        till.buys(SKU, by=Learner(LearnerId(f"l-{n}"), "x@example.org", "X"))
        for n in range(LETTERS_AT_ONCE + 2)
    ]
    with till.begin() as work:
        for order in orders:
            key = f"{order.reference}/test/letter.receipt"
            work.outbox.add([Event(key, EventName.RECEIPT, order.reference, till.now, {})])
        work.commit()
    return orders


def posts(till, post):
    return deliver_events(Receiver.POST, begin=till.begin, receiver=post, now=till.now)


def of_letters(till, **wanted):
    with till.read() as work:
        return work.outbox.search(OutboxSearch(receiver=Receiver.POST, **wanted))


def test_letters_and_events_go_to_their_own_receivers(till, letters):
    post = Postbox()
    assert posts(till, post).delivered == len(of_letters(till))
    assert till.platform.heard == []
    assert till.delivers().delivered == 3 * len(letters)


def test_an_unreachable_mail_server_is_tried_once_a_round_and_costs_one_try(till, letters):
    post = Postbox()
    post.fails = ReceiverIsDown("nobody answers")
    assert posts(till, post) == DeliveryReport(failed=1)
    assert len(post.asked) == 1
    assert sum(entry.tries for entry in of_letters(till)) == 1
    post.fails = None
    till.passes(HOUR)
    assert posts(till, post).delivered == len(of_letters(till))


def test_an_unreachable_mail_server_does_not_delay_enrolment(till, letters):
    post = Postbox()
    post.fails = ReceiverIsDown("nobody answers")
    posts(till, post)
    till.delivers()
    assert {fulfilment(till, order) for order in letters} == {Fulfilment.FULFILLED}


def test_a_permanently_refused_letter_is_abandoned_at_once_and_flagged(till, letters):
    post = Postbox()
    post.fails = NeverReceived("there is no such address")
    done = posts(till, post)
    assert (done.failed, done.given_up) == (len(of_letters(till)),) * 2
    assert till.order(letters[0].reference).attention == (
        "letter.receipt was not sent: there is no such address"
    )


def test_letters_past_their_limit_are_not_sent(till, letters):
    till.passes(TOO_LATE)
    assert expire_letters(begin=till.begin, now=till.now) == 0
    till.passes(HOUR)
    assert expire_letters(begin=till.begin, now=till.now) == len(of_letters(till))
    assert posts(till, Postbox()) == DeliveryReport()
    assert till.delivers().delivered == 3 * len(letters)
