"""
POST /tss/v2/searches and GET /tss/v2/transactions/{id}: past requests.

Both read an index that lags (`SimulatorSettings.index_lag_seconds`; the real lag was measured as
about five seconds), so an empty result soon after a lost reply proves nothing. Rows have reason
codes and flags, but no status. A sale is one row with ics_auth and ics_bill; a refund is a separate
row with ics_credit.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import uuid4

from flask import Blueprint, Response

from coursetill_simulators.cybersource.faults.reply_faults import Operation
from coursetill_simulators.cybersource.middleware import (
    answer,
    delivered,
    require_authentication,
    sent,
)
from coursetill_simulators.cybersource.registry import current_registry
from coursetill_simulators.cybersource.reports.queries import query_test
from coursetill_simulators.cybersource.state.ledger import CAPTURABLE, LedgerEntry, LedgerKind
from coursetill_simulators.cybersource.state.payment_bodies import processor_information, reference
from coursetill_simulators.cybersource.wire_format.amounts import sent_as
from coursetill_simulators.cybersource.wire_format.bodies import Body
from coursetill_simulators.cybersource.wire_format.moments import written
from coursetill_simulators.cybersource.wire_format.refusals import wrong

searches = Blueprint("searches", __name__)
searches.before_request(require_authentication)

USUAL_LIMIT = 20
HIGHEST_LIMIT = 2500

_APPLICATIONS: Mapping[LedgerKind, tuple[str, str]] = {
    LedgerKind.PAYMENT: ("ics_auth", "1010000"),
    LedgerKind.CAPTURE: ("ics_bill", "1260000"),
    LedgerKind.REFUND: ("ics_credit", "1280000"),
    LedgerKind.VOID: ("ics_void", "1380000"),
    LedgerKind.REVERSAL: ("ics_auth_reversal", "1260000"),
}
_BILL = ("ics_bill", "1260000")


@searches.post("/tss/v2/searches")
def search() -> Response:
    """The entries that match a query, in pages."""
    body = sent()
    fault = current_registry().faults.take(Operation.SEARCHES)
    return delivered(fault, lambda: _found(body))


@searches.get("/tss/v2/searches/<search_id>")
def search_again(search_id: str) -> Response:
    """Run an earlier search again."""
    fault = current_registry().faults.take(Operation.SEARCHES)
    return delivered(fault, lambda: _found_again(search_id))


@searches.get("/tss/v2/transactions/<entry_id>")
def transaction(entry_id: str) -> Response:
    """The details of one entry, once the index has it."""
    fault = current_registry().faults.take(Operation.DETAILS)
    return delivered(fault, lambda: _told(entry_id))


def _found(body: Body) -> Response:
    search_id = str(uuid4())
    reply = answer(_result(search_id, body))
    current_registry().searches[search_id] = body
    return reply


def _found_again(search_id: str) -> Response:
    body = current_registry().searches.get(search_id)
    return _unknown() if body is None else answer(_result(search_id, body))


def _result(search_id: str, body: Body) -> dict[str, Any]:
    registry = current_registry()
    query = body.text("query", 2000)
    offset = _number(body, "offset", usual=0, highest=None)
    limit = _number(body, "limit", usual=USUAL_LIMIT, highest=HIGHEST_LIMIT)
    test = query_test(query, registry.settings.merchant_id, registry.now())
    rows = [entry for entry in _indexed() if test(entry)]
    if body.optional_text("sort") != "submitTimeUtc:asc":
        rows.reverse()
    page = rows[offset : offset + limit]
    result: dict[str, Any] = {
        "_links": {"self": {"method": "GET", "href": f"/tss/v2/searches/{search_id}"}},
        "searchId": search_id,
        "save": body.flag("save"),
        "query": query,
        "count": len(page),
        "totalCount": len(rows),
        "limit": limit,
        "offset": offset,
        "timezone": body.optional_text("timezone") or "GMT",
        "submitTimeUtc": written(registry.now()),
    }
    if page:
        result["_embedded"] = {"transactionSummaries": [_summary(entry) for entry in page]}
    return result


def _unknown() -> Response:
    return answer({"message": "The requested resource does not exist"}, 404)


def _told(entry_id: str) -> Response:
    found = [entry for entry in _indexed() if entry.id == entry_id]
    if not found:
        return _unknown()
    return answer(_details(found[0]), 200)


def _number(body: Body, path: str, *, usual: int, highest: int | None) -> int:
    found = body.at(path)
    if found is None:
        return usual
    if type(found) is not int or found < 0 or (highest is not None and found > highest):
        raise wrong(path)
    return found


def _indexed() -> list[LedgerEntry]:
    registry = current_registry()
    seen_until = registry.now() - timedelta(seconds=registry.settings.index_lag_seconds)
    return [entry for entry in registry.ledger.entries() if entry.submitted_at <= seen_until]


def _summary(entry: LedgerEntry) -> dict[str, Any]:
    return {
        "id": entry.id,
        "submitTimeUtc": written(entry.submitted_at),
        "merchantId": current_registry().settings.merchant_id,
        "applicationInformation": {
            "reasonCode": entry.outcome.code,
            "rFlag": entry.outcome.flag,
            "applications": applications(entry),
        },
        "clientReferenceInformation": reference(entry),
        "orderInformation": {"amountDetails": _amounts(entry)},
        "paymentInformation": {"card": _card(entry)},
        "processingInformation": {"commerceIndicator": "internet"},
        **entry.notes.as_fields(),
        "_links": {
            "transactionDetail": {"method": "GET", "href": f"/tss/v2/transactions/{entry.id}"}
        },
    }


def _details(entry: LedgerEntry) -> dict[str, Any]:
    # Only details write submitTimeUTC in capitals, and the overall reason code as a number.
    return {
        "id": entry.id,
        "rootId": current_registry().ledger.root(entry).id,
        "reconciliationId": entry.id,
        "submitTimeUTC": written(entry.submitted_at),
        "merchantId": current_registry().settings.merchant_id,
        "applicationInformation": {
            "status": _index_status(entry),
            "reasonCode": int(entry.outcome.code),
            "applications": applications(entry),
        },
        "clientReferenceInformation": reference(entry),
        "orderInformation": {
            "billTo": dict(entry.bill_to),
            "amountDetails": {**_amounts(entry), "authorizedAmount": sent_as(entry.approved)},
        },
        "paymentInformation": {
            "paymentType": {"type": "credit card"},
            "card": _card(entry),
        },
        "processingInformation": {"commerceIndicator": "internet"},
        "processorInformation": processor_information(entry),
        **entry.notes.as_fields(),
        "_links": {"self": {"method": "GET", "href": f"/tss/v2/transactions/{entry.id}"}},
    }


def applications(entry: LedgerEntry) -> list[dict[str, Any]]:
    """The services of an entry, and the answer of each."""
    names = [_APPLICATIONS[entry.kind]]
    if entry.kind is LedgerKind.PAYMENT and entry.capture and entry.status in CAPTURABLE:
        names.append(_BILL)
    outcome = entry.outcome
    return [
        {
            "name": name,
            "reasonCode": outcome.code,
            "rCode": "1" if outcome.code in ("100", "110") else "0",
            "rFlag": outcome.flag,
            "reconciliationId": entry.id,
            "rMessage": outcome.message,
            "returnCode": return_code,
        }
        for name, return_code in names
    ]


def _index_status(entry: LedgerEntry) -> str:
    """The status in details; after the batch, the status of the batch."""
    if current_registry().ledger.undone(entry):
        moved = entry.capture or entry.kind in (LedgerKind.CAPTURE, LedgerKind.REFUND)
        return "VOIDED" if moved else "REVERSED"
    if entry.kind is LedgerKind.PAYMENT and entry.capture and entry.status in CAPTURABLE:
        return "TRANSMITTED" if entry.settled else "PENDING"
    return entry.status


def _amounts(entry: LedgerEntry) -> dict[str, str]:
    return {"totalAmount": sent_as(entry.requested), "currency": entry.currency}


def _card(entry: LedgerEntry) -> dict[str, str]:
    card = entry.card
    if card is None:
        return {}
    return {
        "suffix": card.last_four,
        "prefix": card.prefix,
        "expirationMonth": card.expiry_month,
        "expirationYear": card.expiry_year,
        "type": card.network.code if card.network else "",
    }
