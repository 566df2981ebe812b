"""Of all rows that a search brings, the right ones are read, whatever their order."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.cybersource.payments.payment_results import result_of_row
from adapters.cybersource.payments.status_codes import REASON_CODES, StatusMeaning
from adapters.cybersource.payments.transaction_search import escaped
from adapters.cybersource.rest.json_fields import JsonFields
from core.payments.gateway import Authorized, Captured, Declined, InReview, NotFound, Unknown
from coursetill_simulators.cybersource.reports.queries import query_test
from coursetill_testing.contracts.gateway_world import DUE, START, an_attempt

ATTEMPT = an_attempt()
ORDER = ATTEMPT.reference


def row(number=1, code="100", services=("ics_auth", "ics_bill"), **changed):
    """A row as a search shows it, marked with the attempt's id unless told otherwise."""
    told = {
        "mark": ATTEMPT.id,
        "order": ORDER,
        "amount": DUE.plain,
        "at": "2026-11-22T12:00:01Z",
    } | changed
    reference = {"code": told["order"]}
    if told["mark"]:
        reference["transactionId"] = told["mark"]
    return {
        "id": f"70000000000000000{number:05d}",
        "submitTimeUtc": told["at"],
        "applicationInformation": {
            "reasonCode": code,
            "applications": [{"name": name, "reasonCode": code} for name in services],
        },
        "clientReferenceInformation": reference,
        "orderInformation": {"amountDetails": {"totalAmount": told["amount"], "currency": "USD"}},
        "paymentInformation": {"card": {"suffix": "1111", "type": "001"}},
    }


def found(shop, *rows):
    """What is found where a search brings these rows, newest first."""
    shop.browser.answers("searches", 201, {"_embedded": {"transactionSummaries": list(rows)}})
    return shop.gateway.find(ATTEMPT)


CAPTURED, DECLINED, REVIEW = row(1), row(2, "204", ("ics_auth",)), row(3, "480")


@pytest.mark.parametrize(
    "rows",
    [(CAPTURED, DECLINED), (DECLINED, CAPTURED), (DECLINED, CAPTURED, REVIEW), (REVIEW, CAPTURED)],
)
def test_a_capture_overrides_every_other_row(shop, rows):
    answer = found(shop, *rows)
    assert isinstance(answer, Captured)
    assert answer.gateway_id.endswith("00001")


def test_the_first_of_two_captures_counts_and_the_second_is_logged(shop, caplog):
    answer = found(shop, row(9), row(8))
    assert answer.gateway_id.endswith("00008")
    assert "captured 2 times" in caplog.text


@pytest.mark.parametrize(("code", "meaning"), [(c, m) for c, (m, _) in REASON_CODES.items()])
def test_each_reason_code_is_mapped_to_its_result(shop, code, meaning):
    shop.browser.answers("voids", 201, {"status": "VOIDED"})
    answers = {
        StatusMeaning.TAKEN: Captured,
        StatusMeaning.PART: Declined,
        StatusMeaning.HELD: InReview,
        StatusMeaning.DECLINED: Declined,
        StatusMeaning.UNCLEAR: Unknown,
    }
    assert isinstance(found(shop, row(code=code)), answers[meaning])


@pytest.mark.parametrize("code", ["999", "", None, 7.5, True])
def test_an_unlisted_reason_code_is_unknown(shop, code):
    assert isinstance(found(shop, row(code=code)), Unknown)


def test_a_reason_code_may_be_a_number(shop):
    assert isinstance(found(shop, row(code=100)), Captured)


def test_an_authorisation_without_capture_is_not_captured(shop):
    assert isinstance(found(shop, row(services=("ics_auth",))), Authorized)


def test_a_reversed_authorisation_is_declined(shop):
    both = row(services=("ics_auth", "ics_auth_reversal"))
    assert isinstance(found(shop, both), Declined)


@pytest.mark.parametrize(
    "service", ["ics_credit", "ics_void", "ics_auth_reversal", "ics_decision", ""]
)
def test_a_row_that_is_not_a_payment_is_ignored(shop, service):
    assert found(shop, row(services=(service,))) == NotFound()


def test_a_refund_beside_the_payment_is_ignored(shop):
    answer = found(shop, row(5, services=("ics_credit",)), CAPTURED)
    assert answer.gateway_id.endswith("00001")


def test_a_row_of_another_attempt_is_ignored(shop):
    assert found(shop, row(mark="A-2")) == NotFound()


def test_a_row_of_another_order_is_ignored(shop):
    assert found(shop, row(order="CT-SOMEBODY-ELSES")) == NotFound()


