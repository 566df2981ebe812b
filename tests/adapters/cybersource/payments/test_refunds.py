"""A refund goes out once, and is believed only when CyberSource shows it."""

import pytest

from adapters.cybersource.gateway import CyberSourceGateway
from core.money import Money
from core.payments.gateway import (
    NotFound,
    RefundAccepted,
    RefundFailed,
    RefundSettled,
    Unknown,
)
from coursetill_testing.contracts.gateway_world import DUE, a_refund, an_attempt, new_id
from tests.adapters.cybersource.worlds import settings
from tests.adapters.http_client.stubs import free_port

PART = Money.of("100.01")


@pytest.fixture
def paid(shop):
    return shop.paid(an_attempt()).gateway_id


def test_a_refund_is_accepted_and_settles_later(shop, paid):
    refund = a_refund(1, paid, PART)
    accepted = shop.gateway.refund(refund)
    assert isinstance(accepted, RefundAccepted)
    assert accepted.gateway_id != paid
    shop.clock.advance(seconds=6)
    assert shop.gateway.find_refund(refund).gateway_id == accepted.gateway_id
    shop.browser.settle()
    settled = shop.gateway.find_refund(refund)
    assert isinstance(settled, RefundSettled)
    assert settled.gateway_id == accepted.gateway_id
    assert shop.browser.moved("refunded") == "100.01"


def test_the_id_of_the_refund_is_sent_not_that_of_the_payment(shop, paid):
    shop.gateway.refund(a_refund(1, paid, PART))
    (made,) = shop.browser.ledger()["refunds"]
    assert (made["code"], made["transaction_id"]) == ("R-1", "R-1")


def test_two_equal_refunds_are_two_refunds(shop, paid):
    one, two = (shop.gateway.refund(a_refund(n, paid, PART)) for n in (1, 2))
    assert one.gateway_id != two.gateway_id
    assert shop.browser.moved("refunded") == "200.02"


def test_a_repeated_refund_is_looked_up_and_not_made_again(shop, paid):
    first = shop.gateway.refund(a_refund(1, paid, PART))
    shop.clock.advance(seconds=6)
    again = shop.gateway.refund(a_refund(1, paid, PART))
    assert again.gateway_id == first.gateway_id
    assert shop.browser.moved("refunded") == "100.01"


def test_a_duplicate_refusal_is_no_success_until_the_first_refund_is_found(shop, paid):
    shop.gateway.refund(a_refund(1, paid, PART))
    assert isinstance(shop.gateway.refund(a_refund(1, paid, PART)), Unknown)


@pytest.mark.parametrize(
    ("fault", "committed"),
    [("drop", True), ("drop", False), ("html", True), ("cut", True), ("server-timeout", True)],
)
def test_a_refund_with_a_lost_reply_is_unknown_until_the_search_shows_it(
    shop, paid, fault, committed
):
    refund = a_refund(1, paid, PART)
    shop.browser.fault("refunds", fault, committed=committed)
    assert isinstance(shop.gateway.refund(refund), Unknown)
    shop.clock.advance(seconds=6)
    found = shop.gateway.find_refund(refund)
    assert isinstance(found, RefundAccepted if committed else NotFound)


def test_a_refund_lost_before_the_gateway_is_unknown_and_can_be_resent(clock, shop, paid):
    gone = settings(f"http://127.0.0.1:{free_port()}")
    gateway = CyberSourceGateway(gone, now=clock, new_id=new_id)
    assert isinstance(gateway.refund(a_refund(1, paid, PART)), Unknown)
    assert isinstance(shop.gateway.refund(a_refund(1, paid, PART)), RefundAccepted)


def test_a_refund_above_the_capture_is_refused(shop, paid):
    answer = shop.gateway.refund(a_refund(1, paid, DUE + Money(1)))
    assert isinstance(answer, RefundFailed)
    assert "more than is left" in answer.reason
    assert shop.browser.moved("refunded") == "0.00"


def test_an_unknown_payment_cannot_be_refunded(shop):
    answer = shop.gateway.refund(a_refund(1, "7000000000000000000000", PART))
    assert isinstance(answer, RefundFailed)
    assert "does not know the payment" in answer.reason


