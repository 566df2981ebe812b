"""The card frame and its transient token."""

from typing import Any

import pytest
import requests
from joserfc import jwt

from coursetill_simulators_tests.cybersource.merchant import (
    SHOP_ORIGIN,
    CardForm,
    Clock,
    Merchant,
    claims_of,
    header_of,
    one_time_key,
)


def test_a_transient_token_is_signed_with_the_sessions_one_time_key(
    merchant: Merchant, card_form: CardForm
) -> None:
    session = merchant.session()
    token = card_form.token(session)

    claims = jwt.decode(token, one_time_key(session), algorithms=["RS256"]).claims
    assert header_of(token)["kid"] == claims_of(session)["flx"]["jwk"]["kid"]
    assert claims["iss"] == "Flex/00"
    assert claims["exp"] - claims["iat"] == 900
    assert len(claims["jti"]) == 64


def test_a_transient_token_shows_the_masked_card_and_no_amount(
    merchant: Merchant, card_form: CardForm
) -> None:
    token = card_form.token(merchant.session())
    content = claims_of(token)["content"]

    assert content["paymentInformation"]["card"] == {
        "number": {"maskedValue": "XXXXXXXXXXXX1111", "bin": "411111"},
        "securityCode": {},
        "expirationMonth": {"value": "12"},
        "expirationYear": {"value": "2031"},
        "type": {"value": "001"},
    }
    assert content["orderInformation"]["amountDetails"] == {"totalAmount": {}, "currency": {}}
    assert "4111111111111111" not in str(claims_of(token))


@pytest.mark.parametrize(
    ("options", "digits"),
    [
        ({}, {"bin": "411111"}),
        ({"includeCardPrefix": True}, {"prefix": "41111111"}),
        ({"includeCardPrefix": False}, {}),
    ],
)
def test_the_session_sets_how_many_digits_the_token_shows(
    merchant: Merchant, card_form: CardForm, options: dict[str, bool], digits: dict[str, str]
) -> None:
    session = merchant.session(transientTokenResponseOptions=options)
    card = claims_of(card_form.token(session))["content"]["paymentInformation"]["card"]
    assert card["number"] == {"maskedValue": "XXXXXXXXXXXX1111", **digits}


WRONG: dict[str, tuple[dict[str, str], str]] = {
    "a mistyped number": ({"number": "4111111111111112"}, "card.number"),
    "a network that the session does not allow": ({"number": "6011111111111117"}, "card.number"),
    "last month": ({"expirationMonth": "10", "expirationYear": "2026"}, "card.expirationMonth"),
    "no security code": ({"securityCode": ""}, "card.securityCode"),
    "letters for a security code": ({"securityCode": "abc"}, "card.securityCode"),
}


@pytest.mark.parametrize(("changed", "place"), WRONG.values(), ids=WRONG.keys())
def test_an_invalid_card_gets_no_token(
    merchant: Merchant, card_form: CardForm, changed: dict[str, str], place: str
) -> None:
    entered = {"number": "4111111111111111", **changed}
    reply = card_form.tokenises(merchant.session(), **entered)
    assert (reply.status_code, reply.json()["reason"]) == (400, "TOKENIZATION_ERROR")
    assert [detail["location"] for detail in reply.json()["details"]] == [place]


def test_a_card_is_valid_until_the_end_of_its_month(
    merchant: Merchant, card_form: CardForm
) -> None:
    reply = card_form.tokenises(merchant.session(), expirationMonth="11", expirationYear="2026")
    assert reply.status_code == 201


def test_an_expired_session_gives_no_token(
    merchant: Merchant, card_form: CardForm, clock: Clock
) -> None:
    session = merchant.session()
    clock.advance(899)
    assert card_form.tokenises(session).status_code == 201
    clock.advance(1)
    assert card_form.tokenises(session).json()["reason"] == "CAPTURE_CONTEXT_EXPIRED"


def test_a_tampered_session_gives_no_token(merchant: Merchant, card_form: CardForm) -> None:
    start, payload, signature = merchant.session().split(".")
    forged = f"{start}.{payload[:-4]}AAAA.{signature}"
    assert card_form.tokenises(forged).json()["reason"] == "CAPTURE_CONTEXT_INVALID"


def test_a_page_outside_the_session_gets_no_token(merchant: Merchant) -> None:
    content = {"captureContext": merchant.session()}
    reply = requests.post(
        f"{merchant.url}/flex/v2/tokens",
        json=content,
        headers={"Origin": SHOP_ORIGIN},
        timeout=5,
    )
    assert (reply.status_code, reply.json()["reason"]) == (400, "TOKENIZATION_ERROR")


def frame(merchant: Merchant, session: str, parent: str = SHOP_ORIGIN) -> requests.Response:
    told: dict[str, Any] = {"session": claims_of(session)["jti"], "parent": parent, "nonce": "n"}
    return requests.get(f"{merchant.url}/uc/v1/frame", params=told, timeout=5)


def test_the_frame_shows_the_amount_and_only_the_shop_may_embed_it(merchant: Merchant) -> None:
    reply = frame(merchant, merchant.session())

    assert reply.status_code == 200
    assert "Pay $247.50</button>" in reply.text
    assert "no money moves" in reply.text
    assert f"frame-ancestors {SHOP_ORIGIN}" in reply.headers["Content-Security-Policy"]


def test_the_frame_shows_no_form_to_another_origin(merchant: Merchant) -> None:
    reply = frame(merchant, merchant.session(), parent="https://thief.example.com")
    assert reply.status_code == 400
    assert "<form" not in reply.text
    assert "frame-ancestors 'none'" in reply.headers["Content-Security-Policy"]


def test_the_frame_of_an_expired_session_reports_it(merchant: Merchant, clock: Clock) -> None:
    session = merchant.session()
    clock.advance(900)
    reply = frame(merchant, session)
    assert reply.status_code == 410
    assert "This payment session has ended" in reply.text


def test_the_frame_shows_no_address_fields_if_the_mandate_excludes_them(merchant: Merchant) -> None:
    session = merchant.session(captureMandate={"billingType": "NONE"})
    assert "postal-code" not in frame(merchant, session).text
    assert "postal-code" in frame(merchant, merchant.session()).text
