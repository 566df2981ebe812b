"""Reports: decisions on reviews, batches, and refunds that fail late."""

from typing import Any

import pytest
import requests

from coursetill_simulators_tests.cybersource.merchant import Clock, Merchant

REVIEWED = "4000000000004806"
DAY = "startTime=2026-11-22T00:00:00.000Z&endTime=2026-11-23T00:00:00.000Z"
CONVERSIONS = "/reporting/v3/conversion-details"
BATCHES = "/reporting/v3/payment-batch-summaries"
DETAILS = "/reporting/v3/purchase-refund-details"


def report(merchant: Merchant, path: str, query: str = DAY) -> dict[str, Any]:
    reply = merchant.get(f"{path}?{query}")
    assert reply.status_code == 200, reply.text
    return reply.json()


@pytest.mark.parametrize(("decision", "told"), [("accept", "ACCEPT"), ("reject", "REJECT")])
def test_a_review_decision_is_reported_with_actor_and_reason(
    merchant: Merchant, decision: str, told: str
) -> None:
    held = merchant.pays(REVIEWED, code="HELD-1").json()["id"]
    assert report(merchant, CONVERSIONS)["conversionDetails"] == []
    merchant.commands(f"reviews/{held}", decision=decision, reviewer="grace", comments="known")
    (row,) = report(merchant, CONVERSIONS)["conversionDetails"]
    assert row["merchantReferenceNumber"] == "HELD-1"
    assert (row["requestId"], row["originalDecision"]) == (held, "REVIEW")
    assert (row["newDecision"], row["conversionTime"]) == (told, "2026-11-22T12:00:00.000Z")
    assert (row["reviewer"], row["reviewerComments"]) == ("grace", "known")


def test_a_refused_decision_is_not_reported(merchant: Merchant) -> None:
    held = merchant.pays(REVIEWED).json()["id"]
    merchant.commands(f"reviews/{held}", decision="perhaps")
    assert report(merchant, CONVERSIONS)["conversionDetails"] == []


@pytest.mark.parametrize(
    ("span", "found"),
    [
        ("startTime=2026-11-22T12:00:00Z&endTime=2026-11-22T12:00:01Z", 1),
        ("startTime=2026-11-22T12:00:00.001Z&endTime=2026-11-22T13:00:00Z", 0),
        ("startTime=2026-11-22T11:00:00Z&endTime=2026-11-22T12:00:00Z", 0),
        ("startTime=2026-11-22T07:00:00-05:00&endTime=2026-11-22T08:00:00-05:00", 1),
    ],
)
def test_a_period_includes_its_start_and_excludes_its_end(
    merchant: Merchant, span: str, found: int
) -> None:
    held = merchant.pays(REVIEWED).json()["id"]
    merchant.commands(f"reviews/{held}", decision="accept")
    assert len(report(merchant, CONVERSIONS, span)["conversionDetails"]) == found


@pytest.mark.parametrize("path", [CONVERSIONS, BATCHES, DETAILS])
@pytest.mark.parametrize(
    "query",
    [
        "limit=1",
        "startTime=2026-11-22T00:00:00Z",
        "startTime=yesterday&endTime=2026-11-23T00:00:00Z",
        "startTime=2026-11-22T00:00:00&endTime=2026-11-23T00:00:00",
        "startTime=2026-11-23T00:00:00Z&endTime=2026-11-22T00:00:00Z",
        f"{DAY}&organizationId=another",
    ],
)
def test_an_invalid_period_is_refused(merchant: Merchant, path: str, query: str) -> None:
    assert merchant.get(f"{path}?{query}").status_code == 400


@pytest.mark.parametrize("path", [CONVERSIONS, BATCHES, DETAILS])
def test_reports_require_a_signature(merchant: Merchant, path: str) -> None:
    assert requests.get(f"{merchant.url}{path}?{DAY}", timeout=5).status_code == 401


def test_a_batch_is_summed_per_currency_after_it_ran(merchant: Merchant) -> None:
    first = merchant.pays(amount="10.01").json()["id"]
    held = merchant.pays(amount="20.02", capture=False).json()["id"]
    merchant.captures(held, "5.00")
    merchant.refunds(first, "3.33")
    voided = merchant.pays(amount="99.99").json()["id"]
    merchant.post(f"/pts/v2/payments/{voided}/voids", {})
    assert report(merchant, BATCHES)["paymentBatchSummaries"] == []
    merchant.commands("settlements")

    (summary,) = report(merchant, BATCHES)["paymentBatchSummaries"]
    assert summary["currencyCode"] == "USD"
    assert (summary["salesCount"], summary["salesAmount"]) == (2, "15.01")
    assert (summary["creditCount"], summary["creditAmount"]) == (1, "3.33")


def test_a_refund_that_failed_at_settlement_shows_its_status(
    merchant: Merchant, clock: Clock
) -> None:
    sale = merchant.pays(amount="10.01").json()["id"]
    good, bad, late = (merchant.refunds(sale, "1.00").json()["id"] for _ in range(3))
    merchant.commands(f"refunds/{bad}", fails="in-batch")
    merchant.commands("settlements")
    clock.advance(3600)
    merchant.commands(f"refunds/{late}", fails="now")

    told = report(merchant, DETAILS)
    assert told["pageResults"] == 4
    statuses = {row["requestId"]: row["status"] for row in told["settlementStatuses"]}
    assert statuses == {sale: "TRANSMITTED", good: "TRANSMITTED", bad: "FAILED", late: "FAILED"}
    kinds = {row["requestId"]: row["transactionType"] for row in told["settlements"]}
    assert kinds == {sale: "Purchases", good: "Refunds", bad: "Refunds", late: "Refunds"}
    assert [row["requestId"] for row in told["authorizations"]] == [sale]
    references = {row["merchantReferenceNumber"] for row in told["requestDetails"]}
    assert references == {"ORDER-42", "REFUND-1"}
    (summary,) = report(merchant, BATCHES)["paymentBatchSummaries"]
    assert (summary["creditCount"], summary["creditAmount"]) == (1, "1.00")


def test_details_are_paged_and_selected_by_the_day_of_the_batch(
    merchant: Merchant, clock: Clock
) -> None:
    for code in ("A", "B", "C"):
        merchant.pays(code=code)
    clock.advance(24 * 3600)
    merchant.commands("settlements")

    def codes(query: str) -> list[str]:
        told = report(merchant, DETAILS, query)
        return [row["merchantReferenceNumber"] for row in told["requestDetails"]]

    assert codes(f"{DAY}&limit=2") == ["A", "B"]
    assert codes(f"{DAY}&limit=2&offset=2") == ["C"]
    assert codes(f"{DAY}&viewBy=submissionDate") == []
    next_day = "startTime=2026-11-23T00:00:00Z&endTime=2026-11-24T00:00:00Z"
    assert codes(f"{next_day}&viewBy=submissionDate") == ["A", "B", "C"]
    for wrong in ("limit=0", "limit=2001", "limit=x", "offset=-1", "viewBy=mood"):
        assert merchant.get(f"{DETAILS}?{DAY}&{wrong}").status_code == 400


def test_a_fault_can_make_a_report_fail(merchant: Merchant) -> None:
    merchant.commands("faults", operation="reports", fault="html", committed=False)
    assert merchant.get(f"{CONVERSIONS}?{DAY}").status_code == 502
