"""Sessions of Unified Checkout version 0 and of Microform, which has no amount."""

from typing import Any

import pytest
import requests

from coursetill_simulators_tests.cybersource.merchant import (
    SHOP_ORIGIN,
    CardForm,
    Clock,
    Merchant,
    claims_of,
    payment_request,
    session_request,
)

V0 = "/up/v1/capture-contexts"
MICROFORM = "/microform/v2/sessions"
AMOUNT = {"amountDetails": {"totalAmount": "247.50", "currency": "USD"}}
FIELDS: dict[str, Any] = {
    "clientVersion": "v2",
    "targetOrigins": [SHOP_ORIGIN],
    "allowedCardNetworks": ["VISA"],
    "allowedPaymentTypes": ["CARD"],
}


def v0(**changed: object) -> dict[str, Any]:
    return session_request(**{"clientVersion": "0.33", **changed})


def paid(merchant: Merchant, token: str, **order: Any) -> requests.Response:
    wanted = {**payment_request(), "tokenInformation": {"transientTokenJwt": token}}
    del wanted["paymentInformation"]
    return merchant.post("/pts/v2/payments", {**wanted, "orderInformation": order})


@pytest.mark.parametrize(
    "order",
    [{"orderInformation": AMOUNT, "data": None}, {"data": {"orderInformation": AMOUNT}}],
    ids=["until 0.30", "since 0.31"],
)
def test_version_0_reads_the_order_in_both_places(
    merchant: Merchant, card_form: CardForm, order: dict[str, Any]
) -> None:
    reply = merchant.post(V0, v0(**order))
    assert reply.status_code == 201, reply.text
    context = claims_of(reply.text)["ctx"][0]
    assert context["type"] == "gda-0.10.0"
    assert context["data"]["orderInformation"] == AMOUNT
    assert "completeMandate" not in context["data"]
    sale = paid(merchant, card_form.token(reply.text))
    assert sale.json()["orderInformation"]["amountDetails"]["authorizedAmount"] == "247.50"


def test_version_0_accepts_yes_or_no_for_3_d_secure(
    merchant: Merchant, card_form: CardForm
) -> None:
    for asked, status in ((True, 202), (False, 201)):
        mandate = {"type": "CAPTURE", "decisionManager": False, "consumerAuthentication": asked}
        session = merchant.post(V0, v0(completeMandate=mandate)).text
        token = card_form.token(session, "4000000000000002")
        assert card_form.completes(session, token).status_code == status
    wrong = {"type": "CAPTURE", "consumerAuthentication": "3DS"}
    assert merchant.post(V0, v0(completeMandate=wrong)).status_code == 400


@pytest.mark.parametrize("version", ["1.0", "0", "0.33.1", None])
def test_a_version_0_session_names_its_version(merchant: Merchant, version: str | None) -> None:
    assert merchant.post(V0, v0(clientVersion=version)).status_code == 400


def test_version_1_refuses_a_version_0_session(merchant: Merchant) -> None:
    assert merchant.post("/uc/v1/sessions", v0()).status_code == 400
    assert merchant.post(V0, v0(allowedPaymentTypes=["SRCVISA"])).status_code == 201


def test_version_0_details_are_requested_by_the_whole_token(
    merchant: Merchant, card_form: CardForm, clock: Clock
) -> None:
    token = card_form.token(merchant.post(V0, v0()).text)
    found = merchant.get(f"/up/v1/payment-details/{token}").json()
    assert found == merchant.get(f"/flex/v2/payment-details/{claims_of(token)['jti']}").json()
    assert merchant.get(f"/up/v1/payment-details/{token[:-4]}AAAA").status_code == 404
    clock.advance(901)
    assert merchant.get(f"/up/v1/payment-details/{token}").status_code == 404


def test_a_microform_token_pays_the_amount_of_the_request(
    merchant: Merchant, card_form: CardForm
) -> None:
    session = merchant.post(MICROFORM, FIELDS).text
    context = claims_of(session)["ctx"][0]
    assert (context["type"], "orderInformation" in context["data"]) == ("mf-2.0.0", False)
    token = card_form.token(session)
    assert claims_of(token)["type"] == "mf-2.0.0"
    refused = paid(merchant, token)
    assert (refused.status_code, refused.json()["reason"]) == (400, "MISSING_FIELD")
    sale = paid(merchant, token, amountDetails={"totalAmount": "5.00", "currency": "EUR"})
    assert sale.json()["orderInformation"]["amountDetails"]["authorizedAmount"] == "5.00"
    assert merchant.ledger()["money"]["EUR"]["captured"] == "5.00"


def test_microform_has_no_card_frame_and_completes_nothing(
    merchant: Merchant, card_form: CardForm
) -> None:
    session = merchant.post(MICROFORM, FIELDS).text
    asked = {"session": claims_of(session)["jti"], "parent": SHOP_ORIGIN, "nonce": "n"}
    frame = requests.get(f"{merchant.url}/uc/v1/frame", params=asked, timeout=5)
    assert frame.status_code == 400
    refused = card_form.completes(session, card_form.token(session))
    assert refused.json()["reason"] == "COMPLETE_NOT_ALLOWED"


@pytest.mark.parametrize(
    "changed",
    [
        {"clientVersion": "v1"},
        {"clientVersion": ""},
        {"allowedCardNetworks": []},
        {"allowedPaymentTypes": ["PANENTRY"]},
        {"targetOrigins": ["http://shop.example.com"]},
    ],
)
def test_an_invalid_microform_session_is_refused(
    merchant: Merchant, changed: dict[str, object]
) -> None:
    reply = merchant.post(MICROFORM, {**FIELDS, **changed})
    assert (reply.status_code, reply.json()["reason"]) == (400, "CAPTURE_CONTEXT_INVALID")


@pytest.mark.parametrize("path", [V0, MICROFORM, "/up/v1/payment-details/x"])
def test_a_session_request_requires_a_signature(merchant: Merchant, path: str) -> None:
    method = "GET" if "details" in path else "POST"
    reply = requests.request(method, merchant.url + path, json={}, timeout=5)
    assert reply.status_code == 401


@pytest.mark.parametrize("path", [V0, MICROFORM])
def test_each_session_names_an_existing_library(merchant: Merchant, path: str) -> None:
    told = claims_of(merchant.post(path, v0() if path == V0 else FIELDS).text)["ctx"][0]["data"]
    library = requests.get(told["clientLibrary"], timeout=5)
    assert (library.status_code, library.headers["Access-Control-Allow-Origin"]) == (200, "*")
