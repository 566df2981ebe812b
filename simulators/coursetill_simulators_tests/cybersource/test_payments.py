"""POST /pts/v2/payments: by token and by card, each outcome, and the money it moves."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests

from coursetill_simulators.cybersource import RunningSimulator, SimulatorSettings
from coursetill_simulators.cybersource.state.outcomes import ACCEPTED_CARDS, CARDS, OUTCOMES
from coursetill_simulators.cybersource.wire_format.cards import network_of, passes_luhn
from coursetill_simulators_tests.cybersource.conftest import Waits
from coursetill_simulators_tests.cybersource.merchant import (
    CardForm,
    Clock,
    Merchant,
    claims_of,
    payment_request,
)

PATH = "/pts/v2/payments"
NUMBERS = {name: number for number, name in CARDS.items()}


def token_request(**told: str) -> dict[str, Any]:
    return {
        "clientReferenceInformation": {"code": "ORDER-42"},
        "processingInformation": {"capture": True},
        "tokenInformation": told,
        "orderInformation": {"amountDetails": {"totalAmount": "247.50", "currency": "USD"}},
    }


def captured(merchant: Merchant) -> str:
    return merchant.ledger()["money"].get("USD", {}).get("captured", "0.00")


def test_a_sale_by_transient_token_is_authorized_and_captures_the_amount(
    merchant: Merchant, card_form: CardForm
) -> None:
    token = card_form.token(merchant.session())
    reply = merchant.post(PATH, token_request(transientTokenJwt=token))

    body = reply.json()
    assert (reply.status_code, body["status"]) == (201, "AUTHORIZED")
    assert body["orderInformation"]["amountDetails"] == {
        "totalAmount": "247.50",
        "authorizedAmount": "247.50",
        "currency": "USD",
    }
    assert len(body["id"]) == 22
    assert body["clientReferenceInformation"] == {"code": "ORDER-42"}
    assert body["processorInformation"]["approvalCode"] == "831000"
    assert set(body["_links"]) == {"self", "refund", "void"}
    assert "v-c-correlation-id" in reply.headers
    assert captured(merchant) == "247.50"


def test_a_token_may_be_named_by_its_id(merchant: Merchant, card_form: CardForm) -> None:
    token = card_form.token(merchant.session())
    reply = merchant.post(PATH, token_request(jti=claims_of(token)["jti"]))
    assert reply.json()["status"] == "AUTHORIZED"


def test_the_amount_of_the_request_overrides_the_session(
    merchant: Merchant, card_form: CardForm
) -> None:
    wanted = token_request(transientTokenJwt=card_form.token(merchant.session()))
    wanted["orderInformation"]["amountDetails"]["totalAmount"] = "185.63"
    merchant.post(PATH, wanted)
    assert captured(merchant) == "185.63"


def test_a_request_without_amount_pays_the_amount_of_the_session(
    merchant: Merchant, card_form: CardForm
) -> None:
    wanted = token_request(transientTokenJwt=card_form.token(merchant.session()))
    del wanted["orderInformation"]
    merchant.post(PATH, wanted)
    assert captured(merchant) == "247.50"


def test_an_authorisation_moves_no_money(merchant: Merchant) -> None:
    body = merchant.pays(capture=False).json()
    assert body["status"] == "AUTHORIZED"
    assert set(body["_links"]) == {"self", "authReversal", "capture"}
    assert captured(merchant) == "0.00"


def test_a_token_of_an_unknown_session_is_invalid(merchant: Merchant, card_form: CardForm) -> None:
    token = card_form.token(merchant.session())
    merchant.commands("reset")
    reply = merchant.post(PATH, token_request(transientTokenJwt=token))
    assert (reply.status_code, reply.json()["reason"]) == (400, "INVALID_DATA")


def test_a_token_with_a_bad_signature_is_invalid(merchant: Merchant, card_form: CardForm) -> None:
    start, _, signature = card_form.token(merchant.session()).rpartition(".")
    _, _, foreign = card_form.token(merchant.session()).rpartition(".")
    assert signature != foreign
    reply = merchant.post(PATH, token_request(transientTokenJwt=f"{start}.{foreign}"))
    assert (reply.status_code, reply.json()["reason"]) == (400, "INVALID_DATA")
    assert merchant.ledger()["payments"] == []


@pytest.mark.parametrize("token", ["nonsense", "a.b.c", "é"])
def test_a_malformed_token_is_invalid(merchant: Merchant, token: str) -> None:
    reply = merchant.post(PATH, token_request(transientTokenJwt=token))
    assert (reply.status_code, reply.json()["reason"]) == (400, "INVALID_DATA")


def test_a_token_expires_after_fifteen_minutes(
    merchant: Merchant, card_form: CardForm, clock: Clock
) -> None:
    token = card_form.token(merchant.session())
    clock.advance(899)
    assert merchant.post(PATH, token_request(transientTokenJwt=token)).status_code == 201
    clock.advance(1)
    assert merchant.post(PATH, token_request(transientTokenJwt=token)).status_code == 400


def test_a_token_can_pay_twice_unless_the_account_forbids_it(clock: Clock) -> None:
    for forbidden, second in ((False, 201), (True, 400)):
        settings = SimulatorSettings(refuse_token_reuse=forbidden)
        with RunningSimulator(settings, now=clock) as running:
            merchant = Merchant(running.url, clock)
            token = CardForm(running.url).token(merchant.session())
            wanted = token_request(transientTokenJwt=token)
            assert merchant.post(PATH, wanted).status_code == 201
            assert merchant.post(PATH, wanted).status_code == second


ANSWERS = {
    "partial": (201, "PARTIAL_AUTHORIZED", None, "123.75"),
    "insufficient-funds": (201, "DECLINED", "INSUFFICIENT_FUND", "0.00"),
    "expired-card": (201, "DECLINED", "EXPIRED_CARD", "0.00"),
    "general-decline": (201, "DECLINED", "PROCESSOR_DECLINED", "0.00"),
    "stolen-card": (201, "DECLINED", "STOLEN_LOST_CARD", "0.00"),
    "issuer-unavailable": (201, "DECLINED", "ISSUER_UNAVAILABLE", "0.00"),
    "wrong-cvn": (201, "DECLINED", "INVALID_CVN", "0.00"),
    "avs-review": (201, "AUTHORIZED_PENDING_REVIEW", "AVS_FAILED", "0.00"),
    "cvn-review": (201, "AUTHORIZED_PENDING_REVIEW", "CV_FAILED", "0.00"),
    "review": (201, "AUTHORIZED_PENDING_REVIEW", "DECISION_PROFILE_REVIEW", "0.00"),
    "risk-declined": (201, "AUTHORIZED_RISK_DECLINED", "DECISION_PROFILE_REJECT", "0.00"),
    "authentication-required": (
        201,
        "PENDING_AUTHENTICATION",
        "CONSUMER_AUTHENTICATION_REQUIRED",
        "0.00",
    ),
    "processor-unavailable": (400, "INVALID_REQUEST", "PROCESSOR_UNAVAILABLE", "0.00"),
    "system-error": (502, "SERVER_ERROR", "SYSTEM_ERROR", "0.00"),
    "server-timeout": (502, "SERVER_ERROR", "SERVER_TIMEOUT", "247.50"),
    "slow": (201, "AUTHORIZED", None, "247.50"),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_each_test_card_of_the_simulator_gives_its_outcome(merchant: Merchant, name: str) -> None:
    code, status, reason, taken = ANSWERS[name]
    reply = merchant.pays(NUMBERS[name])

    body = reply.json()
    told = body.get("reason") or body.get("errorInformation", {}).get("reason")
    assert (reply.status_code, body["status"], told) == (code, status, reason)
    assert captured(merchant) == taken


def test_a_partial_authorisation_reports_the_authorised_amount(merchant: Merchant) -> None:
    amounts = merchant.pays(NUMBERS["partial"], "0.05").json()["orderInformation"]["amountDetails"]
    assert amounts == {"totalAmount": "0.05", "authorizedAmount": "0.02", "currency": "USD"}


def test_the_lost_reply_card_charges_and_sends_no_reply(merchant: Merchant) -> None:
    with pytest.raises(requests.ConnectionError):
        merchant.pays(NUMBERS["lost-reply"])
    assert captured(merchant) == "247.50"


def test_the_lost_request_card_sends_no_reply_and_charges_nothing(merchant: Merchant) -> None:
    with pytest.raises(requests.ConnectionError):
        merchant.pays(NUMBERS["lost-request"])
    assert merchant.ledger()["payments"] == []


def test_the_cut_reply_card_sends_half_a_reply(merchant: Merchant) -> None:
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        merchant.pays(NUMBERS["cut-reply"])
    assert captured(merchant) == "247.50"


def test_the_html_reply_card_sends_no_json(merchant: Merchant) -> None:
    reply = merchant.pays(NUMBERS["html-502"])
    assert (reply.status_code, reply.headers["Content-Type"]) == (502, "text/html")
    assert captured(merchant) == "247.50"


def test_the_slow_card_delays_the_reply(merchant: Merchant, waits: Waits) -> None:
    merchant.pays(NUMBERS["slow"])
    assert waits.seconds == [SimulatorSettings().slow_seconds]


def test_every_outcome_but_approval_has_a_card() -> None:
    assert set(NUMBERS) == set(OUTCOMES) - {"authorized"}


@pytest.mark.parametrize("number", [*CARDS, *ACCEPTED_CARDS])
def test_every_listed_card_number_is_valid(number: str) -> None:
    assert passes_luhn(number)
    assert network_of(number) is not None
    # Any other last digit must make the number invalid.
    others = [number[:-1] + digit for digit in "0123456789" if digit != number[-1]]
    assert not any(passes_luhn(other) for other in others)


@pytest.mark.parametrize("number", ACCEPTED_CARDS)
def test_the_documented_cards_are_accepted(merchant: Merchant, number: str) -> None:
    assert merchant.pays(number).json()["status"] == "AUTHORIZED"


@pytest.mark.parametrize(
    ("amount", "status"),
    [
        ("1000.00", "AUTHORIZED"),
        ("39.99", "AUTHORIZED"),
        ("40.00", "AUTHORIZED_PENDING_REVIEW"),
        ("40", "AUTHORIZED_PENDING_REVIEW"),
        ("40.01", "AUTHORIZED"),
        ("50.00", "AUTHORIZED_PENDING_REVIEW"),
        ("6001.00", "AUTHORIZED_PENDING_REVIEW"),
        ("6002.00", "AUTHORIZED_PENDING_REVIEW"),
        ("6003.00", "PARTIAL_AUTHORIZED"),
    ],
)
def test_the_documented_amounts_give_their_outcomes(
    merchant: Merchant, amount: str, status: str
) -> None:
    assert merchant.pays(amount=amount).json()["status"] == status


def test_amounts_have_no_effect_if_switched_off(clock: Clock) -> None:
    with RunningSimulator(SimulatorSettings(amount_triggers=False), now=clock) as running:
        reply = Merchant(running.url, clock).pays(amount="40.00")
    assert reply.json()["status"] == "AUTHORIZED"


def test_the_documented_postal_code_declines_any_card(merchant: Merchant) -> None:
    reply = merchant.pays(bill_to={"postalCode": "46282"})
    assert reply.json()["status"] == "DECLINED"


def test_the_card_overrides_the_amount_and_the_amount_the_postal_code(
    merchant: Merchant,
) -> None:
    there = {"postalCode": "46282"}
    by_card = merchant.pays(NUMBERS["expired-card"], "40.00", bill_to=there)
    assert by_card.json()["errorInformation"]["reason"] == "EXPIRED_CARD"
    by_amount = merchant.pays(amount="40.00", bill_to=there)
    assert by_amount.json()["errorInformation"]["reason"] == "AVS_FAILED"


def test_a_used_transaction_id_is_a_duplicate_for_sixty_days(
    merchant: Merchant, clock: Clock
) -> None:
    assert merchant.pays(transaction_id="t-1").status_code == 201

    again = merchant.pays(transaction_id="t-1")
    assert (again.status_code, again.json()["reason"]) == (400, "DUPLICATE_REQUEST")
    assert again.json()["status"] == "INVALID_REQUEST"
    assert captured(merchant) == "247.50"
    clock.advance(60 * 24 * 3600)
    assert merchant.pays(transaction_id="t-1").status_code == 201


def test_a_declined_payment_uses_its_transaction_id_up(merchant: Merchant) -> None:
    merchant.pays(NUMBERS["expired-card"], transaction_id="t-1")
    assert merchant.pays(transaction_id="t-1").json()["reason"] == "DUPLICATE_REQUEST"


def test_another_processor_ignores_transaction_ids(clock: Clock) -> None:
    with RunningSimulator(SimulatorSettings(enforce_transaction_ids=False), now=clock) as running:
        merchant = Merchant(running.url, clock)
        codes = [merchant.pays(transaction_id="t-1").status_code for _ in range(2)]
    assert codes == [201, 201]


def test_concurrent_payments_with_one_transaction_id_pay_once(merchant: Merchant) -> None:
    with ThreadPoolExecutor(8) as threads:
        replies = list(threads.map(lambda _: merchant.pays(transaction_id="t-1"), range(8)))
    assert sorted(reply.status_code for reply in replies) == [201] + [400] * 7
    assert captured(merchant) == "247.50"


FAULTY: dict[str, tuple[str, Any, str, str]] = {
    "no reference": ("clientReferenceInformation", {}, "MISSING_FIELD", "code"),
    "a long transaction id": (
        "clientReferenceInformation",
        {"code": "A", "transactionId": "x" * 31},
        "INVALID_DATA",
        "transactionId",
    ),
    "no card": ("paymentInformation", None, "MISSING_FIELD", "number"),
    "an amount as a number": (
        "orderInformation",
        {"amountDetails": {"totalAmount": 21.0, "currency": "USD"}},
        "INVALID_DATA",
        "totalAmount",
    ),
    "a negative amount": (
        "orderInformation",
        {"amountDetails": {"totalAmount": "-21.00", "currency": "USD"}},
        "INVALID_DATA",
        "totalAmount",
    ),
    "no currency": (
        "orderInformation",
        {"amountDetails": {"totalAmount": "21.00"}},
        "MISSING_FIELD",
        "currency",
    ),
    "a currency in small letters": (
        "orderInformation",
        {"amountDetails": {"totalAmount": "21.00", "currency": "usd"}},
        "INVALID_DATA",
        "currency",
    ),
    "capture in words": ("processingInformation", {"capture": "true"}, "INVALID_DATA", "capture"),
}


@pytest.mark.parametrize(("part", "content", "reason", "field"), FAULTY.values(), ids=FAULTY)
def test_an_invalid_payment_is_refused_and_names_the_field(
    merchant: Merchant, part: str, content: Any, reason: str, field: str
) -> None:
    reply = merchant.post(PATH, payment_request() | {part: content})

    refusal = reply.json()
    assert (reply.status_code, refusal["status"]) == (400, "INVALID_REQUEST")
    assert refusal["reason"] == reason
    assert [detail["field"].split(".")[-1] for detail in refusal["details"]] == [field]
    assert merchant.ledger()["payments"] == []


def test_a_number_that_fails_the_luhn_check_is_an_invalid_card(merchant: Merchant) -> None:
    assert merchant.pays("4111111111111112").json()["reason"] == "INVALID_CARD"


@pytest.mark.parametrize("month", ["00", "13", "1", "ab"])
def test_an_impossible_month_is_invalid(merchant: Merchant, month: str) -> None:
    wanted = payment_request()
    wanted["paymentInformation"]["card"]["expirationMonth"] = month
    assert merchant.post(PATH, wanted).json()["reason"] == "INVALID_DATA"


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"\xff", b"null", b"[" * 100_000])
def test_a_payment_that_is_not_a_json_object_is_refused(merchant: Merchant, body: bytes) -> None:
    token = merchant.signed(merchant.claims("POST", PATH, body))
    reply = merchant.send("POST", PATH, body=body, token=token)
    assert (reply.status_code, reply.json()["reason"]) == (400, "INVALID_DATA")


def test_odd_cents_and_three_decimals_stay_exact(merchant: Merchant) -> None:
    merchant.pays(amount="0.07")
    merchant.pays(amount="19.99")
    assert captured(merchant) == "20.06"
    body = merchant.pays(amount="1.005").json()
    assert body["orderInformation"]["amountDetails"]["authorizedAmount"] == "1.005"
