"""Captures after an authorisation: refunds, voids and late failures."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import requests

from coursetill_simulators_tests.cybersource.merchant import CardForm, Clock, Merchant, claims_of

REVIEWED = "4000000000004806"
DECLINED = "4000000000002040"
LAG_SECONDS = 2


def money(merchant: Merchant) -> tuple[str, str]:
    moved = merchant.ledger()["money"]["USD"]
    return moved["captured"], moved["refunded"]


def reason(reply: requests.Response) -> str:
    assert reply.status_code == 400, reply.text
    return reply.json()["reason"]


def void(merchant: Merchant, path: str, **reference: str) -> requests.Response:
    return merchant.post(path, {"clientReferenceInformation": {"code": "VOID-1", **reference}})


@pytest.fixture
def held(merchant: Merchant) -> str:
    """The id of an authorisation of 99.99."""
    return merchant.pays(amount="99.99", capture=False, transaction_id="t-auth").json()["id"]


def test_an_authorisation_moves_no_money_until_it_is_captured(
    merchant: Merchant, held: str
) -> None:
    assert money(merchant) == ("0.00", "0.00")
    reply = merchant.captures(held, "99.99", transaction_id="c-1")

    body = reply.json()
    assert (reply.status_code, body["status"]) == (201, "PENDING")
    assert body["orderInformation"]["amountDetails"] == {"totalAmount": "99.99", "currency": "USD"}
    assert body["clientReferenceInformation"] == {"code": "CAPTURE-1", "transactionId": "c-1"}
    assert body["_links"]["refund"]["href"] == f"/pts/v2/captures/{body['id']}/refunds"
    assert body["id"] != held
    assert money(merchant) == ("99.99", "0.00")


def test_the_sum_of_captures_stays_within_the_authorisation(merchant: Merchant, held: str) -> None:
    assert merchant.captures(held, "60.00").status_code == 201
    assert reason(merchant.captures(held, "40.00")) == "EXCEEDS_AUTH_AMOUNT"
    assert merchant.captures(held, "39.99").status_code == 201
    assert reason(merchant.captures(held, "0.01")) == "EXCEEDS_AUTH_AMOUNT"
    assert money(merchant) == ("99.99", "0.00")


def test_concurrent_captures_take_no_more_than_the_authorisation(
    merchant: Merchant, held: str
) -> None:
    with ThreadPoolExecutor(8) as threads:
        replies = list(threads.map(lambda _: merchant.captures(held, "40.00"), range(8)))
    assert sorted(reply.status_code for reply in replies) == [201, 201] + [400] * 6


def test_an_impossible_capture_is_refused_with_its_reason(merchant: Merchant, held: str) -> None:
    sale, declined = (
        merchant.pays(number, amount="99.99").json()["id"] for number in ("4" + "1" * 15, DECLINED)
    )
    assert reason(merchant.captures(sale, "1.00")) == "TRANSACTION_ALREADY_SETTLED"
    assert reason(merchant.captures(declined, "1.00")) == "MISSING_AUTH"
    assert reason(merchant.captures("7" * 22, "1.00")) == "MISSING_AUTH"
    assert reason(merchant.captures(held, "0.00")) == "INVALID_DATA"
    assert reason(merchant.captures(held, "1.00", transaction_id="t-auth")) == "DUPLICATE_REQUEST"
    merchant.post(f"/pts/v2/payments/{held}/reversals", {})
    assert reason(merchant.captures(held, "1.00")) == "AUTH_ALREADY_REVERSED"
    assert money(merchant) == ("99.99", "0.00")


def test_a_capture_in_another_currency_is_refused(merchant: Merchant, held: str) -> None:
    content = {
        "clientReferenceInformation": {"code": "C"},
        "orderInformation": {"amountDetails": {"totalAmount": "1.00", "currency": "EUR"}},
    }
    assert reason(merchant.post(f"/pts/v2/payments/{held}/captures", content)) == "INVALID_DATA"


def test_a_refund_by_capture_id_is_limited_to_the_capture(merchant: Merchant, held: str) -> None:
    capture = merchant.captures(held, "60.00").json()["id"]
    assert reason(merchant.refunds(held, "1.00")) == "INVALID_DATA"
    assert merchant.refunds(capture, "59.99", of="captures").status_code == 201
    assert reason(merchant.refunds(capture, "0.02", of="captures")) == "INVALID_AMOUNT"
    assert reason(merchant.refunds(held, "1.00", of="captures")) == "INVALID_PAYMENT_ID"
    assert money(merchant) == ("60.00", "59.99")


def test_a_voided_capture_leaves_the_authorisation_open(merchant: Merchant, held: str) -> None:
    capture = merchant.captures(held, "99.99").json()["id"]
    body = void(merchant, f"/pts/v2/captures/{capture}/voids").json()
    assert (body["status"], body["voidAmountDetails"]["voidAmount"]) == ("VOIDED", "99.99")
    assert money(merchant) == ("0.00", "0.00")
    assert reason(merchant.refunds(capture, "1.00", of="captures")) == "CAPTURE_ALREADY_VOIDED"
    assert reason(void(merchant, f"/pts/v2/captures/{capture}/voids")) == "NOT_VOIDABLE"
    assert merchant.captures(held, "99.99").status_code == 201


def test_a_capture_with_a_lost_reply_is_voided_by_transaction_id(
    merchant: Merchant, held: str
) -> None:
    merchant.commands("faults", operation="captures", fault="html", committed=True)
    assert merchant.captures(held, "99.99", transaction_id="c-1").status_code == 502
    assert money(merchant) == ("99.99", "0.00")
    assert void(merchant, "/pts/v2/voids", transactionId="c-1").json()["status"] == "VOIDED"
    assert money(merchant) == ("0.00", "0.00")


def test_a_captured_authorisation_is_not_reversed(merchant: Merchant, held: str) -> None:
    merchant.captures(held, "1.00")
    reply = merchant.post(f"/pts/v2/payments/{held}/reversals", {})
    assert reason(reply) == "TRANSACTION_ALREADY_REVERSED_OR_SETTLED"


def test_the_batch_transmits_captures_and_then_they_cannot_be_voided(
    merchant: Merchant, held: str, clock: Clock
) -> None:
    capture = merchant.captures(held, "99.99").json()["id"]
    refund = merchant.refunds(capture, "10.00", of="captures").json()["id"]
    assert merchant.commands("settlements").json() == {"settled": [capture, refund]}
    clock.advance(LAG_SECONDS)
    for entry in (capture, refund):
        told = merchant.get(f"/tss/v2/transactions/{entry}").json()
        assert told["applicationInformation"]["status"] == "TRANSMITTED"
        assert told["rootId"] == held
    assert reason(void(merchant, f"/pts/v2/captures/{capture}/voids")) == "NOT_VOIDABLE"
    assert merchant.commands("settlements").json() == {"settled": []}


def test_a_capture_is_a_row_of_its_own_with_ics_bill(
    merchant: Merchant, held: str, clock: Clock
) -> None:
    capture = merchant.captures(held, "60.00").json()["id"]
    clock.advance(LAG_SECONDS)
    (row,) = merchant.finds('clientReferenceInformation.code:"CAPTURE-1"')
    assert row["id"] == capture
    assert [each["name"] for each in row["applicationInformation"]["applications"]] == ["ics_bill"]


def test_a_payment_in_review_is_captured_once(
    merchant: Merchant,
) -> None:
    reviewed = merchant.pays(REVIEWED, "99.99").json()["id"]
    assert merchant.captures(reviewed, "99.99").status_code == 201
    assert merchant.commands(f"reviews/{reviewed}", decision="reject").status_code == 400
    assert merchant.commands(f"reviews/{reviewed}", decision="accept").status_code == 200
    assert money(merchant) == ("99.99", "0.00")


@pytest.mark.parametrize("when", ["now", "in-batch"])
def test_a_refund_that_fails_late_moves_no_money_and_can_be_repeated(
    merchant: Merchant, clock: Clock, when: str
) -> None:
    sale = merchant.pays(amount="99.99").json()["id"]
    refund = merchant.refunds(sale, "99.99").json()["id"]
    assert merchant.commands(f"refunds/{refund}", fails=when).status_code == 200
    merchant.commands("settlements")

    assert money(merchant) == ("99.99", "0.00")
    clock.advance(LAG_SECONDS)
    told = merchant.get(f"/tss/v2/transactions/{refund}").json()
    assert told["applicationInformation"]["status"] == "FAILED"
    assert merchant.refunds(sale, "99.99").status_code == 201


def test_a_refund_may_fail_after_transmission(merchant: Merchant) -> None:
    sale = merchant.pays(amount="99.99").json()["id"]
    refund = merchant.refunds(sale, "99.99").json()["id"]
    merchant.commands("settlements")
    assert merchant.commands(f"refunds/{refund}", fails="in-batch").status_code == 400
    assert merchant.commands(f"refunds/{refund}", fails="now").status_code == 200
    assert money(merchant) == ("99.99", "0.00")
    assert merchant.commands(f"refunds/{refund}", fails="now").status_code == 400


def test_only_a_refund_can_be_set_to_fail(merchant: Merchant) -> None:
    sale = merchant.pays().json()["id"]
    refund = merchant.refunds(sale, "1.00").json()["id"]
    assert merchant.commands(f"refunds/{sale}", fails="now").status_code == 400
    assert merchant.commands(f"refunds/{refund}", fails="perhaps").status_code == 400
    void(merchant, f"/pts/v2/refunds/{refund}/voids")
    assert merchant.commands(f"refunds/{refund}", fails="now").status_code == 400


def test_a_payment_cannot_be_refunded_after_its_window(merchant: Merchant, clock: Clock) -> None:
    sale = merchant.pays().json()["id"]
    merchant.commands("switches", refund_window_days=60)
    clock.advance(timedelta(days=60).total_seconds())
    assert merchant.refunds(sale, "1.00").status_code == 201
    clock.advance(1)
    assert reason(merchant.refunds(sale, "1.00")) == "INVALID_DATA"


def test_a_repeated_reference_within_15_minutes_is_a_duplicate_if_enabled(
    merchant: Merchant, clock: Clock
) -> None:
    merchant.pays(code="ORDER-1")
    assert merchant.pays(code="ORDER-1").status_code == 201
    merchant.commands("switches", refuse_same_reference=True)
    assert reason(merchant.pays(code="ORDER-1")) == "DUPLICATE_REQUEST"
    assert merchant.pays(code="ORDER-2").status_code == 201
    clock.advance(15 * 60)
    assert merchant.pays(code="ORDER-1").status_code == 201


def test_payment_details_show_the_buyer_and_mask_the_card_number(
    merchant: Merchant, card_form: CardForm, clock: Clock
) -> None:
    token_id = claims_of(card_form.token(merchant.session()))["jti"]
    path = f"/flex/v2/payment-details/{token_id}"
    told = merchant.get(path).json()
    assert told["paymentInformation"]["card"] == {
        "number": "XXXXXXXXXXXX1111",
        "expirationMonth": "12",
        "expirationYear": "2031",
        "type": "001",
    }
    assert told["orderInformation"]["amountDetails"]["totalAmount"] == "247.50"
    assert told["orderInformation"]["billTo"]["lastName"] == "Lovelace"

    assert requests.get(merchant.url + path, timeout=5).status_code == 401
    clock.advance(15 * 60)
    assert merchant.get(path).status_code == 404
    assert merchant.get("/flex/v2/payment-details/1").status_code == 404
