"""The signed form of Secure Acceptance: official vectors, forgeries, and wrong data."""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import requests

from coursetill_simulators.cybersource import (
    DEMO_PROFILE_SECRET,
    Profile,
    RunningSimulator,
    SimulatorSettings,
)
from coursetill_simulators.cybersource.secure_acceptance.signatures import signature_of, verifies
from coursetill_simulators_tests.cybersource.hosted_shop import Fields, HostedShop, returned, signed
from coursetill_simulators_tests.cybersource.merchant import Clock

VECTORS = Path(__file__).parents[3] / "tests" / "vectors" / "cybersource"
OFFICIAL = json.loads((VECTORS / "secure_acceptance.json").read_text())


@pytest.mark.parametrize(
    "case", OFFICIAL["request_vectors"], ids=[c["name"] for c in OFFICIAL["request_vectors"]]
)
def test_the_official_request_has_a_valid_signature_and_opens_a_page(
    case: dict[str, Any], clock: Clock
) -> None:
    fields = {name: str(value) for name, value in case["fields"].items()}
    assert signature_of(fields, case["security_key"]) == fields["signature"]
    profile = Profile(id=fields["profile_id"], keys={fields["access_key"]: case["security_key"]})
    settings = SimulatorSettings(profiles=(profile,))
    early = Clock(clock.start - timedelta(hours=6))
    with RunningSimulator(settings, now=early, rounds_every=None) as running:
        url = f"{running.url}/pay"
        reply = requests.post(url, data=fields, timeout=10, allow_redirects=False)
    assert reply.status_code == 303


@pytest.mark.parametrize(
    "case", OFFICIAL["response_vectors"], ids=[c["name"] for c in OFFICIAL["response_vectors"]]
)
def test_the_official_replies_verify_as_documented(case: dict[str, Any]) -> None:
    fields = {name: str(value) for name, value in case["post"].items()}
    assert verifies(fields, case["security_key"]) == case["expected"]


def without(fields: Fields, name: str) -> Fields:
    return {each: value for each, value in fields.items() if each != name}


FORGED: dict[str, Callable[[Fields], Fields]] = {
    "changed amount": lambda f: {**signed(f), "amount": "0.01"},
    "wrong signature": lambda f: {**signed(f), "signature": "AAAA"},
    "no signature": lambda f: without(signed(f), "signature"),
    "no list": lambda f: without(signed(f), "signed_field_names"),
    "amount not signed": lambda f: signed(
        f, names=[n for n in (*f, "signed_field_names") if n != "amount"]
    ),
    "an extra field": lambda f: {**signed(f), "decision": "ACCEPT"},
    "no list of the unsigned": lambda f: without(
        signed(f, names=[*f, "signed_field_names"]), "unsigned_field_names"
    ),
    "another profile": lambda f: signed({**f, "profile_id": "another"}),
    "another key": lambda f: signed({**f, "access_key": "another"}),
    "no reference": lambda f: signed(without(f, "reference_number")),
    "an empty uuid": lambda f: signed({**f, "transaction_uuid": ""}),
    "signed too early": lambda f: signed({**f, "signed_date_time": "2026-11-22T11:44:59Z"}),
    "signed too late": lambda f: signed({**f, "signed_date_time": "2026-11-22T12:15:01Z"}),
    "a moment in words": lambda f: signed({**f, "signed_date_time": "noon"}),
}


@pytest.mark.parametrize("forge", FORGED.values(), ids=FORGED)
def test_a_form_that_fails_verification_is_403_and_nothing_else(
    shop: HostedShop, forge: Callable[[Fields], Fields]
) -> None:
    reply = shop.posts(forge(shop.fields()))
    assert reply.status_code == 403
    assert "You are not authorized to view this page." in reply.text
    assert "The transaction has not been processed." in reply.text
    assert shop.round() == 0


def test_a_repeated_parameter_or_invalid_utf_8_is_refused(
    shop: HostedShop,
) -> None:
    fields = signed(shop.fields())
    url = f"{shop.merchant.url}/pay"
    for second in (("amount", "0.01"), ("amount", fields["amount"])):
        reply = requests.post(url, data=[*fields.items(), second], timeout=10)
        assert reply.status_code == 403
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    assert requests.post(url, data=b"a=\xff", headers=headers, timeout=10).status_code == 403


