"""Checkout: review, confirmation, and changes in between."""

from datetime import timedelta

import pytest

from core.discounts.discount import RedemptionType, Source
from core.errors import Refused
from core.money import Money
from core.orders.order_state import OrderState
from core.products.product import Listing
from coursetill_testing.town import Town, settings, town


def reviewed(person, *skus):
    for sku in skus:
        person.puts_in(sku)
    return person.visit("/checkout")


def test_the_review_shows_the_products_the_learner_and_the_refund_terms(ada):
    page = reviewed(ada, "STATS-1")
    assert page.h1 == "Review your order"
    assert "14.310x 27 January 2027 to 19 May 2027" in page.text
    assert "Ada Lovelace, ada-lovelace@example.org" in page.text
    assert "You can ask for a refund within 7 days of buying" in page.text
    assert "on the page of your order" in page.text
    assert "Continue to pay $39.33" in page.text
    assert {"aria-current": "step"} in page.all("li")


def test_the_review_shows_the_reason_of_each_discount(town, ada):
    town.discount("AUTUMN", "dollars-off", "5", source=Source.AUTOMATIC, skus=("MARKUP",))
    town.discount("WELCOME25", skus=("STATS-1",))
    ada.visit("/basket?code=WELCOME25")
    page = reviewed(ada, "STATS-1", "MARKUP")
    assert "25 % off: code WELCOME25" in page.text
    assert "$5.00 off: AUTUMN, for everybody" in page.text
    assert "You save −$14.83 Total $44.49 USD" in page.text


def test_an_empty_basket_has_no_review(ada):
    assert ada.visit("/checkout").location == "/basket"


def test_a_basket_that_cannot_be_bought_has_no_review(town, ada):
    ada.puts_in("STATS-1")
    town.changes("STATS-1", lambda product: product.listed(Listing.WITHDRAWN))
    assert ada.visit("/checkout").location == "/basket"


def test_confirming_places_an_order_at_the_shown_total(town, ada):
    reviewed(ada, "STATS-1")
    page = ada.press("/checkout")
    assert page.status == 303
    reference = page.location.split("/")[2]
    assert page.location == f"/orders/{reference}/pay"
    order = town.order(reference)
    assert (order.state, order.total) == (OrderState.PENDING, Money(3933))
    assert order.held_until == town.clock() + timedelta(minutes=30)


def test_the_hold_follows_the_settings():
    town = Town(settings(HOLD_MINUTES="45"))
    reference = town.person("Ada").orders("STATS-1")
    assert town.order(reference).held_until == town.clock() + timedelta(minutes=45)


def test_a_double_click_places_one_order(ada):
    page = reviewed(ada, "STATS-1")
    first = ada.press("/checkout")
    ada.page = page
    second = ada.press("/checkout")
    assert first.location == second.location
    assert ada.visit("/orders").text.count("Not paid yet") == 1


def test_a_form_sent_again_after_payment_leads_to_the_paid_order(ada):
    form = reviewed(ada, "STATS-1")
    reference = ada.press("/checkout").location.split("/")[2]
    ada.pays(reference)
    ada.page = form
    assert ada.press("/checkout").location == f"/orders/{reference}"


def test_going_back_after_payment_finds_an_empty_basket(ada):
    ada.pays(ada.orders("STATS-1"))
    assert ada.visit("/checkout").location == "/basket"
    page = ada.send("/checkout", total="3933", currency="USD", request_key="0123456789abcdef" * 2)
    assert page.location == "/basket"


@pytest.mark.parametrize("total", ["1", "0", "3932", "99999999"])
def test_a_forged_total_orders_nothing(town, ada, total):
    reviewed(ada, "STATS-1")
    page = ada.press("/checkout", total=total)
    assert page.status == 409
    assert page.title.startswith("Error: ")
    assert "The total is now $39.33" in page.text
    assert "Nothing was ordered or charged" in page.text
    assert "You have not ordered anything yet" in ada.visit("/orders").text


@pytest.mark.parametrize(
    "forged",
    [
        {"total": ""},
        {"total": "-3933"},
        {"total": "39.33"},
        {"total": "1e3"},
        {"total": "9" * 40},
        {"total": "\u0663\u0669\u0663\u0663"},
        {"currency": "XXX"},
        {"currency": ""},
        {"request_key": ""},
        {"request_key": "short"},
        {"request_key": "x" * 500},
    ],
)
def test_an_invalid_form_is_400_and_orders_nothing(ada, forged):
    reviewed(ada, "STATS-1")
    assert ada.press("/checkout", **forged).status == 400
    assert "You have not ordered anything yet" in ada.visit("/orders").text


def test_a_total_in_another_currency_orders_nothing(ada):
    reviewed(ada, "STATS-1")
    assert ada.press("/checkout", currency="EUR").status == 409


