"""What the shop asks the gateway because of a message, and what it concludes."""

import pytest

from adapters.memory.payment_gateway import MemoryGateway
from core.messaging.inbox import MessageState
from core.orders.order_state import OrderState
from core.payments.attempt import AttemptState
from core.payments.gateway import (
    Captured,
    Declined,
    NotCarriedOut,
    RefundAccepted,
    RefundFailed,
    RefundSettled,
    Unknown,
)
from core.payments.notice import About
from core.payments.refund import RefundState
from core.use_cases.payments import enquire
from core.use_cases.refunds import execute_refund
from coursetill_testing.makers import MINUTE, OTHER_ACCOUNT, usd
from coursetill_testing.till import stocked

SKU = "6.86x-1T2027"
PRICE = usd("39.33")
ACTED, RECEIVED = MessageState.ACTED, MessageState.RECEIVED


def states(till, order):
    return [attempt.state for attempt in till.attempts_of(order)]


@pytest.fixture
def order(till):
    return till.checks_out(SKU)


def test_an_attempt_that_surely_came_to_nothing_keeps_no_message_waiting(till, order):
    till.pays(order, NotCarriedOut("down"))
    till.passes(MINUTE)
    till.gateway.loses_next_answer()
    till.pays(order)
    message = till.is_told(order.reference)
    _, captured = till.attempts_of(order)
    assert message.state is ACTED
    assert message.why == f"the gateway was asked: {captured.id} is captured"


def test_an_open_form_keeps_a_message_waiting_though_another_attempt_is_decided(till, order):
    till.pays(order, Declined("no"))
    till.passes(MINUTE)
    opened = till.opens(order)
    message = till.is_told(order.reference)
    assert message.state is RECEIVED
    assert message.why == f"the gateway was asked, and cannot say how {opened.attempt.id} ended"


def test_a_payment_in_doubt_keeps_a_message_waiting_though_another_attempt_is_decided(till, order):
    till.pays(order, Declined("no"))
    till.passes(MINUTE)
    till.pays(order, Unknown("lost"))
    message = till.is_told(order.reference)
    _, doubtful = till.attempts_of(order)
    assert message.state is RECEIVED
    assert message.why == f"the gateway was asked, and cannot say how {doubtful.id} ended"


def test_a_message_about_a_failed_payment_waits_while_the_gateway_cannot_say(till, order):
    till.pays(order, NotCarriedOut("down"))
    message = till.is_told(order.reference)
    assert message.state is RECEIVED
    assert message.why == "the gateway was asked, and cannot say how this ended"


def test_a_payment_in_doubt_that_the_gateway_never_saw_is_over_after_half_an_hour(till, order):
    till.pays(order, Unknown("lost"))
    till.passes(enquire.CERTAIN_AFTER)
    assert till.is_told(order.reference).state is ACTED
    assert states(till, order) == [AttemptState.ERROR]


def test_that_a_failed_payment_was_declined_is_no_news(till, order):
    till.pays(order, NotCarriedOut("down"))
    [attempt] = till.attempts_of(order)
    till.gateway.ends_elsewhere(attempt, Declined("no"))
    assert till.is_told(order.reference).state is ACTED
    assert states(till, order) == [AttemptState.ERROR]
    assert till.order(order.reference).attention is None


def test_money_that_is_found_for_a_payment_that_failed_pays_the_order(till, order):
    till.pays(order, NotCarriedOut("down"))
    [attempt] = till.attempts_of(order)
    till.gateway.ends_elsewhere(attempt, Captured("g-1", PRICE))
    assert till.is_told(order.reference).state is ACTED
    assert till.order(order.reference).state is OrderState.PAID


def test_a_decline_that_is_found_for_an_open_form_is_recorded(till, order):
    opened = till.opens(order)
    till.gateway.ends_elsewhere(opened.attempt, Declined("no"))
    assert till.is_told(order.reference).state is ACTED
    assert states(till, order) == [AttemptState.DECLINED]


# A payment that was voided or reversed.


def test_the_undoing_of_a_payment_that_is_not_known_flags_an_order_that_is_paid(till):
    order = till.buys(SKU)
    till.is_told(order.reference, about=About.UNDOING, attempt="A-9")
    after = till.order(order.reference)
    assert after.attention == "the gateway says that a payment was voided or reversed"


def test_the_undoing_of_a_payment_that_failed_asks_nobody(till, order):
    till.pays(order, NotCarriedOut("down"))
    till.gateway.goes_away()
    message = till.is_told(order.reference, about=About.UNDOING)
    assert (message.state, message.why) == (ACTED, "nothing of it was captured")


def test_the_undoing_of_a_payment_in_doubt_is_asked_about(till, order):
    till.gateway.loses_next_answer()
    till.pays(order)
    [attempt] = till.attempts_of(order)
    till.gateway.ends_elsewhere(attempt, Declined("voided"))
    assert till.is_told(order.reference, about=About.UNDOING).state is ACTED
    assert states(till, order) == [AttemptState.DECLINED]


def test_the_undoing_asks_about_no_attempt_that_has_ended(till, order):
    till.pays(order, NotCarriedOut("down"))
    till.passes(MINUTE)
    till.gateway.loses_next_answer()
    till.pays(order)
    _, doubtful = till.attempts_of(order)
    till.gateway.ends_elsewhere(doubtful, Declined("voided"))
    asked = []

    class Watching(MemoryGateway):
        def find(self, attempt, /):
            asked.append(attempt.id)
            return Declined("voided")

    till.gateway = Watching(now=lambda: till.now, new_id=lambda: "x")
    till.is_told(order.reference, about=About.UNDOING)
    assert asked == [doubtful.id]


