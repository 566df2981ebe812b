"""The hosted page of Secure Acceptance: decisions, faults, retries, cancel, and its end."""

import pytest
import requests

from coursetill_simulators.cybersource import DEMO_PROFILE_SECRET
from coursetill_simulators.cybersource.secure_acceptance.decisions import (
    CHOICES,
    VERDICTS,
    Decision,
)
from coursetill_simulators.cybersource.secure_acceptance.signatures import verifies
from coursetill_simulators_tests.cybersource.hosted_shop import (
    DECLINED,
    Fields,
    HostedShop,
    address_of,
    returned,
)
from coursetill_simulators_tests.cybersource.merchant import VISA, Clock


def test_a_sale_is_signed_in_the_browser_and_server_reply(shop: HostedShop) -> None:
    page = shop.opens()
    shown = requests.get(page, timeout=10)
    assert "Pay $247.50" in shown.text
    assert "no money moves" in shown.text
    reply = shop.pays(page)
    back = returned(reply)
    assert address_of(reply) == "http://127.0.0.1:5000/receipt"
    assert "form-action http://127.0.0.1:5000;" in reply.headers["Content-Security-Policy"]
    assert verifies(back, DEMO_PROFILE_SECRET)
    assert (back["decision"], back["reason_code"]) == ("ACCEPT", "100")
    assert (back["req_reference_number"], back["req_amount"]) == ("ORDER-42", "247.50")
    assert (back["auth_amount"], back["req_currency"]) == ("247.50", "USD")
    assert back["req_card_number"] == "xxxxxxxxxxxx1111"
    assert (back["req_bill_to_surname"], back["req_card_expiry_date"]) == ("Lovelace", "12-2031")
    assert back["auth_time"].replace("T", "").rstrip("Z").isdigit() is False
    assert "utf8" not in back["signed_field_names"]
    assert not [name for name in back if "cvn" in name]

    (payment,) = shop.merchant.ledger()["payments"]
    assert payment["id"] == back["transaction_id"]
    assert shop.merchant.ledger()["money"]["USD"]["captured"] == "247.50"
    assert shop.round() == 1
    (server,) = shop.told()
    assert verifies(server, DEMO_PROFILE_SECRET)
    assert server["transaction_id"] == back["transaction_id"]
    assert shop.round() == 0


def test_an_authorisation_takes_no_money_and_a_token_is_made_on_request(shop: HostedShop) -> None:
    kind = "authorization,create_payment_token"
    back = returned(shop.pays(shop.opens(transaction_type=kind)))
    assert back["decision"] == "ACCEPT"
    assert back["payment_token"] != ""
    assert shop.merchant.ledger()["money"]["USD"]["captured"] == "0.00"
    assert shop.merchant.captures(back["transaction_id"], "247.50").status_code == 201


@pytest.mark.parametrize("code", CHOICES)
def test_every_reason_code_can_be_chosen(shop: HostedShop, code: str) -> None:
    back = returned(shop.pays(shop.opens(), simulated_reason=code))
    verdict = VERDICTS[code]
    assert (back["reason_code"], back["decision"]) == (code, verdict.decision.value)
    assert back["message"] != ""
    taken = shop.merchant.ledger()["money"].get("USD", {}).get("captured", "0.00")
    expected = {"100": "247.50", "110": "123.75", "151": "247.50"}
    assert taken == expected.get(code, "0.00")


def test_a_partial_approval_reports_less_than_requested(shop: HostedShop) -> None:
    back = returned(shop.pays(shop.opens(), simulated_reason="110"))
    assert (back["req_amount"], back["auth_amount"]) == ("247.50", "123.75")


@pytest.mark.parametrize(
    ("paid", "decision", "code"),
    [
        ({"number": DECLINED}, "DECLINE", "204"),
        ({"number": "4000000000004806"}, "REVIEW", "480"),
        ({"number": "4000000000001513"}, "ERROR", "151"),
        ({"number": "4000000000001505"}, "ERROR", "150"),
        ({"number": "4000000000002362"}, "DECLINE", "236"),
        ({"bill_to_address_postal_code": "46282"}, "DECLINE", "203"),
    ],
)
def test_cards_and_postal_codes_give_the_same_outcomes_as_over_rest(
    shop: HostedShop, paid: Fields, decision: str, code: str
) -> None:
    back = returned(shop.pays(shop.opens(), **paid))
    assert (back["decision"], back["reason_code"]) == (decision, code)


@pytest.mark.parametrize(("amount", "code"), [("6001.00", "200"), ("6003.00", "110")])
def test_amounts_give_the_same_outcomes_as_over_rest(
    shop: HostedShop, amount: str, code: str
) -> None:
    assert returned(shop.pays(shop.opens(amount=amount)))["reason_code"] == code


def test_the_control_page_decides_a_review(shop: HostedShop) -> None:
    back = returned(shop.pays(shop.opens(), simulated_reason="230"))
    assert back["decision"] == "REVIEW"
    path = f"reviews/{back['transaction_id']}"
    assert shop.merchant.commands(path, decision="accept").status_code == 200
    assert shop.merchant.ledger()["money"]["USD"]["captured"] == "247.50"


