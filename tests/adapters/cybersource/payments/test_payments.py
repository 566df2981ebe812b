"""Every way that a charge can end is told for what it is, and no card is charged twice."""

import logging

import pytest

from adapters.cybersource.gateway import CyberSourceGateway
from adapters.cybersource.payments.status_codes import GENERAL_DECLINE
from core.money import Currency, Money
from core.payments.gateway import (
    Captured,
    Declined,
    InReview,
    NotCarriedOut,
    NotFound,
    Unknown,
)
from core.payments.transaction import Card
from coursetill_testing.contracts.gateway_world import DUE, an_attempt, new_id
from tests.adapters.cybersource.worlds import settings
from tests.adapters.http_client.stubs import free_port


@pytest.mark.parametrize(
    ("number", "card"),
    [
        ("4111111111111111", Card("Visa", "1111")),
        ("5555555555554444", Card("Mastercard", "4444")),
        ("378282246310005", Card("American Express", "0005")),
        ("6011111111111117", Card("Discover", "1117")),
    ],
)
def test_a_valid_card_is_captured_and_shown(shop, number, card):
    answer = shop.paid(an_attempt(), number)
    assert isinstance(answer, Captured)
    assert (answer.amount, answer.card) == (DUE, card)
    assert shop.browser.moved() == "247.51"


def test_the_stored_reply_holds_no_card_digits(shop):
    answer = shop.paid(an_attempt())
    assert answer.raw["transaction_id"] == "A-1"
    assert "411111" not in str(answer.raw)


@pytest.mark.parametrize(
    ("number", "told"),
    [
        ("4000000000002040", "because there is not enough money"),
        ("4000000000002024", "has expired"),
        ("4000000000002032", GENERAL_DECLINE),
        ("4000000000002057", GENERAL_DECLINE),
        ("4000000000002073", "could not be reached"),
        ("4000000000002115", "security code"),
        ("4000000000004814", "security check"),
        ("4000000000004756", "wants you to confirm"),
    ],
)
def test_a_decline_shows_its_reason_and_charges_nothing(shop, number, told):
    answer = shop.paid(an_attempt(), number)
    assert isinstance(answer, Declined)
    assert told in answer.reason
    assert shop.browser.moved() == "0.00"


def test_a_decline_of_a_stolen_card_shows_a_general_reason(shop):
    assert "stolen" not in shop.paid(an_attempt(), "4000000000002057").reason


@pytest.mark.parametrize("number", ["4000000000002008", "4000000000002305", "4000000000004806"])
def test_a_payment_that_needs_a_person_is_held_for_review(shop, number):
    assert isinstance(shop.paid(an_attempt(), number), InReview)
    shop.clock.advance(seconds=6)
    assert isinstance(shop.gateway.find(an_attempt()), InReview)


@pytest.mark.parametrize(("decision", "end"), [("accept", Captured), ("reject", Declined)])
def test_a_decided_review_is_found_with_its_decision(shop, decision, end):
    held = shop.paid(an_attempt(), "4000000000004806")
    shop.browser.decide(held.gateway_id, decision)
    shop.clock.advance(seconds=6)
    found = shop.gateway.find(an_attempt())
    assert isinstance(found, end)
    assert found.gateway_id == held.gateway_id


@pytest.mark.parametrize(
    ("fault", "committed"),
    [
        ("drop", True),
        ("drop", False),
        ("system-error", True),
        ("system-error", False),
        ("server-timeout", True),
        ("html", True),
        ("truncated", True),
        ("cut", True),
    ],
)
def test_a_search_resolves_a_payment_with_a_lost_reply(shop, fault, committed):
    attempt, token = shop.ready(an_attempt())
    shop.browser.fault("payments", fault, committed=committed)
    assert isinstance(shop.gateway.charge(attempt, token), Unknown)
    shop.clock.advance(seconds=6)
    found = shop.gateway.find(attempt)
    assert isinstance(found, Captured if committed else NotFound)
    assert len(shop.browser.ledger()["payments"]) == (1 if committed else 0)


def test_a_payment_missing_from_the_index_is_not_found(shop):
    attempt, token = shop.ready(an_attempt())
    shop.browser.fault("payments", "drop")
    shop.gateway.charge(attempt, token)
    assert shop.gateway.find(attempt) == NotFound()
    shop.clock.advance(seconds=6)
    assert isinstance(shop.gateway.find(attempt), Captured)


def test_a_second_charge_of_an_attempt_charges_nothing_and_is_unknown(shop):
    attempt, token = shop.ready(an_attempt())
    assert isinstance(shop.gateway.charge(attempt, token), Captured)
    assert isinstance(shop.gateway.charge(attempt, token), Unknown)
    assert shop.browser.moved() == "247.51"


