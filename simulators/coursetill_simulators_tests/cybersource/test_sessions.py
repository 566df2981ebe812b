"""Unified Checkout sessions: accepted fields, defaults, and the returned token."""

import base64
import hashlib
from typing import Any

import pytest
import requests
from joserfc import jwt
from joserfc.jwk import RSAKey

from coursetill_simulators.cybersource import RunningSimulator, SimulatorSettings
from coursetill_simulators_tests.cybersource.merchant import (
    Clock,
    Merchant,
    claims_of,
    header_of,
    session_request,
)


def order(total: object = "247.50", currency: object = "USD") -> dict[str, Any]:
    return {"orderInformation": {"amountDetails": {"totalAmount": total, "currency": currency}}}


def checkout_of(session: str) -> dict[str, Any]:
    return claims_of(session)["ctx"][0]["data"]


def test_a_session_is_a_jwt_signed_by_the_published_key(merchant: Merchant) -> None:
    reply = merchant.post("/uc/v1/sessions", session_request())

    assert (reply.status_code, reply.headers["Content-Type"]) == (201, "application/jwt")
    assert header_of(reply.text) == {"kid": "zu", "alg": "RS256"}
    published = requests.get(f"{merchant.url}/flex/v2/public-keys/zu", timeout=5)
    assert published.headers["Access-Control-Allow-Origin"] == "*"
    key = RSAKey.import_key(published.json())
    assert jwt.decode(reply.text, key, algorithms=["RS256"]).claims["iss"] == "Flex API"


def test_an_unknown_public_key_is_not_found(merchant: Merchant) -> None:
    assert requests.get(f"{merchant.url}/flex/v2/public-keys/3g", timeout=5).status_code == 404


def test_a_session_lasts_fifteen_minutes_and_has_its_own_key(merchant: Merchant) -> None:
    one, other = claims_of(merchant.session()), claims_of(merchant.session())

    assert one["exp"] - one["iat"] == 900
    assert len(one["jti"]) == 16
    assert len(one["flx"]["jwk"]["kid"]) == 32
    assert one["flx"]["jwk"]["n"] != other["flx"]["jwk"]["n"]


def test_a_session_repeats_every_field_of_the_request(merchant: Merchant) -> None:
    wanted = session_request(
        clientVersion="1.0",
        completeMandate={"type": "AUTH", "decisionManager": False, "consumerAuthentication": "3DS"},
        captureMandate={"billingType": "NONE"},
        transientTokenResponseOptions={"includeCardPrefix": False},
    )
    told = checkout_of(merchant.post("/uc/v1/sessions", wanted).text)

    assert {name: told[name] for name in wanted} == wanted | {
        "completeMandate": told["completeMandate"],
        "captureMandate": told["captureMandate"],
    }
    assert told["completeMandate"].items() >= wanted["completeMandate"].items()
    assert told["captureMandate"].items() >= wanted["captureMandate"].items()
    assert told["orderInformation"] == wanted["data"]["orderInformation"]


def test_account_defaults_fill_the_fields_that_were_left_out(merchant: Merchant) -> None:
    told = checkout_of(merchant.session(completeMandate=None))

    assert told["completeMandate"] == {
        "type": "SALE",
        "decisionManager": True,
        "consumerAuthentication": "NONE",
        "tms": {"tokenCreate": True},
    }
    assert told["captureMandate"]["billingType"] == "FULL"


def test_an_account_without_payment_processing_adds_no_mandate(clock: Clock) -> None:
    with RunningSimulator(SimulatorSettings(payment_processing=False), now=clock) as running:
        told = checkout_of(Merchant(running.url, clock).session())
    assert "completeMandate" not in told


