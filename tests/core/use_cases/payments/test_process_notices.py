"""Gateway messages: stored first, processed once, never lost."""

import pytest

from adapters.memory.payment_gateway import MemoryGateway
from core.messaging.inbox import KEPT, MessageState, UnknownInboxMessage
from core.money import Currency, Money
from core.orders.order_state import OrderState
from core.payments.attempt import AttemptState
from core.payments.gateway import (
    Captured,
    Declined,
    GatewayUnavailable,
    InReview,
    RefundAccepted,
    RefundFailed,
    RefundSettled,
    Unknown,
)
from core.payments.notice import About
from core.payments.refund import RefundState
from core.use_cases.jobs.maintenance import MaintenanceReport
from core.use_cases.payments.process_notices import CLAIM, GIVE_UP_AFTER
from coursetill_testing.makers import CLERK, HOUR, MINUTE, TICK, usd
from coursetill_testing.till import stocked

SKU = "6.86x-1T2027"
PRICE = usd("39.33")
ACTED, FAILED, IGNORED = MessageState.ACTED, MessageState.FAILED, MessageState.IGNORED
RECEIVED = MessageState.RECEIVED


@pytest.fixture
def lost(till):
    """An order whose payment was captured, and whose reply was lost."""
    order = till.checks_out(SKU)
    till.gateway.loses_next_answer()
    return till.pays(order)


def paid_as(till, order):
    [attempt] = till.attempts_of(order)
    return Captured(till.gateway.find(attempt).gateway_id, PRICE)


def test_a_message_settles_a_payment_with_a_lost_reply(till, lost):
    [attempt] = till.attempts_of(lost)
    till.gateway.goes_away()
    message = till.is_told(lost.reference, Captured("g-1", PRICE), attempt=attempt.id)
    assert till.order(lost.reference).state is OrderState.PAID
    assert (message.state, message.why) == (ACTED, "the order is paid")
    assert message.reference == lost.reference
    assert till.keeps_up() == MaintenanceReport()


@pytest.mark.parametrize("named", [True, False])
def test_an_incomplete_message_causes_an_enquiry(till, lost, named):
    attempt = till.attempts_of(lost)[0].id if named else ""
    message = till.is_told(lost.reference, attempt=attempt)
    assert message.state is ACTED
    assert till.order(lost.reference).state is OrderState.PAID


def test_a_message_with_another_amount_causes_an_enquiry(till, lost):
    [attempt] = till.attempts_of(lost)
    till.is_told(lost.reference, Captured("g-1", usd("3933.00")), attempt=attempt.id)
    assert till.order(lost.reference).state is OrderState.PAID
    [transaction] = till.transactions_of(lost)
    assert transaction.amount == PRICE


def test_a_message_with_another_currency_causes_an_enquiry(till, lost):
    [attempt] = till.attempts_of(lost)
    in_euros = Captured("g-1", Money(PRICE.minor, Currency.EUR))
    till.is_told(lost.reference, in_euros, attempt=attempt.id)
    assert till.order(lost.reference).state is OrderState.PAID
    [transaction] = till.transactions_of(lost)
    assert transaction.amount == PRICE


def test_a_repeated_message_is_processed_once(till, lost):
    [attempt] = till.attempts_of(lost)
    answer = Captured("g-1", PRICE)
    till.is_told(lost.reference, answer, attempt=attempt.id, key="same")
    history = till.history(lost)
    assert till.is_told(lost.reference, answer, attempt=attempt.id, key="same") is None
    assert till.history(lost) == history
    assert len(till.inbox()) == 1


def test_two_messages_of_one_payment_pay_once(till, lost):
    [attempt] = till.attempts_of(lost)
    for _ in range(2):
        message = till.is_told(lost.reference, paid_as(till, lost), attempt=attempt.id)
        assert message.state is ACTED
    assert len(till.transactions_of(lost)) == 1
    assert till.order(lost.reference).attention is None


