"""
/reporting/v3: decisions on reviews, contents of batches, and outcomes of refunds.

A time span includes its start and excludes its end. Assumed: that an empty span is answered with
empty lists, the values of `transactionType` and of a settlement's status, and that a failed refund
has reason code 233.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import attrs
from flask import Blueprint, Response, request

from coursetill_simulators.cybersource.faults.reply_faults import Operation
from coursetill_simulators.cybersource.middleware import answer, delivered, require_authentication
from coursetill_simulators.cybersource.registry import current_registry
from coursetill_simulators.cybersource.state.ledger import LedgerEntry, LedgerKind
from coursetill_simulators.cybersource.wire_format.amounts import sent_as
from coursetill_simulators.cybersource.wire_format.refusals import missing, wrong

reports = Blueprint("reports", __name__)
reports.before_request(require_authentication)

HIGHEST_LIMIT = 2000
_VIEWS: dict[str, Callable[[LedgerEntry], datetime | None]] = {
    "requestDate": lambda entry: entry.submitted_at,
    "submissionDate": lambda entry: entry.settled_at,
}


@attrs.frozen
class Span:
    """The time from `start` (included) to `end` (excluded)."""

    start: datetime
    end: datetime

    def has(self, moment: datetime | None) -> bool:
        """Whether `moment` is in the span."""
        return moment is not None and self.start <= moment < self.end

    def as_fields(self) -> dict[str, str]:
        """The span as the heading of a report."""
        return {"startTime": exact(self.start), "endTime": exact(self.end)}


@reports.get("/reporting/v3/conversion-details")
def conversion_details() -> Response:
    """The decisions of people on payments in review."""
    return _report(_conversions)


@reports.get("/reporting/v3/payment-batch-summaries")
def payment_batch_summaries() -> Response:
    """The sums of sales and refunds per currency, in the batches of a span."""
    return _report(_summaries)


@reports.get("/reporting/v3/purchase-refund-details")
def purchase_refund_details() -> Response:
    """Every sale, capture and refund of a span, with its result in the batch."""
    return _report(_details)


def _report(made: Callable[[Span], dict[str, Any]]) -> Response:
    fault = current_registry().faults.take(Operation.REPORTS)
    return delivered(fault, lambda: answer(made(asked_span()), 200))


def _conversions(span: Span) -> dict[str, Any]:
    registry = current_registry()
    return {
        "organizationId": registry.settings.merchant_id,
        **span.as_fields(),
        "conversionDetails": [
            {
                "merchantReferenceNumber": each.code,
                "conversionTime": exact(each.at),
                "requestId": each.payment_id,
                "originalDecision": "REVIEW",
                "newDecision": each.decision,
                "reviewer": each.reviewer,
                "reviewerComments": each.comments,
                "queue": "Review Queue",
                "profile": "Simulated",
                "notes": [
                    {
                        "time": exact(each.at),
                        "addedBy": each.reviewer,
                        "comments": each.comments,
                    }
                ],
            }
            for each in registry.conversions.all()
            if span.has(each.at)
        ],
    }


def _summaries(span: Span) -> dict[str, Any]:
    merchant_id = current_registry().settings.merchant_id
    found = [e for e in _money() if span.has(e.settled_at) and e.status != "FAILED"]
    summaries = []
    for currency in sorted({each.currency for each in found}):
        mine = [each for each in found if each.currency == currency]
        sales = [each.approved for each in mine if each.kind is not LedgerKind.REFUND]
        credits_ = [each.approved for each in mine if each.kind is LedgerKind.REFUND]
        summaries.append(
            {
                "currencyCode": currency,
                "paymentSubTypeDescription": "Cards",
                **span.as_fields(),
                "salesCount": len(sales),
                "salesAmount": sent_as(sum(sales, Decimal(0))),
                "creditCount": len(credits_),
                "creditAmount": sent_as(sum(credits_, Decimal(0))),
                "merchantId": merchant_id,
                "merchantName": merchant_id,
            }
        )
    return {**span.as_fields(), "paymentBatchSummaries": summaries}


def _details(span: Span) -> dict[str, Any]:
    view = _VIEWS.get(request.args.get("viewBy", "requestDate"))
    if view is None:
        raise wrong("viewBy")
    offset = _number("offset", usual=0, least=0, most=10**9)
    limit = _number("limit", usual=HIGHEST_LIMIT, least=1, most=HIGHEST_LIMIT)
    found = [each for each in _money() if span.has(view(each))]
    page = found[offset : offset + limit]
    return {
        "offset": offset,
        "limit": limit,
        "pageResults": len(page),
        "requestDetails": [_request_row(each) for each in page],
        "settlements": [_settlement_row(each) for each in page],
        "authorizations": [_authorization_row(e) for e in page if e.kind is LedgerKind.PAYMENT],
        "settlementStatuses": [_status_row(each) for each in page if each.settled_at],
    }


def _money() -> list[LedgerEntry]:
    """Every entry that takes or refunds money, failed ones too."""
    ledger = current_registry().ledger
    return [
        each
        for each in ledger.entries()
        if ledger.taken(each) > 0 or (each.kind is LedgerKind.REFUND and not ledger.undone(each))
    ]


def _request_row(entry: LedgerEntry) -> dict[str, str]:
    return {
        "requestId": entry.id,
        "cybersourceMerchantId": current_registry().settings.merchant_id,
        "processorMerchantId": current_registry().settings.merchant_id,
        "transactionReferenceNumber": entry.id[-16:],
        "merchantReferenceNumber": entry.code,
    }


def _settlement_row(entry: LedgerEntry) -> dict[str, Any]:
    row = {
        "requestId": entry.id,
        "transactionType": "Refunds" if entry.kind is LedgerKind.REFUND else "Purchases",
        "submissionTime": exact(entry.submitted_at),
        "amount": sent_as(entry.approved),
        "currencyCode": entry.currency,
        "paymentMethod": entry.card.network.name.title()
        if entry.card and entry.card.network
        else "",
        "paymentType": "Credit Card",
        "accountSuffix": entry.card.last_four if entry.card else "",
    }
    if entry.settled_at:
        row["cybersourceBatchTime"] = exact(entry.settled_at)
        row["cybersourceBatchId"] = entry.settled_at.strftime("%Y%m%d")
    return row


def _authorization_row(entry: LedgerEntry) -> dict[str, str]:
    return {
        "requestId": entry.id,
        "transactionReferenceNumber": entry.id[-16:],
        "time": exact(entry.submitted_at),
        "authorizationRequestId": entry.id,
        "amount": sent_as(entry.approved),
        "currencyCode": entry.currency,
        "code": "831000",
        "rcode": "1",
    }


def _status_row(entry: LedgerEntry) -> dict[str, str]:
    failed = entry.status == "FAILED"
    return {
        "requestId": entry.id,
        "status": "FAILED" if failed else "TRANSMITTED",
        "settlementTime": exact(entry.settled_at or entry.submitted_at),
        "reasonCode": "233" if failed else "100",
        "errorText": "The issuer did not take the refund." if failed else "",
    }


def merchant_asked() -> None:
    """Raise Refusal if the request is for another organization."""
    organization = request.args.get("organizationId", current_registry().settings.merchant_id)
    if organization != current_registry().settings.merchant_id:
        raise wrong("organizationId")


def asked_span() -> Span:
    """The time span of the request. Raises Refusal if it is invalid."""
    merchant_asked()
    span = Span(_moment("startTime"), _moment("endTime"))
    if span.end <= span.start:
        raise wrong("endTime")
    return span


def _moment(name: str) -> datetime:
    text = request.args.get(name)
    if not text:
        raise missing(name)
    try:
        moment = datetime.fromisoformat(text.replace(" ", "+"))
    except ValueError as unreadable:
        raise wrong(name) from unreadable
    if moment.tzinfo is None:
        raise wrong(name)
    return moment.astimezone(UTC)


def _number(name: str, *, usual: int, least: int, most: int) -> int:
    text = request.args.get(name)
    if text is None:
        return usual
    if not (text.isascii() and text.isdigit() and least <= int(text) <= most):
        raise wrong(name)
    return int(text)


def exact(moment: datetime) -> str:
    """A time with milliseconds, as reports write it."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"
