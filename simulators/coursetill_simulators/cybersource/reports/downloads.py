"""
The daily Transaction Request Report in CSV: list and download.

A report covers midnight to midnight in UTC and has the date of its end, as documented. Assumed: its
columns, named after the fields of the documented report; that a day has no report before it ends;
and that every past day has one, NO_DATA if nothing happened.
"""

import csv
import io
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from flask import Blueprint, Response, make_response, request

from coursetill_simulators.cybersource.faults.reply_faults import Operation
from coursetill_simulators.cybersource.middleware import answer, delivered, require_authentication
from coursetill_simulators.cybersource.registry import current_registry
from coursetill_simulators.cybersource.reports.reports import (
    Span,
    asked_span,
    exact,
    merchant_asked,
)
from coursetill_simulators.cybersource.reports.searches import applications
from coursetill_simulators.cybersource.state.ledger import LedgerEntry
from coursetill_simulators.cybersource.wire_format.amounts import sent_as
from coursetill_simulators.cybersource.wire_format.refusals import Refusal, missing, wrong

report_downloads = Blueprint("report_downloads", __name__)
report_downloads.before_request(require_authentication)

NAME = "DailyTransactionRequestReport"
COLUMNS = (
    "RequestID",
    "TransactionDate",
    "MerchantID",
    "MerchantReferenceNumber",
    "ApplicationName",
    "RCode",
    "RFlag",
    "RMsg",
    "Amount",
    "CurrencyCode",
    "CardType",
    "AccountSuffix",
)
_DAY = timedelta(days=1)
_MOST_DAYS = 366


@report_downloads.get("/reporting/v3/reports")
def listed() -> Response:
    """List the reports that end within a time span."""
    fault = current_registry().faults.take(Operation.REPORTS)
    return delivered(fault, lambda: answer({"reportSearchResults": list(_rows())}, 200))


@report_downloads.get("/reporting/v3/report-downloads")
def download() -> Response:
    """The report of one day: 200 and CSV, or 404."""
    return delivered(current_registry().faults.take(Operation.REPORTS), _downloaded)


def _downloaded() -> Response:
    merchant_asked()
    name, text = request.args.get("reportName"), request.args.get("reportDate")
    if not name or not text:
        raise missing("reportDate" if name else "reportName")
    try:
        span = _day_before(date.fromisoformat(text))
    except (OverflowError, ValueError) as unreadable:
        raise wrong("reportDate") from unreadable
    if not request.accept_mimetypes["text/csv"]:
        raise Refusal("NOT_SUPPORTED", "Declined - The simulator writes reports in CSV only")
    if name != NAME or span.end > current_registry().now():
        return answer({"message": "The requested resource does not exist"}, 404)
    return make_response(_written(span), 200, {"Content-Type": "text/csv; charset=utf-8"})


def _day_before(day: date) -> Span:
    end = datetime.combine(day, time(), UTC)
    return Span(end - _DAY, end)


def _rows() -> Iterator[dict[str, Any]]:
    requested = asked_span()
    if requested.end - requested.start > _MOST_DAYS * _DAY:
        raise wrong("endTime")
    day = requested.start.date()
    while day <= requested.end.date():
        span = _day_before(day)
        if requested.has(span.end) and span.end <= current_registry().now():
            yield {
                "reportName": NAME,
                "reportMimeType": "text/csv",
                "reportFrequency": "DAILY",
                "status": "COMPLETED" if _entries(span) else "NO_DATA",
                "reportStartTime": exact(span.start),
                "reportEndTime": exact(span.end),
                "timezone": "UTC",
                "reportId": f"{NAME}-{day}",
                "organizationId": current_registry().settings.merchant_id,
            }
        day += _DAY


def _entries(span: Span) -> list[LedgerEntry]:
    return [each for each in current_registry().ledger.entries() if span.has(each.submitted_at)]


def _written(span: Span) -> str:
    lines = io.StringIO(newline="")
    writer = csv.writer(lines)
    writer.writerow(COLUMNS)
    for entry in _entries(span):
        card = entry.card
        for each in applications(entry):
            writer.writerow(
                (
                    entry.id,
                    exact(entry.submitted_at),
                    current_registry().settings.merchant_id,
                    entry.code,
                    each["name"],
                    each["rCode"],
                    each["rFlag"],
                    each["rMessage"],
                    sent_as(entry.requested),
                    entry.currency,
                    card.network.name.title() if card and card.network else "",
                    card.last_four if card else "",
                )
            )
    return lines.getvalue()