def test_an_unreachable_gateway_carries_nothing_out(shop, clock):
    attempt, token = shop.ready(an_attempt())
    gone = settings(f"http://127.0.0.1:{free_port()}")
    gateway = CyberSourceGateway(gone, now=clock, new_id=new_id)
    assert isinstance(gateway.charge(attempt, token), NotCarriedOut)


@pytest.mark.parametrize(
    ("status", "body", "end"),
    [
        (400, {"reason": "MISSING_FIELD"}, NotCarriedOut),
        (400, {"reason": "INVALID_MERCHANT_CONFIGURATION"}, NotCarriedOut),
        (400, {"reason": "SOMETHING_NEW"}, NotCarriedOut),
        (400, {"reason": "INVALID_CARD"}, Declined),
        (400, {"reason": "CARD_TYPE_NOT_ACCEPTED"}, Declined),
        (400, {"reason": "DUPLICATE_REQUEST"}, Unknown),
        (401, {"response": {"rmsg": "Authentication Failed"}}, NotCarriedOut),
        (201, {"status": "SOMETHING_NEW", "id": "7"}, Unknown),
        (201, {"status": "INVALID_REQUEST", "id": "7"}, Unknown),
        (201, {"status": "AUTHORIZED"}, Unknown),
        (201, {"status": "AUTHORIZED", "id": "7/../8"}, Unknown),
        (201, {"status": "AUTHORIZED", "id": "7"}, Unknown),
        (201, {}, Unknown),
        (
            201,
            {
                "status": "AUTHORIZED",
                "id": "7",
                "clientReferenceInformation": {"code": "SOMEBODY-ELSES"},
                "orderInformation": {
                    "amountDetails": {"authorizedAmount": "247.51", "currency": "USD"}
                },
            },
            Unknown,
        ),
    ],
)
def test_each_reply_is_mapped_to_its_result(shop, status, body, end):
    attempt, token = shop.ready(an_attempt())
    shop.browser.answers("payments", status, body)
    assert isinstance(shop.gateway.charge(attempt, token), end)


@pytest.mark.parametrize(
    ("amount", "currency", "money"),
    [
        ("247.51", "USD", DUE),
        ("247.510", "USD", DUE),
        ("200.00", "USD", Money.of("200.00")),
        ("247.51", "EUR", Money.of("247.51", Currency.EUR)),
    ],
)
def test_the_captured_amount_comes_from_the_reply(shop, amount, currency, money):
    attempt, token = shop.ready(an_attempt())
    details = {"authorizedAmount": amount, "totalAmount": "247.51", "currency": currency}
    body = {"status": "AUTHORIZED", "id": "7", "orderInformation": {"amountDetails": details}}
    shop.browser.answers("payments", 201, body)
    answer = shop.gateway.charge(attempt, token)
    assert isinstance(answer, Captured)
    assert answer.amount == money


@pytest.mark.parametrize(
    ("amount", "currency"),
    [("247.515", "USD"), ("NaN", "USD"), ("-1", "USD"), ("1e9", "USD"), ("247.51", "XXX")],
)
def test_an_invalid_amount_leaves_the_result_unknown(shop, amount, currency):
    attempt, token = shop.ready(an_attempt())
    details = {"authorizedAmount": amount, "currency": currency}
    body = {"status": "AUTHORIZED", "id": "7", "orderInformation": {"amountDetails": details}}
    shop.browser.answers("payments", 201, body)
    assert isinstance(shop.gateway.charge(attempt, token), Unknown)


def test_a_decline_with_an_unknown_reason_is_general_and_logged(shop, caplog):
    attempt, token = shop.ready(an_attempt())
    body = {"status": "DECLINED", "id": "7", "errorInformation": {"reason": "SOMETHING_NEW"}}
    shop.browser.answers("payments", 201, body)
    with caplog.at_level(logging.WARNING, "coursetill"):
        assert shop.gateway.charge(attempt, token) == Declined(GENERAL_DECLINE, "7")
    assert "unlisted decline reason" in caplog.text


def test_a_purchase_logs_no_card_no_token_and_no_secret(shop, caplog):
    with caplog.at_level(logging.DEBUG):
        attempt, token = shop.ready(an_attempt())
        shop.gateway.charge(attempt, token)
        shop.clock.advance(seconds=6)
        shop.gateway.find(attempt)
    assert "operation=charge ours=A-1" in caplog.text
    for hush in ("4111", token.text, token.text[-40:], "d29ydGhsZXNz", "Bearer", "247.51"):
        assert hush not in caplog.text


@pytest.mark.parametrize(
    "amount", [Money(12_345, Currency.EUR), Money(12_345, Currency.JPY), Money(9_875, Currency.KWD)]
)
def test_every_currency_is_captured_with_its_own_decimals(shop, amount):
    answer = shop.paid(an_attempt(amount=amount))
    assert isinstance(answer, Captured)
    assert answer.amount == amount
    shop.clock.advance(seconds=6)
    assert shop.gateway.find(an_attempt(amount=amount)).amount == amount
