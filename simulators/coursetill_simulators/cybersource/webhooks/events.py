"""
Webhook events: both families of event names, and the payloads.

The names of the product payments are those in the guide of 2026; the names of cardProcessing appear
only in other people's programs. A merchant gets an event under each subscribed name. The payload
is assumed to be the fields of the reply to the request; after the batch it is BATCHED, as the guide
says about refunds. Guesses: the names under risk; that a refused void or reversal is "rejected";
and that events of Secure Acceptance have the fields of its reply.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import attrs

from coursetill_simulators.cybersource.state.ledger import CAPTURABLE, LedgerEntry, LedgerKind
from coursetill_simulators.cybersource.state.payment_bodies import reference
from coursetill_simulators.cybersource.wire_format.amounts import sent_as
from coursetill_simulators.cybersource.wire_format.moments import written

# Product id and event name for each thing that can happen.
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
    "void rejected": (("payments", "payments.void.status.rejected"),),
    "reversal rejected": (("payments", "payments.reversal.status.rejected"),),
    "checkout completed": (("unifiedCheckout", "uc.orders.transactionresults"),),
    "hosted result": (("secureAcceptance", "sa.orders.rawtransactionresults"),),
    "hosted receipt": (
        ("secureAcceptance", "sa.orders.cardholderreceipts"),
        ("secureAcceptance", "sa.orders.merchantreceipts"),
    ),
    # These can be subscribed to, but the simulator never sends them.
    "elsewhere": (
        ("payments", "payments.credit.status.accepted"),
        ("payments", "payments.credit.status.updated"),
        ("alternativePaymentMethods", "payments.payments.updated"),
        ("payByLink", "payByLink.customer.payment"),
        ("payByLink", "payByLink.merchant.payment"),
        ("notifications", "cns.report.keyExpiration.detail"),
    ),
}
_AUTHORIZATIONS = {
    "AUTHORIZED": "accepted",
    "PARTIAL_AUTHORIZED": "partial",
    "AUTHORIZED_PENDING_REVIEW": "reviewed",
    "PENDING_REVIEW": "reviewed",
}


@attrs.frozen(kw_only=True)
class WebhookEvent:
    """One event under one name. All names of an event share its content."""

    product_id: str
    event_type: str
    trace_id: str
    happened_at: datetime
    payload: Mapping[str, Any]

    @property
    def code(self) -> str:
        """The merchant's reference in the payload, or empty text."""
        content = self.payload.get("details", self.payload)
        named = content.get("clientReferenceInformation", {}).get("code")
        return str(named or content.get("req_reference_number", ""))


def products() -> dict[str, list[str]]:
    """All products and their event names."""
    found: dict[str, list[str]] = {}
    for names in _NAMES.values():
        for product_id, event_type in names:
            listed = found.setdefault(product_id, [])
            if event_type not in listed:
                listed.append(event_type)
    return found


def events_of(
    before: LedgerEntry | None, after: LedgerEntry, *, now: datetime, trace_id: str
) -> list[WebhookEvent]:
    """The events of a ledger change from `before` to `after`, under every name."""
    happened = _begun(after) if before is None else _changed(before, after)
    return [
        event
        for number, (name, status) in enumerate(happened)
        for event in _named(name, _payload(after, status), now=now, trace_id=f"{trace_id}-{number}")
    ]


def completed(result: Mapping[str, Any], *, now: datetime, trace_id: str) -> list[WebhookEvent]:
    """The events of a checkout that Unified Checkout completed."""
    return _named("checkout completed", result, now=now, trace_id=trace_id)


def hosted(fields: Mapping[str, str], *, now: datetime, trace_id: str) -> list[WebhookEvent]:
    """The events of a Secure Acceptance result. Receipts are only for accepted payments."""
    found = _named("hosted result", fields, now=now, trace_id=trace_id)
    if fields["decision"] == "ACCEPT":
        found += _named("hosted receipt", fields, now=now, trace_id=f"{trace_id}-receipt")
    return found


def rejected(
    entry: LedgerEntry, kind: LedgerKind, *, now: datetime, trace_id: str
) -> list[WebhookEvent]:
    """The events of a refused void or reversal of `entry`."""
    payload = _payload(entry, "INVALID_REQUEST")
    return _named(f"{kind.value} rejected", payload, now=now, trace_id=trace_id)


def _named(
    what: str, payload: Mapping[str, Any], *, now: datetime, trace_id: str
) -> list[WebhookEvent]:
    return [
        WebhookEvent(
            product_id=product_id,
            event_type=event_type,
            trace_id=trace_id,
            happened_at=now,
            payload=payload,
        )
        for product_id, event_type in _NAMES[what]
    ]


def _begun(entry: LedgerEntry) -> list[tuple[str, str]]:
    """The happenings of a new entry, each with its status."""
    if entry.kind is not LedgerKind.PAYMENT:
        return [(f"{entry.kind.value} accepted", entry.status)]
    word = _AUTHORIZATIONS.get(entry.status, "rejected")
    happenings = [(f"authorization {word}", entry.status)]
    if entry.capture and entry.status in CAPTURABLE:
        happenings.append(("capture accepted", "PENDING"))
    return happenings


def _changed(before: LedgerEntry, after: LedgerEntry) -> list[tuple[str, str]]:
    if after.settled and not before.settled and after.status != "FAILED":
        word = "refund" if after.kind is LedgerKind.REFUND else "capture"
        return [(f"{word} updated", "BATCHED")]
    if after.status == before.status:
        return []
    if after.kind is LedgerKind.PAYMENT:
        decided = "accepted" if after.status in CAPTURABLE else "rejected"
        return [(f"review {decided}", after.status), *_begun(after)]
    if after.status == "FAILED":
        return [("refund failed", "FAILED")]
    return []


def _payload(entry: LedgerEntry, status: str) -> dict[str, Any]:
    amounts = {"totalAmount": sent_as(entry.requested), "currency": entry.currency}
    if entry.kind is LedgerKind.PAYMENT:
        amounts["authorizedAmount"] = sent_as(entry.approved)
    payload: dict[str, Any] = {
        "id": entry.id,
        "status": status,
        "submitTimeUtc": written(entry.submitted_at),
        "reconciliationId": entry.id,
        "clientReferenceInformation": reference(entry),
        "orderInformation": {"amountDetails": amounts},
        **entry.notes.as_fields(),
    }
    if entry.outcome.reason:
        payload["errorInformation"] = {
            "reason": entry.outcome.reason,
            "message": entry.outcome.message,
        }
    return payload
