"""A form is closed at the gateway at the moment at which it is paid."""

from datetime import timedelta

import pytest

from adapters.memory.payment_gateway import MemoryGateway
from core.errors import Conflict, Refused
from core.identity import Actor
from core.money import Money
from core.order_reference import Reference
from core.orders.order_state import OrderState
from core.payments.attempt import AttemptState
from core.products.product import Sku
from core.use_cases.back_office.order_actions import cancel_by_staff
from core.use_cases.checkout.cancel_order import cancel_order
from core.use_cases.payments.card_form import pay_with_token
from core.use_cases.payments.enquire import enquire
from coursetill_testing.contracts.samples import NOW, a_plain_run
from tests.races.conftest import all_at_once
from tests.races.test_automatic_forms import HOLD, opened
from tests.races.test_checkout import TOTAL, learner, open_shop, place

ORDERS, SIDES = 8, 5
LATER = NOW + timedelta(hours=1)


@pytest.fixture
def gateway():
    ids = iter(f"g-{number}" for number in range(10_000))
    gateway = MemoryGateway(now=lambda: NOW, new_id=lambda: next(ids))
    gateway.forms_take_payment = gateway.closes_forms = True
    return gateway


def cancelled(shop, gateway, number, now=NOW):
    who = learner(number).id
    reference = Reference(f"SHOP-{number}")
    return cancel_order(reference, who, begin=shop.begin, gateway=gateway, now=now)


def test_a_form_that_is_closed_and_paid_at_once_ends_paid_or_cancelled_and_nothing_goes_back(
    shop, gateway
):
    open_shop(shop, a_plain_run("wanted", seats=ORDERS))
    for number in range(ORDERS):
        place(shop, number)
    forms = [opened(shop, gateway, number, 0) for number in range(ORDERS)]
    paid = set()

    def happens(number):
        number, side = divmod(number, SIDES)
        form = forms[number]
        if side == 0:
            try:
                gateway.pay_in(form.form)
            except ValueError:
                return  # the form was closed before
            paid.add(number)
        elif side == 1:
            cancelled(shop, gateway, number)
        elif side == 2:
            cancel_by_staff(
                Reference(f"SHOP-{number}"),
                by=Actor.staff("eve"),
                why="the course moves",
                begin=shop.begin,
                gateway=gateway,
                now=NOW,
            )
        elif side == 3:
            enquire(form.attempt, begin=shop.begin, gateway=gateway, now=NOW)
        else:
            who = learner(number).id
            pay_with_token(
                form.attempt.id, who, "", begin=shop.begin, gateway=gateway, now=NOW, hold=HOLD
            )

    _, refusals = all_at_once(happens, ORDERS * SIDES)
    assert all(isinstance(refusal, Conflict | Refused) for refusal in refusals)
    for number, form in enumerate(forms):
        # Orders whose payment was in doubt can be cancelled once the gateway's silence proves it.
        with shop.read() as work:
            attempt = work.attempts.get(form.attempt.id)
        enquire(attempt, begin=shop.begin, gateway=gateway, now=LATER)
        cancelled(shop, gateway, number, now=LATER)
    with shop.read() as work:
        for number, form in enumerate(forms):
            order = work.orders.get(Reference(f"SHOP-{number}"))
            attempt = work.attempts.get(form.attempt.id)
            won = number in paid
            assert order.state is (OrderState.PAID if won else OrderState.CANCELLED)
            assert (attempt.state is AttemptState.CAPTURED) is won
            assert not attempt.unattended
            assert order.attention is None
            assert len(work.transactions.of(order.reference)) == won
        assert work.products.get(Sku("wanted")).seats_taken == len(paid)
    assert gateway.captured() == Money(TOTAL.minor * len(paid))
    assert gateway.refunded() == Money(0)
