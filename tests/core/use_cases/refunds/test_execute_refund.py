"""Executing a refund: sent once, polled, and resent only if it certainly never arrived."""

from datetime import timedelta

import pytest

from adapters.memory.payment_gateway import MemoryGateway
from core.orders.line import Fulfilment
from core.orders.order_state import OrderState
from core.payments.gateway import (
    Captured,
    NotFound,
    RefundAccepted,
    RefundFailed,
    RefundSettled,
    Unknown,
)
from core.payments.refund import Refund, RefundId, RefundState
from core.payments.retry_schedule import LONGEST_WAIT
from core.use_cases.refunds.execute_refund import (
    ASK_SETTLED_EVERY,
    CERTAIN_AFTER,
    enquire_refund,
    send_refund,
)
from coursetill_testing.makers import CLERK, HOUR, NOW, OTHER_ACCOUNT, TICK, usd
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


class DiesWhenItRefunds(MemoryGateway):
    """A gateway that ends the process that sends it a refund."""

    dies = False

    def refund(self, refund, /):
        if self.dies:
            raise KeyboardInterrupt
        return super().refund(refund)


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
def test_each_refund_result_sets_the_state_of_refund_and_order(
    till, order, answer, state, order_state
):
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


def test_an_accepted_refund_is_polled_until_it_settles(till, order):
    refund = till.refunds(order)
    assert refund.next_enquiry_at == NOW + ASK_SETTLED_EVERY
    till.passes(ASK_SETTLED_EVERY)
    still = asks(till, refund)
    assert (still.state, still.next_enquiry_at) == (RefundState.SENT, till.now + ASK_SETTLED_EVERY)
    till.gateway.settles()
    assert asks(till, still).state is RefundState.SETTLED
    assert len(till.transactions_of(order)) == 2


@pytest.mark.parametrize("first", [RefundAccepted("g-back"), RefundSettled("g-back")])
@pytest.mark.parametrize("again", [RefundAccepted("g-back"), RefundSettled("g-back")])
def test_a_repeated_result_changes_nothing(till, order, first, again):
    till.gateway.refunds_next(first)
    refund = till.refunds(order)
    events = till.events_of(order)
    till.hears_of_refund(refund, again)
    assert len(till.transactions_of(order)) == 2
    assert till.events_of(order) == events
    assert till.order(order.reference).attention is None


def test_an_enquiry_finds_a_refund_with_a_lost_reply_and_nothing_is_sent_twice(till, order):
    till.gateway.loses = True
    refund = till.refunds(order)
    assert refund.state is RefundState.UNKNOWN
    assert till.order(order.reference).state is OrderState.PAID
    assert asks(till, refund).accepted
    assert till.order(order.reference).state is OrderState.REFUNDED
    assert len(till.gateway.sent) == 1


@pytest.mark.parametrize("after, sent", [(CERTAIN_AFTER - TICK, 1), (CERTAIN_AFTER, 2)])
def test_a_refund_not_found_is_resent_only_after_a_long_wait(till, order, after, sent):
    till.gateway.refunds_next(Unknown("connection lost"))
    refund = till.refunds(order)
    till.passes(after)
    asks(till, refund)
    assert till.gateway.sent == [(refund.id, usd("39.33"))] * sent


def test_not_found_soon_after_sending_proves_nothing(till, order):
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


def test_a_resent_refund_is_not_resent_at_once(till, order):
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


def test_two_concurrent_enquiries_resend_a_refund_once(till, order):
    till.gateway.refunds_next(Unknown("lost"), Unknown("lost again"))
    refund = till.refunds(order)
    till.passes(CERTAIN_AFTER)
    asks(till, refund)
    assert asks(till, refund) == refund
    assert len(till.gateway.sent) == 2


def test_maintenance_sends_an_unsent_refund_once(till, order):
    with till.begin() as work:
        work.refunds.add(requested(till, order))
        work.commit()
    till.keeps_up()
    till.keeps_up()
    assert len(till.gateway.sent) == 1
    assert of(till, order).accepted


def test_sending_a_sent_refund_sends_nothing(till, order):
    refund = till.refunds(order)
    send_refund(refund.id, begin=till.begin, gateway=till.gateway, now=till.now)
    assert len(till.gateway.sent) == 1