# A refund.


def only_refund(till, order):
    [refund] = till.refunds_of(order)
    return refund


class DiesWhenItRefunds(MemoryGateway):
    """A gateway that ends the process that sends it a refund, for the first time."""

    dies = True

    def refund(self, refund, /):
        if self.dies:
            self.dies = False
            raise KeyboardInterrupt
        return super().refund(refund)


def test_a_message_that_takes_a_refund_on_is_believed_without_asking(till):
    order = till.buys(SKU)
    till.gateway.refunds_next(Unknown("lost"))
    refund = till.refunds(order)
    till.gateway.goes_away()
    message = till.is_told(refund.id, RefundAccepted("g-9"), about=About.REFUND)
    assert (message.state, message.why) == (ACTED, f"refund {refund.id} is sent")
    assert only_refund(till, order).accepted
    assert till.order(order.reference).state is OrderState.REFUNDED


def test_a_refund_that_never_arrived_is_sent_again_where_a_message_is_about_it(till):
    order = till.buys(SKU)
    till.gateway.refunds_next(Unknown("lost"))
    refund = till.refunds(order)
    till.passes(execute_refund.CERTAIN_AFTER)
    assert till.is_told(refund.id, about=About.REFUND).state is ACTED
    assert till.gateway.refunded() == order.total


def test_a_refund_whose_sender_died_is_sent_again_where_a_message_is_about_it():
    till = stocked(DiesWhenItRefunds)
    order = till.buys(SKU)
    with pytest.raises(KeyboardInterrupt):
        till.refunds(order)
    refund = only_refund(till, order)
    assert (refund.state, refund.gateway_id) == (RefundState.SENT, None)
    till.passes(execute_refund.CERTAIN_AFTER)
    assert till.is_told(refund.id, about=About.REFUND).state is ACTED
    assert till.gateway.refunded() == order.total


def test_a_refund_that_is_found_to_have_failed_needs_no_more_asking(till):
    order = till.buys(SKU)
    till.gateway.loses_next_answer()
    refund = till.refunds(order)
    till.gateway.fails(refund, "the account is closed")
    assert till.is_told(refund.id, about=About.REFUND).state is ACTED
    assert "the account is closed" in till.order(order.reference).attention


def test_a_message_about_a_refund_waits_while_the_gateway_cannot_say(till):
    order = till.buys(SKU)
    till.gateway.loses_next_answer()
    refund = till.refunds(order)
    till.gateway.goes_away()
    message = till.is_told(refund.id, about=About.REFUND)
    assert message.state is RECEIVED
    assert message.why == f"asked about refund {refund.id}: the gateway cannot say"


def test_a_settled_refund_that_is_found_to_have_failed_is_flagged(till):
    order = till.buys(SKU)
    refund = till.refunds(order)
    till.hears_of_refund(refund, RefundSettled("g-2"))
    till.gateway.fails(refund)
    message = till.is_told(refund.id, about=About.REFUND)
    assert (message.state, message.why) == (ACTED, f"asked about refund {refund.id}")
    assert "now says it failed" in till.order(order.reference).attention


def test_a_message_about_a_failed_refund_that_the_gateway_does_not_know_waits(till):
    order = till.buys(SKU)
    till.gateway.refunds_next(RefundFailed("closed"))
    refund = till.refunds(order)
    assert till.is_told(refund.id, about=About.REFUND).state is RECEIVED
    assert only_refund(till, order).state is RefundState.FAILED


def test_a_message_about_a_settled_refund_whose_account_is_gone_waits_for_it(till):
    order = till.buys(SKU)
    refund = till.refunds(order)
    till.hears_of_refund(refund, RefundSettled("g-2"))
    old = till.gateway.account
    till.gateway = MemoryGateway(
        now=lambda: till.now, new_id=lambda: f"n-{till.number()}", account=OTHER_ACCOUNT
    )
    # The other account must not be asked: that it knows nothing would be no answer.
    till.gateway.fails(refund)
    message = till.is_told(refund.id, about=About.REFUND, account=old)
    assert message.state is RECEIVED
    assert "is not configured any more" in message.why
    assert only_refund(till, order).state is RefundState.SETTLED
    assert till.order(order.reference).attention is None


def test_a_failure_that_is_told_twice_is_flagged_once(till):
    order = till.buys(SKU)
    refund = till.refunds(order)
    for _ in range(2):
        till.is_told(refund.id, RefundFailed("closed"), about=About.REFUND)
    flags = [entry for entry in till.history(order) if "failed: closed" in entry.why]
    assert len(flags) == 1


# What a message says of an attempt.


def test_a_capture_that_names_no_attempt_is_never_taken_for_the_first_one(till, order):
    till.pays(order, Declined("no"))
    till.passes(MINUTE)
    till.gateway.loses_next_answer()
    till.pays(order)
    till.is_told(order.reference, Captured("g-1", PRICE))
    assert states(till, order) == [AttemptState.DECLINED, AttemptState.CAPTURED]
    assert till.order(order.reference).state is OrderState.PAID


def test_a_decline_in_a_form_that_was_paid_after_all_is_no_contradiction(till, order):
    till.gateway.forms_take_payment = True
    opened = till.opens(order)
    paid = till.sends(opened, till.gateway.pay_in(opened.form))
    assert paid.state is OrderState.PAID
    message = till.is_told(order.reference, Declined("no"), attempt=opened.attempt.id)
    assert (message.state, message.why) == (ACTED, "the order is paid")
    assert till.order(order.reference).attention is None