def test_a_mark_in_another_field_of_the_row_counts_too(shop):
    marked = row(mark="") | {"merchantDefinedInformation": [{"key": "1", "value": ATTEMPT.id}]}
    other = row(mark="") | {"merchantDefinedInformation": [{"key": "1", "value": "A-2"}]}
    assert isinstance(found(shop, marked), Captured)
    assert found(shop, other) == NotFound()


def test_a_duplicate_refusal_does_not_hide_the_original(shop):
    repetition = row(6, "104", ("ics_auth",))
    assert isinstance(found(shop, repetition, DECLINED), Declined)
    assert isinstance(found(shop, repetition), Unknown)


def test_an_unmarked_row_is_matched_by_reference_amount_and_time(shop):
    assert isinstance(found(shop, row(mark="")), Captured)
    assert isinstance(found(shop, row(code="204", mark="")), Declined)


def test_an_unmarked_row_with_another_amount_does_not_match(shop):
    assert found(shop, row(mark="", amount="247.50")) == NotFound()


@pytest.mark.parametrize("at", ["2026-11-22T11:59:00Z", "2026-11-22T12:30:00Z", "", "noon"])
def test_an_unmarked_capture_at_another_time_needs_staff(shop, at):
    assert isinstance(found(shop, row(mark="", at=at)), Unknown)


@pytest.mark.parametrize("at", ["2026-11-22T11:59:00Z", "2026-11-22T12:30:00Z"])
def test_an_unmarked_decline_at_another_time_belongs_to_another_attempt(shop, at):
    assert found(shop, row(code="204", mark="", at=at)) == NotFound()


def test_the_time_of_an_attempt_is_when_it_was_sent():
    later = ATTEMPT.sent("token", at=START + timedelta(minutes=20), next_enquiry_at=START)
    declined = JsonFields(row(code="204", mark=""))
    assert result_of_row(declined, ATTEMPT) is not None
    assert result_of_row(declined, later) is None


@pytest.mark.parametrize(
    ("operation", "fault"), [("searches", "drop"), ("searches", "html"), ("searches", "truncated")]
)
def test_a_failed_search_leaves_the_result_unknown(shop, operation, fault):
    shop.browser.fault(operation, fault)
    assert isinstance(shop.gateway.find(ATTEMPT), Unknown)


@pytest.mark.parametrize("status", [400, 401])
def test_a_refused_search_leaves_the_result_unknown(shop, status):
    shop.browser.answers("searches", status, {"reason": "INVALID_DATA"})
    assert isinstance(shop.gateway.find(ATTEMPT), Unknown)


@pytest.mark.parametrize(
    "body", [{}, {"_embedded": {}}, {"_embedded": []}, {"_embedded": {"transactionSummaries": [7]}}]
)
def test_a_search_without_rows_finds_nothing(shop, body):
    shop.browser.answers("searches", 201, body)
    assert shop.gateway.find(ATTEMPT) == NotFound()


def test_each_attempt_of_an_order_finds_its_own_result(shop):
    first, second = an_attempt(1), an_attempt(2)
    assert isinstance(shop.paid(first, "4000000000002040"), Declined)
    captured = shop.paid(second)
    shop.clock.advance(seconds=6)
    assert isinstance(shop.gateway.find(first), Declined)
    assert shop.gateway.find(second).gateway_id == captured.gateway_id


class Entry:
    """What the simulator's search looks at."""

    def __init__(self, code: str) -> None:
        self.id, self.code = "7", code


@given(st.text(max_size=60), st.text(max_size=60))
def test_no_text_can_inject_into_a_query(text, other):
    query = f'clientReferenceInformation.code:"{escaped(text)}"'
    matches = query_test(query, "merchant", START)
    assert matches(Entry(text))
    assert matches(Entry(other)) is (other == text)


@pytest.mark.parametrize(
    ("at", "meaning"),
    [
        ("2026-11-22T12:00:00Z", StatusMeaning.TAKEN),
        ("2026-11-22T12:50:00Z", StatusMeaning.TAKEN),
        ("2026-11-22T12:51:00Z", StatusMeaning.UNCLEAR),
        ("2026-11-22T11:58:00Z", StatusMeaning.UNCLEAR),
    ],
)
def test_an_unmarked_payment_on_the_hosted_page_matches_while_the_page_was_payable(at, meaning):
    until = START + timedelta(minutes=40)
    away = ATTEMPT.with_form({}, until).form_issued(START)
    told = result_of_row(JsonFields(row(mark="", at=at)), away)
    assert told is not None
    assert told.meaning is meaning
