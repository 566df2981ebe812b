"""A closed form is not polled and does not block the learner."""

import pytest

from core.orders.order_state import OrderState
from core.payments.attempt import AttemptState
from core.use_cases.payments.card_form import JustExpired
from core.use_cases.payments.close_form import close_form
from core.use_cases.payments.enquire import StillChecking
from coursetill_testing.makers import MINUTE
from coursetill_testing.till import stocked

SKU = "6.86x-1T2027"


@pytest.fixture(params=[True, False], ids=["closes", "cannot"])
def till(request):
    till = stocked()
    till.gateway.forms_take_payment = True
    till.gateway.closes_forms = request.param
    return till


def opened(till):
    order = till.checks_out(SKU)
    return order, till.opens(order)


def test_a_form_is_polled_after_cancellation_only_if_it_can_still_be_paid(till):
    order, form = opened(till)
    till.cancels(order)
    [attempt] = till.attempts_of(order)
    assert till.order(order.reference).state is OrderState.CANCELLED
    assert attempt.state is AttemptState.CANCELLED
    assert attempt.unattended is not till.gateway.closes_forms
    if till.gateway.closes_forms:
        with pytest.raises(ValueError, match="takes no payment any more"):
            till.gateway.pay_in(form.form)
        assert till.gateway.captured().minor == 0


def test_a_capture_just_before_the_form_closes_pays_the_order(till):
    order, form = opened(till)
    till.gateway.pay_in(form.form)
    till.cancels(order)
    assert till.order(order.reference).state is OrderState.PAID


def test_expiry_closes_the_form_of_the_order(till):
    order, _ = opened(till)
    till.passes(31 * MINUTE)
    till.keeps_up()
    [attempt] = till.attempts_of(order)
    assert till.order(order.reference).state is OrderState.EXPIRED
    assert attempt.unattended is not till.gateway.closes_forms


def test_only_a_closed_form_is_replaced_right_after_it_expired(till):
    order, form = opened(till)
    till.passes(form.form.expires_at - till.now)
    if not till.gateway.closes_forms:
        with pytest.raises(JustExpired):
            till.opens(order)
        return
    till.opens(order)
    first, second = till.attempts_of(order)
    assert (first.state, first.unattended) == (AttemptState.CANCELLED, False)
    assert second.state is AttemptState.OPEN


def test_a_usable_form_is_shown_again_and_not_closed(till):
    order, form = opened(till)
    again = till.opens(order)
    assert again.attempt.id == form.attempt.id
    till.gateway.pay_in(again.form)


def test_a_closed_form_with_an_unknown_result_is_polled_and_not_shown_again():
    till = stocked()
    till.gateway.forms_take_payment = till.gateway.closes_forms = True
    order, form = opened(till)
    [attempt] = till.attempts_of(order)
    assert close_form(attempt, begin=till.begin, gateway=till.gateway, now=till.now)
    till.gateway.goes_away()
    with pytest.raises(StillChecking):
        till.cancels(order)
    [attempt] = till.attempts_of(order)
    assert attempt.unattended
    assert not attempt.payable(till.now)
    till.gateway.comes_back()
    till.passes(2 * MINUTE)
    assert till.opens(order).attempt.id != form.attempt.id
