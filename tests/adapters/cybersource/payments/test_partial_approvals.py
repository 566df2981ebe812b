"""A payment for a part of the amount is never kept."""

import pytest

from core.money import Money
from core.payments.gateway import Captured, Declined, Unknown
from coursetill_testing.contracts.gateway_world import DUE, an_attempt

HALF_CARD = "4000000000001109"


def test_a_partial_payment_is_released_and_reported_to_the_learner(shop):
    answer = shop.paid(an_attempt(), HALF_CARD)
    assert isinstance(answer, Declined)
    assert "only a part" in answer.reason
    assert shop.browser.moved() == "0.00"
    assert len(shop.browser.ledger()["voids"]) == 1


def test_a_released_partial_payment_is_found_declined(shop):
    declined = shop.paid(an_attempt(), HALF_CARD)
    shop.clock.advance(seconds=6)
    assert shop.gateway.find(an_attempt()) == declined


@pytest.mark.parametrize(("fault", "committed"), [("drop", True), ("drop", False), ("html", True)])
def test_the_payment_is_unknown_until_its_release_is_confirmed(shop, fault, committed):
    attempt, token = shop.ready(an_attempt(), HALF_CARD)
    shop.browser.fault("voids", fault, committed=committed)
    assert isinstance(shop.gateway.charge(attempt, token), Unknown)
    shop.clock.advance(seconds=6)
    assert isinstance(shop.gateway.find(attempt), Declined)
    assert shop.browser.moved() == "0.00"


def test_a_partial_payment_with_a_lost_reply_is_released_when_found(shop):
    attempt, token = shop.ready(an_attempt(), HALF_CARD)
    shop.browser.fault("payments", "drop")
    assert isinstance(shop.gateway.charge(attempt, token), Unknown)
    assert shop.browser.moved() == "123.75"
    shop.clock.advance(seconds=6)
    assert isinstance(shop.gateway.find(attempt), Declined)
    assert shop.browser.moved() == "0.00"


def test_a_partial_payment_settled_before_its_release_is_reported_as_captured(shop):
    attempt, token = shop.ready(an_attempt(), HALF_CARD)
    shop.browser.fault("payments", "drop")
    shop.gateway.charge(attempt, token)
    shop.browser.settle()
    shop.clock.advance(seconds=6)
    found = shop.gateway.find(attempt)
    assert isinstance(found, Captured)
    assert found.amount == Money.of("123.75")
    assert found.amount != DUE


def test_a_partial_authorisation_is_reversed(shop):
    attempt, token = shop.ready(an_attempt(), HALF_CARD)
    shop.browser.answers("voids", 400, {"reason": "NOT_VOIDABLE"})
    shop.browser.answers(
        "details",
        200,
        {
            "applicationInformation": {"status": "AUTHORIZED"},
            "orderInformation": {
                "amountDetails": {"authorizedAmount": "123.75", "currency": "USD"}
            },
        },
    )
    shop.browser.answers("reversals", 201, {"status": "REVERSED"})
    assert isinstance(shop.gateway.charge(attempt, token), Declined)


def test_a_partial_payment_that_cannot_be_released_stays_unknown(shop):
    attempt, token = shop.ready(an_attempt(), HALF_CARD)
    shop.browser.answers("voids", 400, {"reason": "NOT_VOIDABLE"})
    shop.browser.answers("details", 200, {"applicationInformation": {"status": "AUTHORIZED"}})
    assert isinstance(shop.gateway.charge(attempt, token), Unknown)