def test_messages_in_any_order_have_the_same_outcome(till):
    order = till.checks_out(SKU)
    held = till.pays(order, InReview("g-1"))
    [attempt] = till.attempts_of(held)
    till.is_told(order.reference, Captured("g-1", PRICE), attempt=attempt.id)
    till.is_told(order.reference, InReview("g-1"), attempt=attempt.id)
    assert till.order(order.reference).state is OrderState.PAID


def test_a_message_applies_the_decision_on_a_review(till):
    order = till.checks_out(SKU)
    till.pays(order, InReview("g-1"))
    [attempt] = till.attempts_of(order)
    till.gateway.decides(attempt, Declined("fraud", "g-1"))
    assert till.is_told(order.reference).state is ACTED
    assert till.order(order.reference).state is OrderState.CANCELLED


def test_a_message_waits_while_the_gateway_gives_no_answer(till, lost):
    till.gateway.goes_away("down for maintenance")
    message = till.is_told(lost.reference)
    assert (message.state, message.tries) == (RECEIVED, 1)
    assert "cannot say" in message.why
    till.gateway.comes_back()
    assert till.keeps_up().messages == 0
    till.passes(5 * MINUTE)
    assert till.keeps_up().messages == 1
    assert till.inbox()[0].state is ACTED
    assert till.order(lost.reference).state is OrderState.PAID
    assert till.keeps_up() == MaintenanceReport()


class NotSetUp(MemoryGateway):
    """A gateway that cannot even be asked."""

    why = None

    def find(self, attempt, /):
        if self.why is not None:
            raise GatewayUnavailable(self.why)
        return super().find(attempt)


def test_a_message_waits_while_the_gateway_is_unreachable():
    till = stocked(NotSetUp)
    order = till.checks_out(SKU)
    till.pays(order, Unknown("lost"))
    till.gateway.why = "no gateway is set up"
    message = till.is_told(order.reference)
    assert (message.state, message.why) == (RECEIVED, "no gateway is set up")


def test_a_postponed_message_gives_its_reason_and_waits_longer_each_time(till, lost):
    till.gateway.goes_away()
    till.is_told(lost.reference)
    waits = []
    for _ in range(4):
        [message] = till.inbox()
        waits.append(message.act_at - till.now)
        till.passes(message.act_at - till.now)
        assert any(each.what == "message 1" for each in till.keeps_up().put_off)
    assert waits == sorted(waits)
    assert waits[0] < waits[-1]


def test_a_message_that_keeps_failing_flags_the_order(till):
    order = till.buys(SKU)
    till.gateway.goes_away()
    till.is_told(order.reference)
    for _ in range(GIVE_UP_AFTER):
        till.passes(HOUR)
        till.keeps_up()
    [message] = till.inbox()
    assert (message.state, message.act_at) == (FAILED, None)
    assert "came to nothing" in till.order(order.reference).attention
    till.passes(HOUR)
    assert till.keeps_up().messages == 0


def test_a_message_of_a_crashed_process_is_processed_after_its_claim_ends(till, lost):
    class Dies(MemoryGateway):
        def find(self, attempt, /):
            raise KeyboardInterrupt

    alive, till.gateway = till.gateway, Dies(now=lambda: till.now, new_id=lambda: "x")
    with pytest.raises(KeyboardInterrupt):
        till.is_told(lost.reference)
    till.gateway = alive
    assert till.order(lost.reference).state is OrderState.PENDING
    till.passes(CLAIM)
    assert till.keeps_up().messages == 1
    assert till.order(lost.reference).state is OrderState.PAID


@pytest.mark.parametrize("code", ["CT-9999", "R-9999", "SOMEBODY-ELSES"])
@pytest.mark.parametrize("about", About)
def test_a_message_about_unknown_objects_is_stored_and_ignored(till, code, about):
    message = till.is_told(code, Captured("g-1", PRICE), attempt="A-9", about=about)
    assert (message.state, message.reference) == (IGNORED, None)
    assert till.keeps_up() == MaintenanceReport()


def test_an_unsupported_event_is_stored_as_failed_for_staff(till):
    order = till.buys(SKU)
    message = till.is_told(order.reference, about=About.OTHER, event="payments.credit.accepted")
    assert (message.state, message.why) == (FAILED, "nobody here follows payments.credit.accepted")
    assert till.order(order.reference) == order


