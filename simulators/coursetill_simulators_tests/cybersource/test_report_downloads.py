"""The daily Transaction Request Report in CSV."""

import csv
import io

import pytest
import requests

from coursetill_simulators_tests.cybersource.merchant import Clock, Merchant

NAME = "DailyTransactionRequestReport"
DAY_SECONDS = 86_400


def downloaded(merchant: Merchant, day: str, **more: str) -> requests.Response:
    asked = {"reportDate": day, "reportName": NAME, **more}
    query = "&".join(f"{name}={value}" for name, value in asked.items())
    return merchant.get(f"/reporting/v3/report-downloads?{query}")


def test_the_report_of_a_day_is_named_by_the_day_it_ends(merchant: Merchant, clock: Clock) -> None:
    sale = merchant.pays(code='O"R,DER').json()["id"]
    refund = merchant.refunds(sale, "100.00").json()["id"]
    assert downloaded(merchant, "2026-11-23").status_code == 404
    clock.advance(DAY_SECONDS)
    merchant.pays(code="TOO LATE")

    reply = downloaded(merchant, "2026-11-23")
    assert reply.headers["Content-Type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(reply.text)))
    assert [(row["RequestID"], row["ApplicationName"], row["Amount"]) for row in rows] == [
        (sale, "ics_auth", "247.50"),
        (sale, "ics_bill", "247.50"),
        (refund, "ics_credit", "100.00"),
    ]
    assert rows[0]["MerchantReferenceNumber"] == 'O"R,DER'
    assert {(row["CardType"], row["AccountSuffix"], row["RFlag"]) for row in rows} == {
        ("Visa", "1111", "SOK")
    }
    assert downloaded(merchant, "2026-11-22").text.count("\r\n") == 1


def test_the_list_shows_which_reports_have_rows(merchant: Merchant, clock: Clock) -> None:
    merchant.pays()
    clock.advance(DAY_SECONDS)
    span = "startTime=2026-11-22T00:00:00.000Z&endTime=2026-11-25T00:00:00.000Z"
    listed = merchant.get(f"/reporting/v3/reports?{span}").json()["reportSearchResults"]
    assert [(each["reportEndTime"], each["status"]) for each in listed] == [
        ("2026-11-22T00:00:00.000Z", "NO_DATA"),
        ("2026-11-23T00:00:00.000Z", "COMPLETED"),
    ]


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({"reportName": ""}, 400),
        ({"reportDate": ""}, 400),
        ({"reportDate": "yesterday"}, 400),
        ({"reportDate": "0001-01-01"}, 400),
        ({"organizationId": "other"}, 400),
        ({"reportName": "Other"}, 404),
    ],
)
def test_an_unknown_report_is_not_found(
    merchant: Merchant, more: dict[str, str], status: int
) -> None:
    assert downloaded(merchant, "2026-11-22", **more).status_code == status


def test_reports_in_xml_and_long_periods_are_refused(merchant: Merchant) -> None:
    path = f"/reporting/v3/report-downloads?reportDate=2026-11-22&reportName={NAME}"
    token = merchant.signed(merchant.claims("GET", path))
    headers = {"Authorization": f"Bearer {token}", "Accept": "application/xml"}
    assert requests.get(merchant.url + path, headers=headers, timeout=5).status_code == 400
    span = "startTime=2000-01-01T00:00:00.000Z&endTime=2026-11-25T00:00:00.000Z"
    assert merchant.get(f"/reporting/v3/reports?{span}").status_code == 400
    assert requests.get(f"{merchant.url}/reporting/v3/reports?{span}", timeout=5).status_code == 401
