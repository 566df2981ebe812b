"""A change of the payment account: old payments stay where they were made, and none is guessed."""

import pytest

from adapters.memory.payment_gateway import MemoryGateway
from core.messaging.inbox import MessageState
from core.orders.order_state import OrderState
from core.payments.account import AccountNotConfigured
from core.payments.attempt import AttemptState
from core.payments.gateway import Captured, RefundAccepted, TokenRefused, Unknown
from core.payments.notice import About
from core.payments.refund import RefundState
from core.payments.routed_gateways import RoutedGateways
from core.use_cases.back_office.order_actions import resolve_attention
from core.use_cases.payments.enquire import StillChecking
from coursetill_testing.makers import CLERK, DAY, HOUR, MINUTE, OTHER_ACCOUNT
from coursetill_testing.till import stocked

SKU = "6.86x-1T2027"
GONE = "the payment account shop at memory (test) is not configured any more"


@pytest.fixture
def till():
    return stocked()


def switch(till, *, keep_old=False):
    """Choose another account; the one of before stays configured beside it, or does not."""
    old = till.gateway
    new = MemoryGateway(
        now=lambda: till.now, new_id=lambda: f"n-{till.number()}", account=OTHER_ACCOUNT
    )
    till.gateway = RoutedGateways(new, [old]) if keep_old else new
    return old, new


def restore(till, old, new):
    till.gateway = RoutedGateways(new, [old])


def in_doubt(till):
    """An order whose payment was captured, and the answer lost."""
    order = till.checks_out(SKU)
    till.gateway.loses_next_answer()
    return till.pays(order)


def flags(till, order):
    return [entry.why for entry in till.history(order) if "needs attention" in entry.why]


def test_a_payment_in_doubt_is_looked_up_at_its_own_account(till):
    order = in_doubt(till)
    switch(till, keep_old=True)
    till.passes(HOUR)
    till.keeps_up()
    assert till.order(order.reference).state is OrderState.PAID


def test_a_payment_in_doubt_without_account_flags_the_order_once_and_blocks_expiry(till):
    order = in_doubt(till)
    switch(till)
    for _ in range(60):
        till.passes(HOUR)
        till.keeps_up()
    [attempt] = till.attempts_of(order)
    assert attempt.state is AttemptState.UNKNOWN
    after = till.order(order.reference)
    assert after.state is OrderState.PENDING
    assert after.attention == f"it cannot be found out whether $39.33 was taken: {GONE}"
    assert len(flags(till, order)) == 1


def test_an_account_configured_again_resolves_the_doubt(till):
    order = in_doubt(till)
    old, new = switch(till)
    till.passes(DAY)
    till.keeps_up()
    restore(till, old, new)
    till.passes(DAY)
    till.keeps_up()
    assert till.order(order.reference).state is OrderState.PAID


def test_a_resolved_flag_is_not_raised_again(till):
    order = in_doubt(till)
    switch(till)
    till.passes(HOUR)
    till.keeps_up()
    resolve_attention(
        order.reference, by=CLERK, why="we looked there", begin=till.begin, now=till.now
    )
    till.passes(DAY)
    till.keeps_up()
    assert till.order(order.reference).attention is None


def test_orders_without_account_do_not_block_the_expiry_of_others(till):
    order = in_doubt(till)
    switch(till)
    till.passes(HOUR)
    till.keeps_up()
    assert till.order(order.reference).held_until > till.now


def test_the_learner_has_to_wait_and_cannot_pay_twice(till):
    order = in_doubt(till)
    switch(till)
    with pytest.raises(StillChecking):
        till.opens(order)
    with pytest.raises(StillChecking):
        till.cancels(order)


def test_a_card_form_of_a_missing_account_charges_nothing_and_a_new_one_opens(till):
    order = till.checks_out(SKU)
    opened = till.opens(order)
    card = till.gateway.type_card(opened.form)
    old, new = switch(till)
    with pytest.raises(TokenRefused, match="payment service was changed"):
        till.sends(opened, card)
    again = till.opens(order)
    assert again.attempt.account == OTHER_ACCOUNT
    assert till.sends(again, new.type_card(again.form)).state is OrderState.PAID
    assert old.captured().minor == 0


