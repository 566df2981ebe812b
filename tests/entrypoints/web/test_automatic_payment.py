"""Card forms that charge the card by themselves, as pages show them and what the browser says."""

import pytest

from core.money import Money
from core.orders.order_state import OrderState
from core.payments.attempt import AttemptState
from core.payments.gateway import Declined

NOT_PAID = "This order is not paid yet"


@pytest.fixture
def order(town, ada):
    town.gateway.forms_take_payment = True
    return ada.orders("STATS-1")


def the_form(town, order):
    return town.gateway.form(town.attempts(order)[-1])


def shows_form(page):
    return any(div.get("id") == "card-form" for div in page.all("div"))


def says(ada, order, text):
    """What the page sends once the form has said something, and where that leads."""
    ada.press(f"/orders/{order}/pay", token=text)
    return ada.follow()


def test_the_page_tells_the_script_that_the_form_takes_the_payment(town, ada, order):
    page = ada.opens_form(order)
    [form] = [div for div in page.all("div") if div.get("id") == "card-form"]
    assert "data-takes-payment" in form


def test_a_result_from_the_form_leads_to_the_page_of_the_paid_order(town, ada, order):
    ada.opens_form(order)
    page = says(ada, order, town.gateway.pay_in(the_form(town, order)))
    assert page.h1 == "You have paid $39.33"
    assert town.gateway.captured() == Money(3933)


@pytest.mark.parametrize("text", ["", "eyJhbGciOiJub25lIn0.e30."])
def test_an_unconfirmed_result_from_the_browser_pays_nothing(town, ada, order, text):
    ada.opens_form(order)
    page = says(ada, order, text)
    assert page.h1 == "We are checking your payment. You will not be charged twice."
    assert town.order(order).state is OrderState.PENDING


def test_a_decline_is_shown(town, ada, order):
    ada.opens_form(order)
    town.gateway.answers_next(Declined("Ask your bank"))
    page = says(ada, order, town.gateway.pay_in(the_form(town, order)))
    assert page.h1 == "Your card was declined. Nothing was charged."
    assert "Ask your bank" in page.text


def test_the_form_is_reopened_only_after_an_enquiry(town, ada, order):
    assert shows_form(ada.opens_form(order))
    page = ada.visit(f"/orders/{order}/pay")
    assert not shows_form(page)
    assert "data-automatic" in next(
        form for form in page.all("form") if "attempts" in form["action"]
    )
    ada.press(f"/orders/{order}/attempts")
    assert shows_form(ada.follow())
    assert len(town.attempts(order)) == 1


def test_a_learner_who_paid_in_another_tab_is_redirected_to_the_paid_order(town, ada, order):
    ada.opens_form(order)
    town.gateway.pay_in(the_form(town, order))
    ada.visit(f"/orders/{order}/pay")
    ada.press(f"/orders/{order}/attempts")
    assert ada.follow().h1 == "You have paid $39.33"


def test_an_order_with_an_open_form_can_be_checked_and_cancelled(town, ada, order):
    ada.opens_form(order)
    page = ada.visit(f"/orders/{order}")
    assert page.h1 == NOT_PAID
    assert page.offers(f"/orders/{order}/ask")
    ada.press(f"/orders/{order}/cancel")
    assert ada.follow().h1 == "This order is cancelled"


def test_a_check_by_the_learner_finds_a_payment(town, ada, order):
    ada.opens_form(order)
    town.gateway.pay_in(the_form(town, order))
    ada.visit(f"/orders/{order}")
    ada.press(f"/orders/{order}/ask")
    assert ada.follow().h1 == "You have paid $39.33"


def test_the_page_explains_the_wait_after_a_form_expired(town, ada, order):
    ada.opens_form(order)
    town.clock.advance(minutes=15)
    ada.visit(f"/orders/{order}")
    page = ada.press(f"/orders/{order}/attempts")
    assert page.status == 409
    assert "has just expired" in page.text
    assert page.h1 == NOT_PAID
    town.clock.advance(minutes=1)
    ada.visit(f"/orders/{order}")
    ada.press(f"/orders/{order}/attempts")
    assert shows_form(ada.follow())
    states = [attempt.state for attempt in town.attempts(order)]
    assert states == [AttemptState.CANCELLED, AttemptState.OPEN]


def test_another_learner_cannot_submit_a_result(town, ada, order):
    ada.opens_form(order)
    text = town.gateway.pay_in(the_form(town, order))
    bob = town.person()
    bob.signs_in("Bob")
    page = bob.send(f"/orders/{order}/pay", attempt=town.attempts(order)[-1].id, token=text)
    assert page.status == 404
    assert town.order(order).state is OrderState.PENDING
