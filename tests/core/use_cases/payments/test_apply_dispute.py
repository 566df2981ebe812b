"""A dispute flags the order and stops refunds while it is open or lost."""

from datetime import timedelta

import pytest

from core.orders.order_state import OrderState
from core.payments.attempt import AttemptState
from core.payments.dispute import Dispute, DisputeStage
from core.payments.gateway import Captured, Declined, Unknown
from core.payments.notice import About
from core.payments.refund import RefundState
from core.payments.retry_schedule import LONGEST_WAIT
from core.use_cases.refunds.execute_refund import DISPUTED
from core.use_cases.refunds.issue_refund import PaymentIsDisputed
from coursetill_testing.makers import DAY, HOUR, MINUTE, OTHER_ACCOUNT, TICK
from coursetill_testing.till import stocked

SKU = "6.86x-1T2027"
OPENED, WON, LOST = DisputeStage.OPENED, DisputeStage.WON, DisputeStage.LOST


@pytest.fixture
def till():
    return stocked()


def dispute(till, order, stage, *, after=timedelta(), **more):
    told = Dispute(stage, till.now + after, "not recognised")
    [attempt, *_] = till.attempts_of(order)
    usual = {"attempt": attempt.id, "about": About.DISPUTE}
    return till.is_told(order.reference, told, **usual | more)


def stage(till, order):
    known = till.attempts_of(order)[0].dispute
    return None if known is None else known.stage


def test_an_open_dispute_flags_the_order_and_blocks_refunds(till):
    order = till.buys(SKU)
    message = dispute(till, order, OPENED)
    after = till.order(order.reference)
    assert "is disputed (not recognised): nothing is refunded" in after.attention
    assert message.why == "the dispute is opened"
    with pytest.raises(PaymentIsDisputed):
        till.refunds(order)
    with pytest.raises(PaymentIsDisputed):
        till.foresees(order)
    assert till.refunds_of(order) == ()
    assert after.state is OrderState.PAID
    assert till.gateway.refunded().minor == 0


def test_a_dispute_that_names_no_attempt_is_not_about_a_declined_card(till):
    order = till.checks_out(SKU)
    till.pays(order, Declined("no"))
    till.passes(MINUTE)
    till.pays(order)
    assert dispute(till, order, OPENED, attempt="").why == "the dispute is opened"
    declined, captured = till.attempts_of(order)
    assert declined.dispute is None
    assert captured.dispute.stage is OPENED


def test_a_won_dispute_unblocks_refunds(till):
    order = till.buys(SKU)
    dispute(till, order, OPENED)
    dispute(till, order, WON, after=TICK)
    assert "was won (not recognised): it can be refunded again" in till.history(order)[-1].why
    till.refunds(order)
    assert till.gateway.refunded() == order.total


def test_a_lost_dispute_still_blocks_refunds(till):
    order = till.buys(SKU)
    dispute(till, order, OPENED)
    dispute(till, order, LOST, after=TICK)
    assert "the bank has given it back" in till.order(order.reference).attention
    with pytest.raises(PaymentIsDisputed):
        till.refunds(order)


@pytest.mark.parametrize("ended", [WON, LOST])
def test_messages_of_a_dispute_may_come_in_any_order(till, ended):
    order = till.buys(SKU)
    dispute(till, order, ended, after=HOUR)
    before = till.order(order.reference)
    assert dispute(till, order, OPENED).why == "the dispute had gone on since"
    assert stage(till, order) is ended
    assert till.order(order.reference) == before
    dispute(till, order, OPENED, after=DAY)
    assert stage(till, order) is OPENED


def test_the_outcome_of_a_dispute_wins_over_an_opening_of_the_same_moment(till):
    order = till.buys(SKU)
    dispute(till, order, OPENED)
    dispute(till, order, WON)
    assert stage(till, order) is WON
    dispute(till, order, OPENED)
    assert stage(till, order) is WON


def test_a_disputed_overpayment_is_not_refunded(till):
    order = till.buys(SKU)
    [attempt] = till.attempts_of(order)
    till.gateway.ends_elsewhere(attempt, Captured("second", order.total))
    till.hears(attempt, Captured("second", order.total))
    dispute(till, order, OPENED)
    till.keeps_up()
    till.passes(HOUR)
    till.keeps_up()
    [refund] = till.refunds_of(order)
    assert refund.state is RefundState.REQUESTED
    assert (refund.outcome, refund.next_enquiry_at) == (DISPUTED, till.now + LONGEST_WAIT)
    dispute(till, order, WON, after=TICK)
    till.passes(HOUR)
    till.keeps_up()
    assert till.refunds_of(order)[0].accepted


def test_a_refund_with_a_lost_request_is_not_resent_during_a_dispute(till):
    order = till.buys(SKU)
    till.gateway.refunds_next(Unknown("lost"))
    till.refunds(order)
    dispute(till, order, OPENED)
    till.passes(DAY)
    till.keeps_up()
    assert till.gateway.refunded().minor == 0
    [refund] = till.refunds_of(order)
    assert (refund.outcome, refund.next_enquiry_at) == (DISPUTED, till.now + LONGEST_WAIT)
    dispute(till, order, WON, after=TICK)
    till.passes(DAY)
    till.keeps_up()
    assert till.gateway.refunded() == order.total


def test_a_dispute_without_an_attempt_concerns_the_captured_one(till):
    order = till.buys(SKU)
    dispute(till, order, OPENED, attempt="")
    assert stage(till, order) is OPENED


@pytest.mark.parametrize("other", [{"attempt": "A-9"}, {"account": OTHER_ACCOUNT}])
def test_a_dispute_of_an_unknown_payment_flags_the_order_and_blocks_nothing(till, other):
    order = till.buys(SKU)
    dispute(till, order, OPENED, **other)
    assert "a payment that is not known here" in till.order(order.reference).attention
    assert till.attempts_of(order)[0].state is AttemptState.CAPTURED
    till.refunds(order)
    assert till.gateway.refunded() == order.total


def test_a_dispute_message_without_a_status_flags_the_order(till):
    order = till.buys(SKU)
    till.is_told(order.reference, about=About.DISPUTE)
    assert stage(till, order) is None
    assert "is not known here" in till.order(order.reference).attention