def test_a_changed_price_is_shown_and_has_to_be_confirmed_again(town, ada):
    reviewed(ada, "STATS-1")
    town.changes("STATS-1", lambda product: product.repriced(Money(4242), town.clock()))
    page = ada.press("/checkout")
    assert page.status == 409
    assert "The total is now $42.42; it was $39.33 when you last saw it" in page.text
    assert "The price changed since you put this in: it was $39.33." in page.text
    page = ada.press("/checkout")
    assert page.status == 303
    assert town.order(page.location.split("/")[2]).total == Money(4242)


def test_a_product_withdrawn_before_confirmation_is_reported_and_nothing_ordered(town, ada):
    reviewed(ada, "STATS-1")
    town.changes("STATS-1", lambda product: product.listed(Listing.WITHDRAWN))
    page = ada.press("/checkout")
    assert page.status == 422
    assert "Data Analysis (STATS-1) is no longer sold" in page.text
    assert not page.offers("/checkout")


def test_a_last_seat_taken_before_confirmation_is_reported_and_nothing_ordered(town, ada):
    reviewed(ada, "LAST")
    town.person("Bob").orders("LAST")
    page = ada.press("/checkout")
    assert page.status == 422
    assert "Every seat of A Course with One Seat (LAST) is taken" in page.text
    assert "You have not ordered anything yet" in ada.visit("/orders").text


def test_a_last_use_of_a_code_taken_before_confirmation_shows_the_new_total(town, ada):
    town.discount("ONCE", redemption_type=RedemptionType.ONE_TIME)
    bob = town.person("Bob")
    for person in (ada, bob):
        person.puts_in("STATS-1")
        person.send("/basket/codes", code="ONCE")
        person.visit("/checkout")
    assert bob.press("/checkout").status == 303
    page = ada.press("/checkout")
    assert page.status == 409
    assert "The total is now $39.33; it was $29.50" in page.text
    assert 'The code "ONCE" is used up.' in ada.visit("/basket").text


def test_an_owned_product_is_not_bought_again(ada):
    ada.puts_in("STATS-1")
    form = ada.visit("/checkout")
    ada.pays(ada.orders())
    ada.puts_in("MARKUP")
    ada.send("/basket/items", sku="STATS-1")
    ada.page = form
    page = ada.press("/checkout", request_key="0123456789abcdef" * 2)
    assert page.status == 422
    assert "You bought Data Analysis already" in page.text


def test_a_free_order_is_paid_at_once_without_a_card(town, ada):
    town.discount("GIFT", "percent-off", "100")
    ada.visit("/basket?code=GIFT")
    page = reviewed(ada, "STATS-1")
    assert "Confirm: nothing to pay" in page.text
    page = ada.press("/checkout")
    page = ada.follow()
    assert page.h1 == "It is yours: nothing to pay"
    assert town.gateway.captured() == Money(0)
    page = ada.visit(page.response.request.path + "/receipt")
    assert "Total paid $0.00 USD" in page.text
    assert "There was nothing to pay." in page.text


def test_a_changed_basket_makes_a_new_order_and_cancels_the_old_one(town, ada):
    old = ada.orders("STATS-1")
    new = ada.orders("MARKUP")
    assert old != new
    assert town.order(old).state is OrderState.CANCELLED
    assert town.order(new).state is OrderState.PENDING


def test_an_order_with_a_payment_in_doubt_blocks_checkout_and_is_named(town, ada):
    old = ada.orders("STATS-1")
    town.gateway.loses_next_answer()
    ada.pays(old)
    town.gateway.goes_away()
    reviewed(ada, "MARKUP")
    page = ada.press("/checkout")
    assert page.status == 409
    assert "You will not be charged twice" in page.text
    assert page.links_to(f"/orders/{old}")


def test_an_ended_session_returns_to_the_review_after_sign_in(town, ada):
    reviewed(ada, "STATS-1")
    form = ada.page
    ada.press("/sign-out")
    ada.page = form
    assert ada.press("/checkout").status == 400
    assert "Nothing was changed, ordered or charged" in ada.page.text
    page = ada.send("/checkout", total="3933", currency="USD", request_key="a" * 32)
    assert page.location == "/sign-in?next=/checkout"


class NotForBob(Refused):
    def __str__(self):
        return "This course is not for Bob"


def test_a_refusal_by_a_rule_of_the_host_is_shown_at_its_line():
    def rule(learner, product):
        return NotForBob() if learner.name == "Bob" else None

    town = Town(settings(), rules=(rule,))
    bob = town.person("Bob")
    bob.puts_in("STATS-1")
    assert "This course is not for Bob." in bob.visit("/basket").text
    assert bob.visit("/checkout").location == "/basket"
    assert town.person("Ada").orders("STATS-1")


@pytest.mark.parametrize(
    ("days", "told"),
    [("14", "within 14 days of buying"), ("1", "within 1 day of buying"), ("0", "Write to ")],
)
def test_the_shown_refund_terms_are_those_of_the_shop(days, told):
    page = reviewed(town(REFUND_DAYS=days).person("Ada Lovelace"), "STATS-1")
    assert told in page.text
    assert ("within" in page.text) is (days != "0")
