"""A refund on its way: sent once, asked about, sent again only when it surely never arrived."""

import pytest

from adapters.memory.payment_gateway import MemoryGateway
from core.orders.order_state import OrderState
from core.payments.gateway import (
    NotFound,
    RefundAccepted,
    RefundFailed,
    RefundSettled,
    Unknown,
)
from core.payments.refund import Refund, RefundId, RefundState
from core.use_cases.refunds.execute_refund import (
    ASK_SETTLED_EVERY,
    CERTAIN_AFTER,
    enquire_refund,
    send_refund,
)
from coursetill_testing.makers import CLERK, HOUR, NOW, TICK, usd
from coursetill_testing.till import stocked

SKU = "6.86x-1T2027"


class CountingGateway(MemoryGateway):
    """A gateway that counts how often it was sent each refund, and can lose its answers."""

    loses = False

    def __init__(self, **collaborators):
        super().__init__(**collaborators)
        self.sent = []

    def refund(self, refund, /):
        self.sent.append((refund.id, refund.amount))
        answer = super().refund(refund)
        return Unknown("the answer was lost") if self.loses else answer


class SilentGateway(MemoryGateway):
    """A gateway that finds nothing, whatever it did."""

    def find_refund(self, refund, /):
        return NotFound()


@pytest.fixture
def till():
    return stocked(CountingGateway)


@pytest.fixture
def order(till):
    return till.buys(SKU)


def asks(till, refund):
    return enquire_refund(refund, begin=till.begin, gateway=till.gateway, now=till.now)


def of(till, order):
    [refund] = till.refunds_of(order)
    return refund


def requested(till, order):
    [attempt] = till.attempts_of(order)
    [payment, *_] = till.transactions_of(order)
    return Refund(
        RefundId("R-LATE"),
        order.reference,
        attempt.id,
        order.total,
        (),
        "too late",
        CLERK,
        NOW,
        payment.gateway_id,
        account=attempt.account,
    )


@pytest.mark.parametrize(
    "answer, state, order_state",
    [
        (RefundAccepted("g-back"), RefundState.SENT, OrderState.REFUNDED),
        (RefundSettled("g-back"), RefundState.SETTLED, OrderState.REFUNDED),
        (RefundFailed("account closed"), RefundState.FAILED, OrderState.PAID),
        (Unknown("connection lost"), RefundState.UNKNOWN, OrderState.PAID),
    ],
)
def test_each_answer_has_its_place(till, order, answer, state, order_state):
    till.gateway.refunds_next(answer)
    refund = till.refunds(order)
    assert (refund.state, till.order(order.reference).state) == (state, order_state)
    assert refund.sent_at == NOW


def test_an_accepted_refund_is_recorded_under_the_gateways_id(till, order):
    till.gateway.refunds_next(RefundAccepted("g-back", {"status": "PENDING"}))
    till.refunds(order)
    _, transaction = till.transactions_of(order)
    assert (transaction.gateway_id, transaction.amount) == ("g-back", usd("39.33"))
    assert transaction.raw == {"status": "PENDING"}


def test_an_accepted_refund_is_asked_about_until_it_is_settled(till, order):
    refund = till.refunds(order)
    assert refund.ask_at == NOW + ASK_SETTLED_EVERY
    till.passes(ASK_SETTLED_EVERY)
    still = asks(till, refund)
    assert (still.state, still.ask_at) == (RefundState.SENT, till.now + ASK_SETTLED_EVERY)
    till.gateway.settles()
    assert asks(till, still).state is RefundState.SETTLED
    assert len(till.transactions_of(order)) == 2


@pytest.mark.parametrize("first", [RefundAccepted("g-back"), RefundSettled("g-back")])
@pytest.mark.parametrize("again", [RefundAccepted("g-back"), RefundSettled("g-back")])
def test_the_same_answer_again_changes_nothing_more(till, order, first, again):
    till.gateway.refunds_next(first)
    refund = till.refunds(order)
    events = till.events_of(order)
    till.hears_of_refund(refund, again)
    assert len(till.transactions_of(order)) == 2
    assert till.events_of(order) == events


def test_a_lost_answer_is_found_by_asking_and_nothing_is_sent_twice(till, order):
    till.gateway.loses = True
    refund = till.refunds(order)
    assert refund.state is RefundState.UNKNOWN
    assert till.order(order.reference).state is OrderState.PAID
    assert asks(till, refund).accepted
    assert till.order(order.reference).state is OrderState.REFUNDED
    assert len(till.gateway.sent) == 1


