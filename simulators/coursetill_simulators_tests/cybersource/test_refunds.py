"""Refunds, voids and reversals."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests

from coursetill_simulators.cybersource import RunningSimulator, SimulatorSettings
from coursetill_simulators_tests.cybersource.merchant import Clock, Merchant

REVIEWED = "4000000000004806"
DECLINED = "4000000000002040"


def money(merchant: Merchant) -> dict[str, str]:
    return merchant.ledger()["money"]["USD"]


def reason(reply: requests.Response) -> str:
    assert reply.status_code == 400, reply.text
    return reply.json()["reason"]


def void(merchant: Merchant, path: str, **reference: str) -> requests.Response:
    return merchant.post(path, {"clientReferenceInformation": {"code": "VOID-1", **reference}})


def reverse(merchant: Merchant, payment_id: str, amount: str) -> requests.Response:
    content = {
        "clientReferenceInformation": {"code": "REVERSAL-1"},
        "reversalInformation": {"amountDetails": {"totalAmount": amount}, "reason": "test"},
    }
    return merchant.post(f"/pts/v2/payments/{payment_id}/reversals", content)


@pytest.fixture
def sale(merchant: Merchant) -> str:
    """The id of a sale of 99.99."""
    return merchant.pays(amount="99.99", transaction_id="t-sale").json()["id"]


def test_a_refund_has_an_id_of_its_own_and_is_pending(merchant: Merchant, sale: str) -> None:
    reply = merchant.refunds(sale, "33.34", transaction_id="r-1")

    body = reply.json()
    assert (reply.status_code, body["status"]) == (201, "PENDING")
    assert body["refundAmountDetails"] == {"refundAmount": "33.34", "currency": "USD"}
    assert body["clientReferenceInformation"] == {"code": "REFUND-1", "transactionId": "r-1"}
    assert body["id"] not in (sale, "")
    assert len(body["id"]) == 22
    assert reply.headers["x-requestid"] == body["id"]
    assert "processorInformation" not in body
    assert money(merchant) == {"captured": "99.99", "refunded": "33.34", "net": "66.65"}


def test_the_sum_of_refunds_stays_within_the_capture(merchant: Merchant, sale: str) -> None:
    assert merchant.refunds(sale, "50.00").status_code == 201
    assert reason(merchant.refunds(sale, "50.00")) == "INVALID_AMOUNT"
    assert merchant.refunds(sale, "49.99").status_code == 201
    assert reason(merchant.refunds(sale, "0.01")) == "INVALID_AMOUNT"
    assert money(merchant)["net"] == "0.00"


def test_concurrent_refunds_return_no_more_than_the_capture(merchant: Merchant, sale: str) -> None:
    with ThreadPoolExecutor(8) as threads:
        replies = list(threads.map(lambda _: merchant.refunds(sale, "40.00"), range(8)))
    assert sorted(reply.status_code for reply in replies) == [201, 201] + [400] * 6


def test_refunds_can_exceed_the_capture_if_the_simulator_allows_it(clock: Clock) -> None:
    with RunningSimulator(SimulatorSettings(refuse_over_refund=False), now=clock) as running:
        merchant = Merchant(running.url, clock)
        sale = merchant.pays(amount="99.99").json()["id"]
        assert merchant.refunds(sale, "100.00").status_code == 201
        assert money(merchant)["net"] == "-0.01"


@pytest.mark.parametrize(
    ("amount", "told"), [("0.00", "INVALID_DATA"), ("", "MISSING_FIELD"), ("x", "INVALID_DATA")]
)
def test_a_refund_of_zero_is_refused(merchant: Merchant, sale: str, amount: str, told: str) -> None:
    assert reason(merchant.refunds(sale, amount)) == told


def test_a_refund_in_another_currency_is_refused(merchant: Merchant, sale: str) -> None:
    content = {
        "clientReferenceInformation": {"code": "REFUND-1"},
        "orderInformation": {"amountDetails": {"totalAmount": "1.00", "currency": "EUR"}},
    }
    assert reason(merchant.post(f"/pts/v2/payments/{sale}/refunds", content)) == "INVALID_DATA"


@pytest.mark.parametrize(
    "paid",
    [
        {"capture": False},
        {"number": DECLINED},
        {"number": REVIEWED},
    ],
    ids=["an authorisation", "a decline", "a payment in review"],
)
def test_only_captured_money_can_be_refunded(merchant: Merchant, paid: dict[str, Any]) -> None:
    payment = merchant.pays(**paid).json()["id"]
    assert reason(merchant.refunds(payment, "1.00")) == "INVALID_DATA"


def test_an_unknown_payment_cannot_be_refunded(merchant: Merchant) -> None:
    assert reason(merchant.refunds("7" * 22, "1.00")) == "INVALID_PAYMENT_ID"


@pytest.mark.parametrize("used", ["t-sale", "r-1"])
def test_a_refund_with_a_used_transaction_id_is_a_duplicate(
    merchant: Merchant, sale: str, used: str
) -> None:
    merchant.refunds(sale, "10.00", transaction_id="r-1")
    assert reason(merchant.refunds(sale, "10.00", transaction_id=used)) == "DUPLICATE_REQUEST"
    assert money(merchant)["refunded"] == "10.00"


def test_a_voided_sale_moved_no_money_and_cannot_be_refunded(merchant: Merchant, sale: str) -> None:
    body = void(merchant, f"/pts/v2/payments/{sale}/voids").json()

    assert body["status"] == "VOIDED"
    assert body["voidAmountDetails"] == {"voidAmount": "99.99", "currency": "USD"}
    assert money(merchant)["captured"] == "0.00"
    assert reason(merchant.refunds(sale, "1.00")) == "CAPTURE_ALREADY_VOIDED"
    assert reason(void(merchant, f"/pts/v2/payments/{sale}/voids")) == "NOT_VOIDABLE"


def test_a_sale_can_be_voided_until_the_batch_has_run(merchant: Merchant, sale: str) -> None:
    merchant.commands("settlements")
    assert reason(void(merchant, f"/pts/v2/payments/{sale}/voids")) == "NOT_VOIDABLE"
    assert money(merchant)["captured"] == "99.99"


def test_a_refund_is_pending_until_the_batch_has_run(merchant: Merchant, sale: str) -> None:
    refund = merchant.refunds(sale, "10.00").json()["id"]
    assert merchant.commands("settlements").json() == {"settled": [sale, refund]}
    assert merchant.ledger()["refunds"][0]["status"] == "TRANSMITTED"
    assert reason(void(merchant, f"/pts/v2/refunds/{refund}/voids")) == "NOT_VOIDABLE"


def test_a_voided_refund_can_be_repeated(merchant: Merchant, sale: str) -> None:
    refund = merchant.refunds(sale, "99.99").json()["id"]
    assert void(merchant, f"/pts/v2/refunds/{refund}/voids").json()["status"] == "VOIDED"

    assert money(merchant)["refunded"] == "0.00"
    assert merchant.ledger()["refunds"][0]["status"] == "VOIDED"
    assert merchant.refunds(sale, "99.99").status_code == 201


def test_a_sale_with_a_refund_cannot_be_voided(merchant: Merchant, sale: str) -> None:
    merchant.refunds(sale, "1.00")
    assert reason(void(merchant, f"/pts/v2/payments/{sale}/voids")) == "NOT_VOIDABLE"


def test_a_void_of_a_credit_is_refused(merchant: Merchant, sale: str) -> None:
    reply = merchant.post(f"/pts/v2/credits/{sale}/voids", {})
    assert (reply.status_code, reply.json()["reason"]) == (400, "INVALID_DATA")
    assert merchant.ledger()["voids"] == []


def test_a_void_of_a_payment_refuses_a_refund_id(merchant: Merchant, sale: str) -> None:
    refund = merchant.refunds(sale, "1.00").json()["id"]
    assert reason(void(merchant, f"/pts/v2/payments/{refund}/voids")) == "INVALID_DATA"


@pytest.mark.parametrize("path", ["/pts/v2/voids", "/pts/v2/voids/"])
def test_a_sale_with_a_lost_reply_is_voided_by_its_transaction_id(
    merchant: Merchant, sale: str, path: str
) -> None:
    assert void(merchant, path, transactionId="t-sale").json()["status"] == "VOIDED"
    assert money(merchant)["captured"] == "0.00"


def test_an_unknown_transaction_id_cannot_be_voided(merchant: Merchant) -> None:
    assert reason(void(merchant, "/pts/v2/voids", transactionId="t-never")) == "INVALID_DATA"
    assert reason(void(merchant, "/pts/v2/voids")) == "MISSING_FIELD"


def test_a_void_with_a_used_transaction_id_is_a_duplicate(merchant: Merchant, sale: str) -> None:
    path = f"/pts/v2/payments/{sale}/voids"
    assert reason(void(merchant, path, transactionId="t-sale")) == "DUPLICATE_REQUEST"
    assert money(merchant)["captured"] == "99.99"


def test_an_authorisation_is_reversed_once_and_in_full(merchant: Merchant) -> None:
    held = merchant.pays(amount="99.99", capture=False).json()["id"]
    assert reason(reverse(merchant, held, "50.00")) == "INVALID_DATA"

    body = reverse(merchant, held, "99.99").json()
    assert body["status"] == "REVERSED"
    assert body["reversalAmountDetails"] == {"reversedAmount": "99.99", "currency": "USD"}
    assert reason(reverse(merchant, held, "99.99")) == "TRANSACTION_ALREADY_REVERSED_OR_SETTLED"


def test_a_sale_is_not_reversed_and_an_authorisation_is_not_voided(
    merchant: Merchant, sale: str
) -> None:
    held = merchant.pays(capture=False, transaction_id="t-held").json()["id"]
    assert reason(reverse(merchant, sale, "99.99")) == "TRANSACTION_ALREADY_REVERSED_OR_SETTLED"
    assert reason(void(merchant, f"/pts/v2/payments/{held}/voids")) == "NOT_VOIDABLE"


def test_an_authorisation_with_a_lost_reply_is_reversed_by_transaction_id(
    merchant: Merchant,
) -> None:
    merchant.pays(capture=False, transaction_id="t-held")
    content = {"clientReferenceInformation": {"code": "R", "transactionId": "t-held"}}
    assert merchant.post("/pts/v2/reversals", content).json()["status"] == "REVERSED"


def test_a_reversal_releases_a_payment_in_review(merchant: Merchant) -> None:
    held = merchant.pays(REVIEWED, "99.99").json()["id"]
    assert reverse(merchant, held, "99.99").json()["status"] == "REVERSED"
    assert merchant.commands(f"reviews/{held}", decision="accept").status_code == 400
