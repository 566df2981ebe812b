"""The card form and what it hands out: each answer of the gateway, and each forgery."""

from datetime import timedelta

import pytest

from core.money import Money
from core.orders.order_state import OrderState
from core.payments.attempt import AttemptState
from core.payments.gateway import Captured, Declined, InReview, NotCarriedOut, Unknown
from coursetill_testing.town import LIBRARY, ORIGINS


@pytest.fixture
def order(ada):
    return ada.orders("STATS-1")


def test_opening_the_page_does_not_open_a_card_form(town, ada, order):
    for _ in range(2):
        page = ada.visit(f"/orders/{order}/pay")
    assert page.h1 == "Pay $39.33 USD"
    assert "Enter your card" in page.text
    assert town.attempts(order) == ()
    assert page.policy["frame-src"] == ["'none'"]


def test_an_open_form_is_shown_again_and_no_second_one_opens(town, ada, order):
    ada.opens_form(order)
    ada.visit(f"/orders/{order}/pay")
    ada.send(f"/orders/{order}/attempts")
    assert len(town.attempts(order)) == 1
    assert (
        "kept for you until 22 November 2026, 10:00 UTC" in ada.visit(f"/orders/{order}/pay").text
    )


def test_the_page_loads_only_the_gateways_library_with_its_hash(ada, order):
    page = ada.opens_form(order)
    nonce = next(s for s in page.policy["script-src"] if s.startswith("'nonce-"))[7:-1]
    library = {
        "src": LIBRARY,
        "integrity": "sha256-AAAA",
        "crossorigin": "anonymous",
        "nonce": nonce,
        "defer": "",
    }
    scripts = page.all("script")
    assert [s for s in scripts if not s["src"].startswith(("/static/", "/gateways/"))] == [library]
    assert page.policy["script-src"] == [f"'nonce-{nonce}'", ORIGINS[0]]
    assert page.policy["frame-src"] == list(ORIGINS)
    assert page.policy["connect-src"] == list(ORIGINS)
    assert page.response.headers["Referrer-Policy"] == "no-referrer"


def test_the_page_without_javascript_shows_what_to_do(ada, order):
    page = ada.opens_form(order)
    assert "Your browser runs no JavaScript." in page.text
    assert page.all("noscript")


def test_a_captured_payment_leads_to_the_page_of_the_paid_order(town, ada, order):
    page = ada.pays(order)
    assert page.h1 == "You have paid $39.33"
    assert "We are enrolling you now" in page.text
    assert "Paid with Visa ending in 1111" in page.text
    assert page.links_to(f"/orders/{order}/receipt")
    assert town.gateway.captured() == Money(3933)
    assert "There is nothing in it yet" in ada.visit("/basket").text


def test_a_decline_keeps_the_order_and_another_card_can_be_used(town, ada, order):
    town.gateway.answers_next(Declined("The card has too little money on it. Use another card"))
    page = ada.pays(order)
    assert page.h1 == "Your card was declined. Nothing was charged."
    assert "The card has too little money on it. Use another card." in page.text
    assert "kept until 22 November 2026, 10:00 UTC" in page.text
    assert "Try another card" in page.text
    assert "Data Analysis" in ada.visit("/basket").text
    town.clock.advance(minutes=1)
    ada.visit(f"/orders/{order}")
    assert ada.press(f"/orders/{order}/attempts").location == f"/orders/{order}/pay#card"
    page = ada.pays(order)
    assert page.h1 == "You have paid $39.33"
    assert town.gateway.captured() == Money(3933)


def test_a_payment_in_review_is_shown_as_such(town, ada, order):
    town.gateway.answers_next(InReview("gw-1"))
    page = ada.pays(order)
    assert page.h1 == "Your payment is held for review"
    assert "you will not be charged twice" in page.text
    town.gateway.decides(town.attempts(order)[-1], Captured("gw-1", Money(3933)))
    ada.press(f"/orders/{order}/ask")
    assert ada.follow().h1 == "You have paid $39.33"


def test_a_review_that_ends_in_a_decline_cancels_the_order(town, ada, order):
    town.gateway.answers_next(InReview("gw-1"))
    ada.pays(order)
    town.gateway.decides(town.attempts(order)[-1], Declined("The bank said no"))
    ada.press(f"/orders/{order}/ask")
    assert ada.follow().h1 == "This order is cancelled"


def test_a_payment_with_a_lost_reply_is_checked_and_not_charged_again(town, ada, order):
    town.gateway.loses_next_answer()
    page = ada.pays(order)
    assert page.h1 == "We are checking your payment. You will not be charged twice."
    assert page.all("meta")[-1] == {"http-equiv": "refresh", "content": "4"}
    assert not page.offers(f"/orders/{order}/attempts")
    assert not page.offers(f"/orders/{order}/cancel")
    ada.press(f"/orders/{order}/ask")
    assert ada.follow().h1 == "You have paid $39.33"
    assert town.gateway.captured() == Money(3933)


def test_the_page_of_a_payment_in_doubt_reloads_less_and_less_often(town, ada, order):
    town.gateway.loses_next_answer()
    ada.pays(order)
    waits = []
    for passed in (0, 30, 60, 3600):
        town.clock.advance(seconds=passed)
        waits.append(ada.visit(f"/orders/{order}").all("meta")[-1]["content"])
    assert waits == ["4", "10", "30", "120"]


def test_no_form_is_shown_while_a_payment_is_in_doubt(town, ada, order):
    town.gateway.answers_next(Unknown("cut off"))
    ada.pays(order)
    town.gateway.goes_away()
    assert ada.visit(f"/orders/{order}/pay").location == f"/orders/{order}"
    assert ada.send(f"/orders/{order}/attempts").location == f"/orders/{order}"
    page = ada.send(f"/orders/{order}/cancel")
    assert page.status == 409
    assert page.title.startswith("Error: ")
    assert town.order(order).state is OrderState.PENDING
    assert ada.send(f"/orders/{order}/ask").status == 303