@pytest.mark.parametrize("offset", ["2026-11-22T11:45:00Z", "2026-11-22T12:15:00Z"])
def test_a_form_signed_fifteen_minutes_off_still_opens(shop: HostedShop, offset: str) -> None:
    assert shop.opens(signed_date_time=offset) != ""


ITEMS = {
    "line_item_count": "2",
    "item_0_code": "course",
    "item_0_name": "Probability",
    "item_0_sku": "course-1",
    "item_0_quantity": "1",
    "item_0_unit_price": "200.00",
    "item_0_tax_amount": "7.50",
    "item_1_unit_price": "20.00",
    "item_1_quantity": "2",
}


def test_lines_are_shown_and_their_sum_is_the_amount(shop: HostedShop) -> None:
    text = requests.get(shop.opens(**ITEMS), timeout=10).text
    assert "Probability" in text
    assert "$40.00" in text


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"amount": "247,50"}, {"invalid_fields": "amount"}),
        ({"amount": "-1"}, {"invalid_fields": "amount"}),
        ({"currency": "DOLLARS"}, {"invalid_fields": "currency"}),
        ({"locale": "english"}, {"invalid_fields": "locale"}),
        ({"transaction_type": "gift"}, {"invalid_fields": "transaction_type"}),
        ({"reference_number": "x" * 51}, {"invalid_fields": "reference_number"}),
        ({"reference_number": "A<B"}, {"invalid_fields": "reference_number"}),
        ({"merchant_defined_data1": "x" * 101}, {"invalid_fields": "merchant_defined_data1"}),
        ({"consumer_id": "ada@example.com"}, {"invalid_fields": "consumer_id"}),
        ({"customer_ip_address": "::1"}, {"invalid_fields": "customer_ip_address"}),
        ({"bill_to_phone": "call me"}, {"invalid_fields": "bill_to_phone"}),
        ({**ITEMS, "item_1_quantity": "1"}, {"invalid_fields": "amount"}),
        ({**ITEMS, "item_0_tax_amount": "7.51"}, {"invalid_fields": "amount"}),
        ({**ITEMS, "item_0_unit_price": "much"}, {"invalid_fields": "item_0_unit_price"}),
        ({**ITEMS, "item_0_sku": "left out"}, {"required_fields": "item_0_sku"}),
        ({**ITEMS, "line_item_count": "left out"}, {"required_fields": "line_item_count"}),
        ({**ITEMS, "line_item_count": "3"}, {"required_fields": "item_2_unit_price"}),
        (
            {"override_custom_receipt_page": "javascript:alert(1)"},
            {"invalid_fields": "override_custom_receipt_page"},
        ),
    ],
)
def test_invalid_data_is_error_102_and_names_the_field_to_shop_and_learner(
    shop: HostedShop, changed: Fields, named: Fields
) -> None:
    changed = {"override_custom_receipt_page": "http://127.0.0.1:5000/receipt", **changed}
    reply = shop.posts(signed(shop.fields(**changed)))
    back = returned(reply)
    assert (back["decision"], back["reason_code"]) == ("ERROR", "102")
    assert back.items() >= named.items()
    assert verifies(back, DEMO_PROFILE_SECRET)
    assert shop.merchant.ledger()["payments"] == []
    shop.round()
    assert shop.told()[0].items() >= named.items()


@pytest.mark.parametrize("letters", ["Ä,ß=&;%+'\"~", "日本語 курс"])
def test_letters_of_every_script_survive_the_round_trip(shop: HostedShop, letters: str) -> None:
    back = returned(shop.pays(shop.opens(merchant_defined_data1=letters)))
    assert back["req_merchant_defined_data1"] == letters
    assert verifies(back, DEMO_PROFILE_SECRET)
    shop.round()
    assert shop.told()[0]["req_merchant_defined_data1"] == letters
    assert verifies(shop.told()[0], DEMO_PROFILE_SECRET)