def test_an_unknown_payment_flags_the_order_and_pays_nothing(till):
    order = till.checks_out(SKU)
    till.pays(order, Declined("no"))
    till.is_told(order.reference, Declined("no"), attempt="A-9")
    assert till.order(order.reference).attention is None
    till.is_told(order.reference, Captured("g-1", PRICE), attempt="A-9")
    after = till.order(order.reference)
    assert after.state is OrderState.PENDING
    assert "not made here" in after.attention


def test_a_late_capture_pays_the_order(till):
    order = till.checks_out(SKU)
    till.pays(order, Declined("no"))
    till.cancels(order)
    [attempt] = till.attempts_of(order)
    till.is_told(order.reference, Captured("g-1", PRICE), attempt=attempt.id)
    assert till.order(order.reference).state is OrderState.PAID


def test_an_enquiry_about_a_declined_and_cancelled_order_flags_nothing(till):
    order = till.checks_out(SKU)
    till.pays(order, Declined("no"))
    till.cancels(order)
    assert till.is_told(order.reference).state is ACTED
    assert till.order(order.reference).attention is None


def test_a_known_capture_causes_no_enquiry(till):
    order = till.buys(SKU)
    till.gateway.goes_away()
    message = till.is_told(order.reference, about=About.CAPTURE)
    assert (message.state, message.why) == (ACTED, "the money was known of")


def test_a_new_capture_causes_an_enquiry(till, lost):
    assert till.is_told(lost.reference, about=About.CAPTURE).state is ACTED
    assert till.order(lost.reference).state is OrderState.PAID


def test_a_voided_payment_flags_the_order(till):
    order = till.buys(SKU)
    message = till.is_told(order.reference, about=About.UNDOING)
    assert message.state is ACTED
    after = till.order(order.reference)
    assert after.state is OrderState.PAID
    assert after.attention == "the gateway says that a payment was voided or reversed"


def test_the_reversal_of_a_declined_payment_flags_nothing(till):
    order = till.checks_out(SKU)
    till.pays(order, Declined("only a part was approved"))
    assert till.is_told(order.reference, about=About.UNDOING).state is ACTED
    assert till.order(order.reference).attention is None


def test_the_reversal_of_one_payment_does_not_affect_another(till):
    order = till.checks_out(SKU)
    till.pays(order, Declined("only a part was approved"))
    till.passes(MINUTE)
    till.pays(order)
    declined, captured = till.attempts_of(order)
    till.is_told(order.reference, about=About.UNDOING, attempt=declined.id)
    assert till.order(order.reference).attention is None
    till.is_told(order.reference, about=About.UNDOING, attempt=captured.id)
    assert till.order(order.reference).attention is not None


def test_our_own_reversal_is_matched_by_its_attempt_and_flags_no_other_payment(till):
    order = till.checks_out(SKU)
    till.pays(order, Declined("only a part was approved"))
    till.passes(MINUTE)
    till.pays(order)
    declined, captured = till.attempts_of(order)
    message = till.is_told(declined.id, about=About.UNDOING)
    assert (message.state, message.reference) == (ACTED, order.reference)
    assert till.order(order.reference).attention is None
    till.is_told(captured.id, about=About.UNDOING)
    assert till.order(order.reference).attention is not None


@pytest.fixture
def given(till):
    """A refund that the gateway has taken on."""
    return till.refunds(till.buys(SKU))


def test_a_message_settles_a_refund(till, given):
    message = till.is_told(given.id, RefundSettled("g-2"), about=About.REFUND)
    assert (message.state, message.reference) == (ACTED, given.reference)
    assert till.refunds_of(till.order(given.reference))[0].state is RefundState.SETTLED


def test_a_refund_that_fails_late_flags_the_order(till, given):
    till.is_told(given.id, RefundSettled("g-2"), about=About.REFUND)
    till.is_told(given.id, RefundFailed("the account is closed"), about=About.REFUND)
    assert "now says it failed" in till.order(given.reference).attention