def test_a_payment_not_carried_out_can_be_retried(town, ada, order):
    town.gateway.answers_next(NotCarriedOut("our request was wrong"))
    page = ada.pays(order)
    assert page.h1 == "The payment did not go through. Nothing was charged."
    assert "our request" not in page.text
    assert ada.pays(order).h1 == "You have paid $39.33"


def test_an_unreachable_gateway_loses_no_order(town, ada, order):
    town.gateway.goes_away()
    ada.visit(f"/orders/{order}/pay")
    page = ada.press(f"/orders/{order}/attempts")
    assert page.status == 503
    assert "The payment service does not answer at the moment. Nothing was charged" in page.text
    assert not any("data-automatic" in form for form in page.all("form"))
    town.gateway.comes_back()
    page = ada.press(f"/orders/{order}/attempts")
    assert page.status == 303
    assert ada.pays(order).h1 == "You have paid $39.33"


def test_submitting_a_token_twice_pays_once(town, ada, order):
    form = ada.opens_form(order)
    token = town.typed_card(order)
    for _ in range(3):
        ada.page = form
        assert ada.press(f"/orders/{order}/pay", token=token).location == f"/orders/{order}"
    assert town.gateway.captured() == Money(3933)


@pytest.mark.parametrize("token", ["", "forged", "x" * 5000, "a.b.c"])
def test_a_forged_token_pays_nothing_and_the_form_stays(town, ada, order, token):
    ada.opens_form(order)
    page = ada.press(f"/orders/{order}/pay", token=token)
    assert page.status == 422
    assert page.title.startswith("Error: ")
    assert "Nothing was charged. Please enter the card again." in page.text
    assert page.offers(f"/orders/{order}/pay")
    assert town.gateway.captured() == Money(0)
    assert town.attempts(order)[-1].state is AttemptState.OPEN


def test_an_expired_token_pays_nothing(town, ada, order):
    form = ada.opens_form(order)
    token = town.typed_card(order)
    town.clock.advance(minutes=15)
    ada.page = form
    page = ada.press(f"/orders/{order}/pay", token=token)
    assert page.status == 422
    assert "entered too long ago" in page.text
    assert page.offers(f"/orders/{order}/attempts")
    assert town.gateway.captured() == Money(0)


def test_a_token_of_another_learner_pays_nothing(town, ada, order):
    bob = town.person("Bob")
    bobs = bob.orders("STATS-1")
    bob.opens_form(bobs)
    ada.opens_form(order)
    page = ada.press(f"/orders/{order}/pay", token=town.typed_card(bobs))
    assert page.status == 422
    assert town.gateway.captured() == Money(0)


def test_an_attempt_of_another_order_cannot_be_paid_here(town, ada, order):
    bob = town.person("Bob")
    bobs = bob.orders("STATS-1")
    bob.opens_form(bobs)
    attempt, token = town.attempts(bobs)[-1].id, town.typed_card(bobs)
    ada.opens_form(order)
    for reference in (order, bobs):
        page = ada.send(f"/orders/{reference}/pay", attempt=attempt, token=token)
        assert page.status == 404
        assert bobs not in page.text or reference == bobs
    assert ada.send(f"/orders/{order}/pay").status == 404
    assert town.gateway.captured() == Money(0)


def test_an_amount_in_the_form_is_ignored(town, ada, order):
    ada.opens_form(order)
    token = town.typed_card(order)
    ada.press(f"/orders/{order}/pay", token=token, total="1", amount="0.01", currency="JPY")
    assert town.gateway.captured() == Money(3933)


def test_going_back_after_payment_leads_to_the_order(ada, order):
    ada.pays(order)
    assert ada.visit(f"/orders/{order}/pay").location == f"/orders/{order}"
    assert ada.send(f"/orders/{order}/attempts").location == f"/orders/{order}"
    page = ada.send(f"/orders/{order}/cancel")
    assert page.location == f"/orders/{order}"
    assert ada.follow().h1 == "You have paid $39.33"


def test_an_expired_form_is_reopened_and_extends_the_hold(town, ada, order):
    ada.opens_form(order)
    town.clock.advance(minutes=20)
    page = ada.visit(f"/orders/{order}/pay")
    assert not page.offers(f"/orders/{order}/pay")
    ada.opens_form(order)
    assert len(town.attempts(order)) == 2
    assert town.order(order).held_until == town.clock() + timedelta(minutes=30)


def test_cancelling_ends_the_order_and_keeps_the_basket(town, ada, order):
    ada.visit(f"/orders/{order}/pay")
    assert ada.press(f"/orders/{order}/cancel").location == f"/orders/{order}"
    page = ada.follow()
    assert page.h1 == "This order is cancelled"
    assert page.links_to("/basket")
    assert "Data Analysis" in ada.visit("/basket").text
    assert town.order(order).state is OrderState.CANCELLED


def test_the_last_allowed_decline_ends_the_order(town, ada, order):
    for _ in range(5):
        town.gateway.answers_next(Declined("Ask your bank"))
        page = ada.pays(order)
    assert page.h1 == "Your payment was declined, and the order is closed"
    assert not page.offers(f"/orders/{order}/attempts")
    assert page.links_to("/basket")


def test_no_page_shows_a_token_or_the_secrets_of_an_attempt(town, ada, order):
    form = ada.opens_form(order)
    token = town.typed_card(order)
    ada.page = form
    ada.press(f"/orders/{order}/pay", token=token)
    for address in (f"/orders/{order}", f"/orders/{order}/receipt", "/orders"):
        assert token not in ada.visit(address).response.text
