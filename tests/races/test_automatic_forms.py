"""A form that takes the payment by itself is paid while the order is given up, or opened again."""

import pytest

from adapters.memory.payment_gateway import MemoryGateway
from core.errors import Conflict, Refused
from core.money import Currency
from core.order_reference import Reference
from core.orders.order_state import OrderState
from core.payments.attempt import AttemptId, AttemptState
from core.products.product import Sku
from core.use_cases.checkout.cancel_order import cancel_order
from core.use_cases.checkout.place_order import HOLD
from core.use_cases.payments.card_form import open_card_form, pay_with_token
from core.use_cases.payments.enquire import enquire
from coursetill_testing.contracts.samples import NOW, a_plain_run
from tests.races.conftest import all_at_once
from tests.races.test_checkout import TOTAL, learner, open_shop, place

ORDERS, SIDES = 6, 5


@pytest.fixture
def gateway():
    gateway = MemoryGateway(now=lambda: NOW, new_id=iter(f"g-{n}" for n in range(10_000)).__next__)
    gateway.forms_take_payment = True
    return gateway


def opened(shop, gateway, number, side):
    return open_card_form(
        Reference(f"SHOP-{number}"),
        learner(number).id,
        AttemptId(f"PAY-{number}-{side}"),
        begin=shop.begin,
        gateway=gateway,
        now=NOW,
        hold=HOLD,
    )


def test_a_payment_in_the_form_is_recorded_once_despite_concurrent_actions(shop, gateway):
    open_shop(shop, a_plain_run("wanted", seats=ORDERS))
    for number in range(ORDERS):
        place(shop, number)
    forms = [opened(shop, gateway, number, 0) for number in range(ORDERS)]

    def happens(number):
        number, side = divmod(number, SIDES)
        form = forms[number]
        if side == 0:
            gateway.pay_in(form.form)
        elif side == 1:
            cancel_order(
                Reference(f"SHOP-{number}"),
                learner(number).id,
                begin=shop.begin,
                gateway=gateway,
                now=NOW,
            )
        elif side == 2:
            opened(shop, gateway, number, side)
        elif side == 3:
            enquire(form.attempt, begin=shop.begin, gateway=gateway, now=NOW)
        else:
            who = learner(number).id
            pay_with_token(
                form.attempt.id, who, "", begin=shop.begin, gateway=gateway, now=NOW, hold=HOLD
            )

    _, refusals = all_at_once(happens, ORDERS * SIDES)
    assert all(isinstance(refusal, Conflict | Refused) for refusal in refusals)
    with shop.read() as work:
        watched = [work.attempts.get(form.attempt.id) for form in forms]
    for attempt in watched:
        enquire(attempt, begin=shop.begin, gateway=gateway, now=NOW)
    with shop.read() as work:
        for number in range(ORDERS):
            reference = Reference(f"SHOP-{number}")
            assert work.orders.get(reference).state is OrderState.PAID
            assert len(work.transactions.of(reference)) == 1
            assert [a.state for a in work.attempts.of(reference)] == [AttemptState.CAPTURED]
        assert work.products.get(Sku("wanted")).seats_taken == ORDERS
    assert gateway.captured(Currency.USD).minor == ORDERS * TOTAL.minor


def test_concurrently_opened_forms_are_all_polled(shop, gateway):
    open_shop(shop, a_plain_run("wanted", seats=1))
    place(shop, 0)
    shown, _ = all_at_once(lambda side: opened(shop, gateway, 0, side), 8)
    with shop.read() as work:
        kept = {attempt.id: attempt for attempt in work.attempts.of(Reference("SHOP-0"))}
    assert shown
    for each in shown:
        assert kept[each.attempt.id].unattended
    assert sum(attempt.state is AttemptState.OPEN for attempt in kept.values()) == 1