def test_a_refund_that_fails_before_settlement_becomes_refundable_again(till, given):
    till.is_told(given.id, RefundFailed("the account is closed"), about=About.REFUND)
    order = till.order(given.reference)
    assert "the account is closed" in order.attention
    assert order.lines[0].refunded == usd("0.00")


def test_an_incomplete_message_about_a_refund_causes_an_enquiry(till, given):
    till.gateway.settles()
    message = till.is_told(given.id, about=About.REFUND)
    assert message.state is ACTED
    assert till.refunds_of(till.order(given.reference))[0].state is RefundState.SETTLED


@pytest.mark.parametrize("ended", [RefundSettled("g-2"), RefundFailed("closed")])
def test_a_message_never_resends_an_ended_refund(till, given, ended):
    till.is_told(given.id, ended, about=About.REFUND)
    before = till.gateway.refunded()
    till.gateway.goes_away()
    till.passes(3 * HOUR)
    message = till.is_told(given.id, about=About.REFUND)
    assert message.state is RECEIVED
    assert till.gateway.refunded() == before


def test_an_unknown_refund_flags_the_order_once(till):
    order = till.buys(SKU)
    for _ in range(2):
        till.is_told(order.reference, RefundAccepted("g-9"), about=About.REFUND)
    after = till.order(order.reference)
    assert after.attention == "the gateway tells of a refund that was not made here"
    assert after.state is OrderState.PAID


def test_a_settlement_of_an_unsent_refund_flags_the_order(till):
    order = till.checks_out(SKU)
    till.pays(order, Declined("no"))
    till.pays(order)
    till.hears(till.attempts_of(order)[0], Captured("g-late", PRICE))
    [waiting] = till.refunds_of(order)
    assert waiting.state is RefundState.REQUESTED
    message = till.is_told(waiting.id, RefundSettled("g-2"), about=About.REFUND)
    assert message.state is FAILED
    assert "does not fit" in till.order(order.reference).attention


def test_staff_can_process_a_message_again(till, lost):
    till.gateway.goes_away()
    till.is_told(lost.reference)
    till.gateway.comes_back()
    message = till.replays(1)
    assert message.state is ACTED
    assert message.why.endswith("(again, for staff clerk)")
    assert till.order(lost.reference).state is OrderState.PAID
    history = till.history(lost)
    assert till.replays(1).state is ACTED
    *before, last = till.history(lost)
    assert before == list(history)
    assert (last.by, last.why) == (CLERK, "message 1 of the gateway was acted on again")


def test_an_unknown_message_cannot_be_processed_again(till):
    with pytest.raises(UnknownInboxMessage):
        till.replays(1)


def test_a_message_is_stored_before_it_is_processed(till, lost):
    seen = []

    class Watching(MemoryGateway):
        def find(self, attempt, /):
            seen.extend(till.inbox())
            return super().find(attempt)

    till.gateway = Watching(now=lambda: till.now, new_id=lambda: "x")
    till.is_told(lost.reference, event="payments.capture.status.accepted")
    assert [(m.state, m.notice.event) for m in seen] == [
        (RECEIVED, "payments.capture.status.accepted")
    ]


def test_an_open_form_keeps_a_message_waiting(till):
    order = till.checks_out(SKU)
    opened = till.opens(order)
    assert till.is_told(order.reference).state is RECEIVED
    till.sends(opened)
    till.passes(MINUTE)
    till.keeps_up()
    assert till.inbox()[0].state is ACTED
    assert till.attempts_of(order)[0].state is AttemptState.CAPTURED


def test_maintenance_removes_old_closed_messages_and_none_that_staff_must_see(till):
    order = till.buys(SKU)
    till.is_told(order.reference, about=About.CAPTURE)
    till.is_told("NOBODYS")
    till.is_told(order.reference, about=About.OTHER)
    till.passes(KEPT)
    assert till.keeps_up().removed == 0
    till.passes(TICK)
    assert till.keeps_up().removed == 2
    assert [message.state for message in till.inbox()] == [FAILED]
    assert till.keeps_up() == MaintenanceReport()
