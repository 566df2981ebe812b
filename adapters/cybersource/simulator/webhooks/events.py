"""
What is worth a webhook: both families of event names, and what an event says.

The names of the product payments are those of the guide of 2026; those of cardProcessing appear
in other people's programs only. A merchant gets an event under each name it subscribed to. The
payload is assumed to be the fields of the reply to the request; one that was in the batch is
BATCHED, as the guide says of refunds. The names under risk are guesses.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import attrs

from adapters.cybersource.simulator.books.answers import reference
from adapters.cybersource.simulator.books.ledger import CAPTURABLE, Entry, Kind
from adapters.cybersource.simulator.words.amounts import sent_as
from adapters.cybersource.simulator.words.moments import written

# Product id, then event name, for each thing that can happen.
_NAMES: Mapping[str, tuple[tuple[str, str], ...]] = {
    "authorization accepted": (
        ("payments", "payments.authorization.status.accepted"),
        ("cardProcessing", "payments.payments.accept"),
    ),
    "authorization partial": (
        ("payments", "payments.authorization.status.partiallyApproved"),
        ("cardProcessing", "payments.payments.partial.approval"),
    ),
    "authorization reviewed": (
        ("payments", "payments.authorization.status.reviewed"),
        ("cardProcessing", "payments.payments.review"),
    ),
    "authorization rejected": (
        ("payments", "payments.authorization.status.rejected"),
        ("cardProcessing", "payments.payments.reject"),
    ),
    "review accepted": (("decisionManager", "risk.casemanagement.decision.accept"),),
    "review rejected": (("decisionManager", "risk.casemanagement.decision.reject"),),
    "capture accepted": (
        ("payments", "payments.capture.status.accepted"),
        ("cardProcessing", "payments.captures.accept"),
    ),
    "capture updated": (("payments", "payments.capture.status.updated"),),
    "refund accepted": (
        ("payments", "payments.refund.status.accepted"),
        ("cardProcessing", "payments.refunds.accept"),
    ),
    "refund updated": (("payments", "payments.refund.status.updated"),),
    "refund failed": (
        ("payments", "payments.refund.status.updated"),
        ("cardProcessing", "payments.refunds.reject"),
    ),
    "void accepted": (
        ("payments", "payments.void.status.accepted"),
        ("cardProcessing", "payments.voids.accept"),
    ),
    "reversal accepted": (
        ("payments", "payments.reversal.status.accepted"),
        ("cardProcessing", "payments.reversals.accept"),
    ),
    "checkout completed": (("unifiedCheckout", "uc.orders.transactionresults"),),
}
_AUTHORIZATIONS = {
    "AUTHORIZED": "accepted",
    "PARTIAL_AUTHORIZED": "partial",
    "AUTHORIZED_PENDING_REVIEW": "reviewed",
    "PENDING_REVIEW": "reviewed",
}


@attrs.frozen(kw_only=True)
class Event:
    """One event under one name, with the content that all its names share."""

    product_id: str
    event_type: str
    trace_id: str
    happened_at: datetime
    payload: Mapping[str, Any]

    @property
    def code(self) -> str:
        """The merchant's reference, wherever the payload has it; empty where it has none."""
        content = self.payload.get("details", self.payload)
        return str(content.get("clientReferenceInformation", {}).get("code", ""))


def products() -> dict[str, list[str]]:
    """Every product and its event names, as one may subscribe to them."""
    found: dict[str, list[str]] = {}
    for names in _NAMES.values():
        for product_id, event_type in names:
            listed = found.setdefault(product_id, [])
            if event_type not in listed:
                listed.append(event_type)
    return found


def events_of(before: Entry | None, after: Entry, *, now: datetime, trace_id: str) -> list[Event]:
    """What the ledger's change from `before` to `after` is to a merchant, under every name."""
    happened = _begun(after) if before is None else _changed(before, after)
    return [
        Event(
            product_id=product_id,
            event_type=event_type,
            trace_id=f"{trace_id}-{number}",
            happened_at=now,
            payload=_payload(after, status),
        )
        for number, (name, status) in enumerate(happened)
        for product_id, event_type in _NAMES[name]
    ]


def completed(result: Mapping[str, Any], *, now: datetime, trace_id: str) -> list[Event]:
    """The events about a checkout that Unified Checkout completed by itself."""
    return [
        Event(
            product_id=product_id,
            event_type=event_type,
            trace_id=trace_id,
            happened_at=now,
            payload=result,
        )
        for product_id, event_type in _NAMES["checkout completed"]
    ]


def _begun(entry: Entry) -> list[tuple[str, str]]:
    """What happened and the status to tell, for an entry that is new."""
    if entry.kind is not Kind.PAYMENT:
        return [(f"{entry.kind.value} accepted", entry.status)]
    word = _AUTHORIZATIONS.get(entry.status, "rejected")
    told = [(f"authorization {word}", entry.status)]
    if entry.capture and entry.status in CAPTURABLE:
        told.append(("capture accepted", "PENDING"))
    return told


def _changed(before: Entry, after: Entry) -> list[tuple[str, str]]:
    if after.settled and not before.settled and after.status != "FAILED":
        word = "refund" if after.kind is Kind.REFUND else "capture"
        return [(f"{word} updated", "BATCHED")]
    if after.status == before.status:
        return []
    if after.kind is Kind.PAYMENT:
        decided = "accepted" if after.status in CAPTURABLE else "rejected"
        return [(f"review {decided}", after.status), *_begun(after)]
    if after.status == "FAILED":
        return [("refund failed", "FAILED")]
    return []


def _payload(entry: Entry, status: str) -> dict[str, Any]:
    amounts = {"totalAmount": sent_as(entry.requested), "currency": entry.currency}
    if entry.kind is Kind.PAYMENT:
        amounts["authorizedAmount"] = sent_as(entry.approved)
    payload: dict[str, Any] = {
        "id": entry.id,
        "status": status,
        "submitTimeUtc": written(entry.submitted_at),
        "reconciliationId": entry.id,
        "clientReferenceInformation": reference(entry),
        "orderInformation": {"amountDetails": amounts},
        **entry.notes.told(),
    }
    if entry.outcome.reason:
        payload["errorInformation"] = {
            "reason": entry.outcome.reason,
            "message": entry.outcome.message,
        }
    return payload