def test_the_library_matches_the_hash_in_the_session(merchant: Merchant) -> None:
    told = checkout_of(merchant.session())
    library = requests.get(told["clientLibrary"], timeout=5)

    digest = base64.b64encode(hashlib.sha256(library.content).digest()).decode()
    assert told["clientLibraryIntegrity"] == f"sha256-{digest}"
    assert told["clientLibrary"] == f"{merchant.url}/uc/v1/assets/1.0.0/UnifiedCheckout.js"
    assert library.headers["Access-Control-Allow-Origin"] == "*"


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "unknown key": ({"clientReferenceInformation": {}}, "clientReferenceInformation"),
    "no origins": ({"targetOrigins": None}, "targetOrigins"),
    "empty origins": ({"targetOrigins": []}, "targetOrigins"),
    "plain http": ({"targetOrigins": ["http://shop.example.com"]}, "targetOrigins"),
    "an origin with a path": ({"targetOrigins": ["https://shop.example.com/pay"]}, "targetOrigins"),
    "an origin with a slash": ({"targetOrigins": ["https://shop.example.com/"]}, "targetOrigins"),
    "a wildcard": ({"targetOrigins": ["https://*.example.com"]}, "targetOrigins"),
    "a broken origin": ({"targetOrigins": ["https://["]}, "targetOrigins"),
    "no list": ({"targetOrigins": "https://shop.example.com"}, "targetOrigins"),
    "eight origins": (
        {"targetOrigins": [f"https://shop{number}.example.com" for number in range(8)]},
        "targetOrigins",
    ),
    "no country": ({"country": None}, "country"),
    "a long country": ({"country": "USA"}, "country"),
    "no locale": ({"locale": None}, "locale"),
    "a short locale": ({"locale": "en"}, "locale"),
    "a patch version": ({"clientVersion": "1.0.0"}, "clientVersion"),
    "no order": ({"data": None}, "data.orderInformation.amountDetails.totalAmount"),
    "no amount": ({"data": order(None)}, "data.orderInformation.amountDetails.totalAmount"),
    "an amount as a number": (
        {"data": order(247.5)},
        "data.orderInformation.amountDetails.totalAmount",
    ),
    "a negative amount": (
        {"data": order("-1.00")},
        "data.orderInformation.amountDetails.totalAmount",
    ),
    "no currency": (
        {"data": order("1.00", None)},
        "data.orderInformation.amountDetails.currency",
    ),
    "a mandate in words": ({"completeMandate": "CAPTURE"}, "completeMandate"),
    "an unknown mandate": ({"completeMandate": {"type": "TAKE"}}, "completeMandate.type"),
    "an unhashable mandate": ({"completeMandate": {"type": []}}, "completeMandate.type"),
    "a payer in words": (
        {"data": {"orderInformation": {**order("1.00")["orderInformation"], "billTo": "Ada"}}},
        "data.orderInformation.billTo",
    ),
    "marks that are none": (
        {"data": {**order("1.00"), "merchantDefinedInformation": [{"key": "1"}]}},
        "data.merchantDefinedInformation",
    ),
    "an unknown network": ({"allowedCardNetworks": ["VISTA"]}, "allowedCardNetworks"),
    "a name of version 0": ({"allowedPaymentTypes": ["SRCVISA"]}, "allowedPaymentTypes"),
}


@pytest.mark.parametrize(("changed", "place"), WRONG.values(), ids=WRONG.keys())
def test_an_invalid_session_is_refused_and_names_the_field(
    merchant: Merchant, changed: dict[str, Any], place: str
) -> None:
    reply = merchant.post("/uc/v1/sessions", session_request(**changed))

    refusal = reply.json()
    assert (reply.status_code, refusal["reason"]) == (400, "CAPTURE_CONTEXT_INVALID")
    assert place in [detail["location"] for detail in refusal["details"]]
    assert refusal["correlationId"] == reply.headers["v-c-correlation-id"]


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"\xff"])
def test_a_session_that_is_not_a_json_object_is_refused(merchant: Merchant, body: bytes) -> None:
    token = merchant.signed(merchant.claims("POST", "/uc/v1/sessions", body))
    reply = merchant.send("POST", "/uc/v1/sessions", body=body, token=token)
    assert (reply.status_code, reply.json()["reason"]) == (400, "CAPTURE_CONTEXT_INVALID")


def test_loopback_over_http_is_refused_if_the_account_forbids_it(clock: Clock) -> None:
    with RunningSimulator(SimulatorSettings(allow_http_loopback=False), now=clock) as running:
        strict = Merchant(running.url, clock)
        assert strict.post("/uc/v1/sessions", session_request()).status_code == 400
        secure = session_request(targetOrigins=["https://127.0.0.1:5000"])
        assert strict.post("/uc/v1/sessions", secure).status_code == 201