def test_a_refund_that_fails_late_is_subtracted_from_its_lines(till, order):
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
def test_a_contradictory_gateway_result_flags_the_order(till, order, first, later, told):
    till.gateway.refunds_next(first)
    refund = till.refunds(order)
    seen = till.transactions_of(order)
    after = till.hears_of_refund(refund, later)
    assert after.state is refund.state
    assert told in till.order(order.reference).attention
    assert till.transactions_of(order) == seen


@pytest.mark.parametrize("answer", [RefundAccepted("g-1"), RefundSettled("g-1")])
def test_an_unknown_result_does_not_undo_a_known_one(till, order, answer):
    till.gateway.refunds_next(answer)
    refund = till.refunds(order)
    assert till.hears_of_refund(refund, Unknown("lost")) == refund


def test_a_settled_refund_is_not_polled(till, order):
    till.gateway.refunds_next(RefundSettled("g-1"))
    settled = till.refunds(order)
    assert settled.next_enquiry_at is None

    silent = SilentGateway(now=lambda: till.now, new_id=lambda: "x")
    after = enquire_refund(settled, begin=till.begin, gateway=silent, now=till.now)
    assert (after.state, after.next_enquiry_at) == (RefundState.SETTLED, None)


def test_a_refund_in_doubt_is_asked_about_soon_and_noted_once(till, order):
    till.gateway.refunds_next(Unknown("connection lost"))
    refund = till.refunds(order)
    assert refund.next_enquiry_at == NOW + timedelta(seconds=5)
    assert till.hears_of_refund(refund, Unknown("connection lost")) == refund
    notes = [entry.why for entry in till.history(order) if "unknown" in entry.why]
    assert notes == [f"refund {refund.id} unknown: connection lost"]


def test_a_refund_in_doubt_is_asked_about_less_often_while_the_gateway_cannot_say(till, order):
    till.gateway.refunds_next(Unknown("connection lost"))
    refund = till.refunds(order)
    till.gateway.goes_away()
    waits = []
    for _ in range(3):
        till.now = refund.next_enquiry_at
        asks(till, refund)
        refund = of(till, order)
        waits.append((refund.next_enquiry_at - till.now).total_seconds())
    assert waits == [5, 10, 20]
    assert (refund.state, refund.enquiries) == (RefundState.UNKNOWN, 3)


def test_an_accepted_refund_of_which_the_gateway_cannot_say_more_stays_accepted(till, order):
    refund = till.refunds(order)
    till.gateway.goes_away()
    till.passes(ASK_SETTLED_EVERY)
    asks(till, refund)
    after = of(till, order)
    assert after.accepted
    assert after.next_enquiry_at == till.now + ASK_SETTLED_EVERY


@pytest.mark.parametrize("again", [False, True])
def test_a_refund_whose_sender_dies_is_asked_about_forty_seconds_later(again):
    till = stocked(DiesWhenItRefunds)
    order = till.buys(SKU)
    if again:
        till.gateway.refunds_next(Unknown("connection lost"))
        refund = till.refunds(order)
        till.passes(CERTAIN_AFTER)
    till.gateway.dies = True
    with pytest.raises(KeyboardInterrupt):
        asks(till, refund) if again else till.refunds(order)
    after = of(till, order)
    assert (after.sent_at, after.next_enquiry_at) == (till.now, till.now + timedelta(seconds=40))


def test_a_refund_that_settles_after_it_was_accepted_adds_nothing_to_the_history(till, order):
    refund = till.refunds(order)
    history = till.history(order)
    assert till.hears_of_refund(refund, RefundSettled("g-back")).state is RefundState.SETTLED
    assert till.history(order) == history


def test_a_failure_that_is_told_again_is_flagged_once(till, order):
    till.gateway.refunds_next(RefundFailed("account closed"))
    refund = till.refunds(order)
    assert till.hears_of_refund(refund, RefundFailed("account closed")) == refund
    assert [e.why for e in till.history(order) if "failed" in e.why] == [
        f"needs attention: refund {refund.id} of $39.33 failed: account closed"
    ]