@pytest.mark.parametrize("after, sent", [(CERTAIN_AFTER - TICK, 1), (CERTAIN_AFTER, 2)])
def test_a_refund_is_sent_again_only_long_after_it_was_not_found(till, order, after, sent):
    till.gateway.refunds_next(Unknown("connection lost"))
    refund = till.refunds(order)
    till.passes(after)
    asks(till, refund)
    assert till.gateway.sent == [(refund.id, usd("39.33"))] * sent


def test_not_found_soon_after_a_late_sending_proves_nothing(till, order):
    with till.begin() as work:
        work.refunds.add(requested(till, order))
        work.commit()
    till.passes(3 * HOUR)
    till.gateway.refunds_next(Unknown("connection lost"))
    late = send_refund(
        requested(till, order).id, begin=till.begin, gateway=till.gateway, now=till.now
    )
    till.passes(HOUR)
    asks(till, late)
    assert len(till.gateway.sent) == 1


def test_after_it_was_sent_again_it_is_not_sent_a_third_time_at_once(till, order):
    till.gateway.refunds_next(Unknown("lost"), Unknown("lost again"))
    refund = till.refunds(order)
    till.passes(CERTAIN_AFTER)
    asks(till, refund)
    till.passes(HOUR)
    asks(till, of(till, order))
    assert len(till.gateway.sent) == 2
    till.passes(HOUR)
    assert asks(till, of(till, order)).accepted
    assert till.gateway.refunded() == usd("39.33")


def test_of_two_who_ask_at_once_only_one_sends_it_again(till, order):
    till.gateway.refunds_next(Unknown("lost"), Unknown("lost again"))
    refund = till.refunds(order)
    till.passes(CERTAIN_AFTER)
    asks(till, refund)
    assert asks(till, refund) == refund
    assert len(till.gateway.sent) == 2


def test_a_refund_that_was_never_sent_is_sent_by_upkeep_once(till, order):
    with till.begin() as work:
        work.refunds.add(requested(till, order))
        work.commit()
    till.keeps_up()
    till.keeps_up()
    assert len(till.gateway.sent) == 1
    assert of(till, order).accepted


def test_sending_what_was_sent_sends_nothing(till, order):
    refund = till.refunds(order)
    send_refund(refund.id, begin=till.begin, gateway=till.gateway, now=till.now)
    assert len(till.gateway.sent) == 1


def test_a_refund_that_fails_late_is_taken_out_of_what_its_lines_got(till, order):
    refund = till.refunds(order, None, 1)
    assert till.order(order.reference).line(1).refunded == usd("39.33")
    till.hears_of_refund(refund, RefundFailed("returned by the bank"))
    after = till.order(order.reference)
    assert after.line(1).refunded == usd("0")
    assert after.attention == f"refund {refund.id} of $39.33 failed: returned by the bank"


@pytest.mark.parametrize(
    "first, later, told",
    [
        (RefundFailed("no"), RefundAccepted("g-2"), "the gateway now says it went"),
        (RefundFailed("no"), RefundSettled("g-2"), "the gateway now says it went"),
        (
            RefundSettled("g-1"),
            RefundFailed("no"),
            "the gateway now says it failed",
        ),
    ],
)
def test_a_gateway_that_takes_back_its_last_word_is_flagged_and_no_error(
    till, order, first, later, told
):
    till.gateway.refunds_next(first)
    refund = till.refunds(order)
    seen = till.transactions_of(order)
    after = till.hears_of_refund(refund, later)
    assert after.state is refund.state
    assert told in till.order(order.reference).attention
    assert till.transactions_of(order) == seen


@pytest.mark.parametrize("answer", [RefundAccepted("g-1"), RefundSettled("g-1")])
def test_a_connection_lost_after_an_answer_takes_nothing_back(till, order, answer):
    till.gateway.refunds_next(answer)
    refund = till.refunds(order)
    assert till.hears_of_refund(refund, Unknown("lost")) == refund


def test_a_settled_refund_is_not_asked_about_again(till, order):
    till.gateway.refunds_next(RefundSettled("g-1"))
    settled = till.refunds(order)
    assert settled.ask_at is None

    silent = SilentGateway(now=lambda: till.now, new_id=lambda: "x")
    after = enquire_refund(settled, begin=till.begin, gateway=silent, now=till.now)
    assert (after.state, after.ask_at) == (RefundState.SETTLED, None)