@pytest.mark.parametrize(
    ("typed", "fault"),
    [
        ({"card_number": "4111111111111112"}, "not a card number"),
        ({"card_number": ""}, "not a card number"),
        ({"card_expiry_date": "10/26"}, "has expired"),
        ({"card_expiry_date": "13/31"}, "month and year"),
        ({"card_cvn": "12"}, "three or four digits"),
        ({"bill_to_surname": " "}, "Enter the last name."),
    ],
)
def test_an_error_is_shown_at_its_field_and_charges_nothing(
    shop: HostedShop, typed: Fields, fault: str
) -> None:
    number = typed.pop("card_number", VISA)
    reply = shop.pays(shop.opens(), number, **typed)
    assert reply.status_code == 422
    assert fault in reply.text
    assert 'aria-invalid="true"' in reply.text
    assert shop.merchant.ledger()["payments"] == []


def test_a_declined_card_can_be_retried_up_to_the_limit_of_the_profile(shop: HostedShop) -> None:
    shop.merchant.commands("switches", hosted_retries=2)
    page = shop.opens()
    for _ in range(2):
        reply = shop.pays(page, DECLINED)
        assert "The card was not accepted" in reply.text
    back = returned(shop.pays(page))
    assert back["decision"] == "ACCEPT"
    shop.round()
    assert [each["decision"] for each in shop.told()] == ["DECLINE", "DECLINE", "ACCEPT"]
    assert len({each["req_transaction_uuid"] for each in shop.told()}) == 1


def test_the_last_decline_returns_to_the_shop(shop: HostedShop) -> None:
    shop.merchant.commands("switches", hosted_retries=1)
    page = shop.opens()
    shop.pays(page, DECLINED)
    assert returned(shop.pays(page, DECLINED))["decision"] == "DECLINE"
    assert returned(shop.pays(page))["reason_code"] == "104"


def test_a_cancellation_has_no_transaction_and_returns_to_its_own_page(shop: HostedShop) -> None:
    page = shop.opens()
    reply = requests.post(f"{page}/cancel", timeout=10)
    back = returned(reply)
    assert address_of(reply) == "http://127.0.0.1:5000/cancel"
    assert (back["decision"], back["req_reference_number"]) == ("CANCEL", "ORDER-42")
    assert not {"transaction_id", "reason_code", "auth_amount"} & set(back)
    assert verifies(back, DEMO_PROFILE_SECRET)
    shop.round()
    assert shop.told()[0]["decision"] == "CANCEL"


def test_a_second_tab_can_still_pay_after_a_cancellation(shop: HostedShop) -> None:
    page = shop.opens()
    requests.post(f"{page}/cancel", timeout=10)
    assert returned(shop.pays(page))["decision"] == "ACCEPT"
    shop.round()
    assert [each["decision"] for each in shop.told()] == ["CANCEL", "ACCEPT"]


def test_a_transaction_pays_once_in_fifteen_minutes(shop: HostedShop, clock: Clock) -> None:
    first, second = shop.opens(), shop.opens()
    assert returned(shop.pays(first))["decision"] == "ACCEPT"
    for page in (first, second):
        again = returned(shop.pays(page))
        assert (again["decision"], again["reason_code"]) == ("ERROR", "104")
        assert again["req_amount"] == "247.50"
        assert "transaction_id" not in again
    assert len(shop.merchant.ledger()["payments"]) == 1
    clock.advance(15 * 60)
    assert returned(shop.pays(shop.opens()))["decision"] == "ACCEPT"


def test_a_repeated_transaction_can_return_without_its_amount(shop: HostedShop) -> None:
    shop.merchant.commands("switches", repeated_with_amount=False)
    page = shop.opens()
    shop.pays(page)
    assert "req_amount" not in returned(shop.pays(page))


def test_a_page_expires(shop: HostedShop, clock: Clock) -> None:
    page = shop.opens()
    clock.advance(15 * 60)
    for reply in (requests.get(page, timeout=5), shop.pays(page)):
        assert reply.status_code == 410
    assert requests.post(f"{page}/cancel", timeout=5).status_code == 410
    assert requests.get(f"{shop.merchant.url}/pay/none", timeout=5).status_code == 410
    assert shop.merchant.ledger()["payments"] == []


def test_every_documented_reason_code_maps_to_its_decision() -> None:
    accepted = {"100", "110"}
    reviewed = {"200", "201", "230", "480", "520"}
    errors = {"101", "104", "150", "151", "152"}
    for code, verdict in VERDICTS.items():
        expected = Decision.DECLINE
        expected = Decision.ACCEPT if code in accepted else expected
        expected = Decision.REVIEW if code in reviewed else expected
        expected = Decision.ERROR if code in errors else expected
        assert verdict.decision is expected, code
    declined = {
        "102",
        "202",
        "203",
        "204",
        "205",
        "207",
        "208",
        "209",
        "210",
        "211",
        "221",
        "222",
        "231",
        "232",
        "233",
        "234",
        "236",
        "240",
    }
    assert declined | {"475", "476", "478", "481"} | accepted | reviewed | errors == set(VERDICTS)