def test_an_automatic_form_is_polled_after_its_account_is_gone(till):
    till.gateway.forms_take_payment = True
    order = till.checks_out(SKU)
    opened = till.opens(order)
    text = till.gateway.pay_in(opened.form)
    old, new = switch(till)
    till.sends(opened, text)
    with pytest.raises(StillChecking):
        till.opens(order)
    for _ in range(5):
        till.passes(HOUR)
        till.keeps_up()
    assert till.order(order.reference).state is OrderState.PENDING
    assert len(flags(till, order)) == 1
    restore(till, old, new)
    till.passes(HOUR)
    till.keeps_up()
    assert till.order(order.reference).state is OrderState.PAID


def test_an_old_order_is_refunded_at_the_account_of_its_capture(till):
    order = till.buys(SKU)
    old, new = switch(till, keep_old=True)
    till.refunds(order)
    assert (old.refunded(), new.refunded().minor) == (order.total, 0)


def test_an_order_with_a_missing_account_cannot_be_refunded(till):
    order = till.buys(SKU)
    switch(till)
    with pytest.raises(AccountNotConfigured, match="account shop at memory"):
        till.refunds(order)
    assert till.refunds_of(order) == ()
    assert till.order(order.reference).state is OrderState.PAID


def test_a_requested_refund_waits_for_its_account_and_flags_the_order_once(till):
    order = till.buys(SKU)
    [attempt] = till.attempts_of(order)
    till.hears(attempt, Captured("second", order.total))
    old, new = switch(till)
    for _ in range(5):
        till.keeps_up()
        till.passes(HOUR)
    [refund] = till.refunds_of(order)
    assert refund.state is RefundState.REQUESTED
    assert (
        f"refund {refund.id} of $39.33 is not sent: {GONE}" in till.order(order.reference).attention
    )
    assert len([f for f in flags(till, order) if "is not sent" in f]) == 1
    old.ends_elsewhere(attempt, Captured("second", order.total))
    restore(till, old, new)
    till.passes(HOUR)
    till.keeps_up()
    [refund] = till.refunds_of(order)
    assert refund.accepted
    assert old.refunded() == order.total


def test_a_sent_refund_without_account_is_neither_failed_nor_resent(till):
    order = till.buys(SKU)
    till.gateway.loses_next_answer()
    refund = till.refunds(order)
    old, new = switch(till)
    for _ in range(5):
        till.passes(HOUR)
        till.keeps_up()
    [after] = till.refunds_of(order)
    assert after.state is RefundState.UNKNOWN
    assert len([f for f in flags(till, order) if "cannot be followed" in f]) == 1
    restore(till, old, new)
    till.passes(DAY)
    till.keeps_up()
    [after] = till.refunds_of(order)
    assert after.id == refund.id
    assert after.accepted
    assert new.refunded().minor == 0


# What one account says of another's payments


def test_a_message_of_another_account_does_not_pay_an_order(till):
    order = till.checks_out(SKU)
    [attempt] = [till.opens(order).attempt]
    message = till.is_told(
        order.reference,
        Captured("g-9", order.total),
        attempt=attempt.id,
        account=OTHER_ACCOUNT,
    )
    after = till.order(order.reference)
    assert after.state is OrderState.PENDING
    assert "a payment that was not made here" in after.attention
    assert message.state is MessageState.ACTED


def test_a_message_of_another_account_pays_no_order_by_the_name_of_its_attempt(till):
    order = till.checks_out(SKU)
    attempt = till.opens(order).attempt
    captured = Captured("g-9", order.total)
    till.is_told(attempt.id, captured, attempt=attempt.id, account=OTHER_ACCOUNT)
    after = till.order(order.reference)
    assert after.state is OrderState.PENDING
    assert "a payment that was not made here" in after.attention


def test_a_message_of_another_account_does_not_settle_a_refund(till):
    order = till.buys(SKU)
    till.gateway.refunds_next(Unknown("lost"))
    refund = till.refunds(order)
    till.is_told(refund.id, RefundAccepted("g-9"), about=About.REFUND, account=OTHER_ACCOUNT)
    [after] = till.refunds_of(order)
    assert after.state is RefundState.UNKNOWN
    assert "a refund that was not made here" in till.order(order.reference).attention


def test_a_message_about_a_payment_without_account_waits(till):
    order = till.checks_out(SKU)
    opened = till.opens(order)
    till.gateway.goes_away()
    told = till.is_told(order.reference, attempt=opened.attempt.id, about=About.CAPTURE)
    assert told.state is MessageState.RECEIVED
    till.gateway.comes_back()
    switch(till)
    till.passes(MINUTE)
    till.keeps_up()
    [message] = till.inbox()
    assert message.state is MessageState.RECEIVED
    assert "not configured any more" in message.why
    assert till.order(order.reference).state is OrderState.PENDING