def test_an_overpayment_that_went_back_is_no_part_of_what_the_order_was_refunded(till, order):
    [attempt] = till.attempts_of(order)
    twice = Captured("g-twice", order.total)
    till.hears(attempt, twice)
    [overpaid] = till.refunds_of(order)
    till.gateway.refunds_next(RefundSettled("g-back"))
    send_refund(overpaid.id, begin=till.begin, gateway=till.gateway, now=till.now)
    till.refunds(order, usd("0.01"))
    assert till.order(order.reference).state is OrderState.PARTIALLY_REFUNDED
    till.refunds(order)
    after = till.order(order.reference)
    assert after.state is OrderState.REFUNDED
    assert [line.fulfilment for line in after.lines] == [Fulfilment.REVOKED]


def test_only_the_whole_price_refunds_an_order_that_was_paid_twice(till):
    dear = till.buys("14.310x-1T2027", SKU)
    [attempt] = till.attempts_of(dear)
    till.hears(attempt, Captured("g-odd", usd("39.33")))
    [overpaid] = till.refunds_of(dear)
    till.gateway.refunds_next(RefundSettled("g-back"))
    send_refund(overpaid.id, begin=till.begin, gateway=till.gateway, now=till.now)
    till.refunds(dear, usd("199.99"))
    assert till.order(dear.reference).state is OrderState.PARTIALLY_REFUNDED


def test_an_overpayment_that_goes_back_has_a_letter_of_its_own_and_refunds_no_order(till, order):
    [attempt] = till.attempts_of(order)
    till.hears(attempt, Captured("g-twice", order.total))
    [overpaid] = till.refunds_of(order)
    letters, events = till.letters_of(order), till.events_of(order)
    till.gateway.refunds_next(RefundSettled("g-back", {"status": "SETTLED"}))
    send_refund(overpaid.id, begin=till.begin, gateway=till.gateway, now=till.now)
    assert till.letters_of(order) == [*letters, "letter.refund"]
    assert till.events_of(order) == events
    assert till.transactions_of(order)[-1].raw == {"status": "SETTLED"}


def test_a_refund_is_not_sent_again_while_the_gateway_cannot_say(till, order):
    till.gateway.refunds_next(Unknown("connection lost"))
    refund = till.refunds(order)
    till.gateway.goes_away()
    till.passes(CERTAIN_AFTER)
    asks(till, refund)
    assert len(till.gateway.sent) == 1


def test_an_accepted_refund_is_not_sent_again_though_the_gateway_does_not_find_it(order, till):
    refund = till.refunds(order)

    class Silent(CountingGateway):
        def find_refund(self, refund, /):
            return NotFound()

    till.gateway = Silent(now=lambda: till.now, new_id=lambda: "x")
    till.passes(CERTAIN_AFTER)
    assert asks(till, refund).accepted
    assert till.gateway.sent == []


# A refund whose account is not configured any more.


@pytest.fixture
def waiting(till, order):
    """A refund in doubt that nobody can ask about, once that was noticed."""
    till.gateway.refunds_next(Unknown("connection lost"))
    refund = till.refunds(order)
    till.gateway = MemoryGateway(
        now=lambda: till.now, new_id=lambda: f"n-{till.number()}", account=OTHER_ACCOUNT
    )
    till.passes(HOUR)
    return asks(till, refund)


def test_a_refund_without_its_account_waits_half_an_hour_each_time(till, order, waiting):
    assert waiting.next_enquiry_at == till.now + LONGEST_WAIT
    till.passes(LONGEST_WAIT)
    again = asks(till, waiting)
    assert again.next_enquiry_at == till.now + LONGEST_WAIT
    assert of(till, order) == again
    flags = [entry for entry in till.history(order) if "cannot be followed" in entry.why]
    assert len(flags) == 1


def test_a_refund_without_its_account_that_is_asked_about_too_soon_is_left_as_it_is(till, waiting):
    till.passes(LONGEST_WAIT - TICK)
    assert asks(till, waiting) == waiting


def test_a_refund_that_has_ended_waits_for_no_account(till, order):
    till.gateway.refunds_next(RefundSettled("g-1"))
    settled = till.refunds(order)
    till.gateway = MemoryGateway(
        now=lambda: till.now, new_id=lambda: f"n-{till.number()}", account=OTHER_ACCOUNT
    )
    assert asks(till, settled) == settled
    assert till.order(order.reference).attention is None
