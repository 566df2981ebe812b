"""Secure Acceptance without a page (/silent/pay), and with a stored card (/oneclick/pay)."""

import pytest
import requests

from coursetill_simulators.cybersource import DEMO_PROFILE_SECRET
from coursetill_simulators.cybersource.secure_acceptance.signatures import verifies
from coursetill_simulators_tests.cybersource.hosted_shop import (
    DECLINED,
    Fields,
    HostedShop,
    address_of,
    returned,
    signed,
)
from coursetill_simulators_tests.cybersource.merchant import VISA

CARD = {
    "card_type": "001",
    "card_number": VISA,
    "card_expiry_date": "12-2031",
    "card_cvn": "123",
}
PAYER = {
    "bill_to_forename": "Ada",
    "bill_to_surname": "Lovelace",
    "bill_to_address_postal_code": "02139",
}


def sent(shop: HostedShop, card: Fields, **changed: str) -> requests.Response:
    """The shop's own form, posted by the buyer's browser."""
    fields = shop.fields(**{**PAYER, "unsigned_field_names": ",".join(card), **changed})
    return requests.post(
        f"{shop.merchant.url}/silent/pay", data={**signed(fields), **card}, timeout=10
    )


def once(shop: HostedShop, token: str, **changed: str) -> requests.Response:
    """The reply to a form for a stored card."""
    fields = shop.fields(payment_token=token, transaction_uuid="a-second-uuid", **changed)
    url = f"{shop.merchant.url}/oneclick/pay"
    return requests.post(url, data=signed(fields), timeout=10)


def kept(shop: HostedShop) -> str:
    """The token of a card that paid on the page."""
    kind = "sale,create_payment_token"
    return returned(shop.pays(shop.opens(transaction_type=kind)))["payment_token"]


def test_the_form_of_the_shop_pays_at_once(shop: HostedShop) -> None:
    reply = sent(shop, CARD)
    back = returned(reply)
    assert address_of(reply) == "http://127.0.0.1:5000/receipt"
    assert verifies(back, DEMO_PROFILE_SECRET)
    assert (back["decision"], back["auth_amount"]) == ("ACCEPT", "247.50")
    assert (back["req_card_number"], back["req_card_type"]) == ("xxxxxxxxxxxx1111", "001")
    assert "123" not in [value for name, value in back.items() if "cvn" in name]
    assert VISA not in reply.text
    assert shop.merchant.ledger()["money"]["USD"]["captured"] == "247.50"
    shop.round()
    (server,) = shop.told()
    assert server["transaction_id"] == back["transaction_id"]


def test_a_declined_form_cannot_be_sent_again(shop: HostedShop) -> None:
    shop.merchant.commands("switches", hosted_retries=5)
    declined = returned(sent(shop, {**CARD, "card_number": DECLINED}))
    assert (declined["decision"], declined["reason_code"]) == ("DECLINE", "204")
    again = returned(sent(shop, CARD))
    assert (again["decision"], again["reason_code"]) == ("ERROR", "104")
    assert shop.merchant.ledger()["money"]["USD"]["captured"] == "0.00"


@pytest.mark.parametrize(
    ("card", "place", "names"),
    [
        ({"card_number": "4111111111111112"}, "invalid_fields", "card_number"),
        ({"card_expiry_date": "12/31"}, "invalid_fields", "card_expiry_date"),
        ({"card_expiry_date": "10-2026"}, "invalid_fields", "card_expiry_date"),
        ({"card_cvn": "12"}, "invalid_fields", "card_cvn"),
        ({"card_type": "002"}, "invalid_fields", "card_type"),
        ({"card_number": ""}, "required_fields", "card_number"),
        ({"card_type": ""}, "required_fields", "card_type"),
    ],
)
def test_an_invalid_card_is_an_error_that_names_the_field(
    shop: HostedShop, card: Fields, place: str, names: str
) -> None:
    back = returned(sent(shop, {**CARD, **card}))
    assert (back["decision"], back["reason_code"], back[place]) == ("ERROR", "102", names)
    assert shop.merchant.ledger()["payments"] == []


def test_a_form_with_signed_card_fields_or_a_forged_amount_is_refused(shop: HostedShop) -> None:
    fields = signed(shop.fields(**PAYER, **CARD))
    url = f"{shop.merchant.url}/silent/pay"
    assert requests.post(url, data=fields, timeout=10).status_code == 403
    forged = signed(shop.fields(**PAYER, unsigned_field_names=",".join(CARD)))
    data = {**forged, **CARD, "amount": "1.00"}
    assert requests.post(url, data=data, timeout=10).status_code == 403
    assert len(shop.merchant.ledger()["turned_away"]) == 2


def test_a_form_with_lines_that_do_not_add_up_is_an_error(shop: HostedShop) -> None:
    lines = {"line_item_count": "1", "item_0_unit_price": "1.00"}
    back = returned(sent(shop, CARD, **lines))
    assert (back["reason_code"], back["invalid_fields"]) == ("102", "amount")


def test_a_stored_card_pays_with_its_security_code(shop: HostedShop) -> None:
    page = once(shop, kept(shop))
    assert page.status_code == 200
    assert "Card ending in 1111" in page.text
    assert 'name="card_number"' not in page.text
    without = shop.pays(page.url, "", card_expiry_date="", card_cvn="")
    assert without.status_code == 422
    back = returned(shop.pays(page.url, "", card_expiry_date=""))
    assert (back["decision"], back["req_card_number"]) == ("ACCEPT", "xxxxxxxxxxxx1111")
    assert shop.merchant.ledger()["money"]["USD"]["captured"] == "495.00"


@pytest.mark.parametrize(
    ("token", "place"), [("7000000000000000000000", "invalid_fields"), ("", "required_fields")]
)
def test_one_click_requires_a_stored_card(shop: HostedShop, token: str, place: str) -> None:
    back = returned(once(shop, token))
    assert (back["reason_code"], back[place]) == ("102", "payment_token")