@pytest.mark.parametrize(
    ("status", "body", "end"),
    [
        (201, {"id": "7", "status": "PENDING"}, RefundAccepted),
        (201, {"id": "7", "status": "Accepted"}, RefundAccepted),
        (201, {"id": "7", "status": "TRANSMITTED"}, RefundSettled),
        (201, {"id": "7", "status": "DECLINED"}, RefundFailed),
        (201, {"id": "7", "status": "SOMETHING_NEW"}, Unknown),
        (201, {"status": "PENDING"}, Unknown),
        (201, {"id": "7"}, Unknown),
        (400, {"reason": "ACCOUNT_NOT_ALLOWED_CREDIT"}, RefundFailed),
        (400, {"reason": "SOMETHING_NEW"}, RefundFailed),
        (401, {"response": {"rmsg": "Authentication Failed"}}, Unknown),
        (404, {"message": "The requested resource does not exist"}, Unknown),
    ],
)
def test_each_reply_is_mapped_to_its_result(shop, paid, status, body, end):
    shop.browser.answers("refunds", status, body)
    assert isinstance(shop.gateway.refund(a_refund(1, paid, PART)), end)


def test_a_reply_with_another_amount_is_no_success(shop, paid):
    amounts = {"refundAmount": "100.00", "currency": "USD"}
    body = {"id": "7", "status": "PENDING", "refundAmountDetails": amounts}
    shop.browser.answers("refunds", 201, body)
    assert isinstance(shop.gateway.refund(a_refund(1, paid, PART)), Unknown)


def row(number, code="100", **changed):
    told = {"code": "R-1", "amount": "100.01", "service": "ics_credit", "status": ""} | changed
    return {
        "id": str(number),
        "applicationInformation": {
            "reasonCode": code,
            "status": told["status"],
            "applications": [{"name": told["service"], "reasonCode": code}],
        },
        "clientReferenceInformation": {"code": told["code"]},
        "orderInformation": {"amountDetails": {"totalAmount": told["amount"], "currency": "USD"}},
    }


def found(shop, *rows):
    shop.browser.answers("searches", 201, {"_embedded": {"transactionSummaries": list(rows)}})
    return shop.gateway.find_refund(a_refund(1, "1", PART))


@pytest.mark.parametrize(
    "other",
    [
        row(1, code="100", service="ics_bill"),
        row(1, code="100", amount="100.00"),
        {**row(1), "clientReferenceInformation": {"code": "R-2"}},
        {**row(1), "orderInformation": {}},
    ],
)
def test_a_row_of_another_kind_is_not_this_refund(shop, other):
    assert found(shop, other) == NotFound()


@pytest.mark.parametrize(
    ("rows", "end"),
    [
        ((row(1, status="PENDING"),), RefundAccepted("1")),
        ((row(1, status="TRANSMITTED"),), RefundSettled("1")),
        ((row(2, "203"), row(1, status="PENDING")), RefundAccepted("1")),
        ((row(2, status="PENDING"), row(1, "203")), RefundAccepted("2")),
        ((row(2, status="PENDING"), row(1, status="TRANSMITTED")), RefundSettled("1")),
        ((row(2, status="PENDING"), row(1, status="PENDING")), RefundAccepted("1")),
    ],
)
def test_an_accepted_refund_overrides_every_other_row(shop, rows, end):
    answer = found(shop, *rows)
    assert (type(answer), answer.gateway_id) == (type(end), end.gateway_id)


@pytest.mark.parametrize("status", ["VOIDED", "CANCELLED", "FAILED", "DECLINED", "Rejected"])
def test_a_refund_that_fails_after_acceptance_has_failed(shop, status):
    assert isinstance(found(shop, row(1, status=status)), RefundFailed)


def test_a_declined_refund_has_failed(shop):
    assert isinstance(found(shop, row(1, "233")), RefundFailed)


@pytest.mark.parametrize("code", ["150", "104", "999"])
def test_a_refund_with_an_unclear_status_is_unknown(shop, code):
    assert isinstance(found(shop, row(1, code)), Unknown)


@pytest.mark.parametrize("fault", ["drop", "html", "system-error"])
def test_a_refund_without_details_is_accepted_and_not_settled(shop, fault):
    shop.browser.fault("details", fault)
    assert isinstance(found(shop, row(1)), RefundAccepted)


def test_a_double_refund_is_logged(shop, caplog):
    found(shop, row(2, status="PENDING"), row(1, status="PENDING"))
    assert "refunded 2 times" in caplog.text


def test_a_failed_search_leaves_the_result_unknown(shop):
    shop.browser.fault("searches", "drop")
    assert isinstance(shop.gateway.find_refund(a_refund(1, "1", PART)), Unknown)
