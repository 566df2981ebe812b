"""The simulator's page of everything that happened, in HTML and as JSON."""

from typing import Any

from flask import Blueprint, Response, make_response, render_template

from coursetill_simulators.cybersource.control.requests import refuse_other_pages
from coursetill_simulators.cybersource.faults.message_faults import Channel, MessageFaultKind
from coursetill_simulators.cybersource.faults.reply_faults import FaultKind, Operation
from coursetill_simulators.cybersource.middleware import answer
from coursetill_simulators.cybersource.registry import current_registry
from coursetill_simulators.cybersource.state.ledger import LedgerEntry, LedgerKind
from coursetill_simulators.cybersource.state.outcomes import (
    ACCEPTED_CARDS,
    AMOUNTS,
    CARDS,
    DECLINED_POSTAL_CODE,
    OUTCOMES,
)
from coursetill_simulators.cybersource.wire_format.amounts import sent_as, shown
from coursetill_simulators.cybersource.wire_format.moments import written

control_page = Blueprint("control_page", __name__)
control_page.before_request(refuse_other_pages)

IN_REVIEW = frozenset({"AUTHORIZED_PENDING_REVIEW", "PENDING_REVIEW"})
_POLICY = "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'"


@control_page.get("/")
def page() -> Response:
    """The HTML page."""
    registry = current_registry()
    content = render_template(
        "home.html",
        entries=[entry_row(entry) for entry in reversed(registry.ledger.entries())],
        money=registry.ledger.money(),
        waiting=registry.faults.waiting(),
        turned_away=list(reversed(registry.gatekeeper.turned_away)),
        operations=list(Operation),
        fault_kinds=list(FaultKind),
        outcomes=OUTCOMES.values(),
        accepted_cards=ACCEPTED_CARDS,
        other_cards={number: OUTCOMES[name].says for number, name in CARDS.items()},
        amounts={amount: OUTCOMES[name].says for amount, name in AMOUNTS.items()},
        declined_postal_code=DECLINED_POSTAL_CODE,
        now=written(registry.now()),
        switches=registry.switches.positions(),
        channels=list(Channel),
        message_fault_kinds=list(MessageFaultKind),
        message_faults=registry.message_faults.waiting(),
        subscriptions=registry.webhooks.subscriptions.all(),
        deliveries=list(reversed(registry.webhooks.deliveries())),
        posts=list(reversed(registry.posts.posts())),
        conversions=list(reversed(registry.conversions.all())),
    )
    return make_response(
        content, 200, {"Content-Security-Policy": _POLICY, "Cache-Control": "no-store"}
    )


@control_page.get("/simulator/ledger")
def ledger() -> Response:
    """Everything that happened, as JSON: entries by kind, totals per currency, refused calls."""
    registry = current_registry()
    kinds = {
        f"{kind.value}s": [entry_row(entry) for entry in registry.ledger.entries(kind)]
        for kind in LedgerKind
    }
    everything: dict[str, Any] = {
        **kinds,
        "money": registry.ledger.money(),
        "switches": registry.switches.positions(),
        "turned_away": list(registry.gatekeeper.turned_away),
    }
    return answer(everything, 200)


@control_page.get("/simulator/mle-certificate")
def mle_certificate() -> Response:
    """The certificate for encrypted requests, as a PEM download."""
    registry = current_registry()
    headers = {"Content-Type": "application/x-pem-file"}
    return make_response(registry.envelopes.certificates(registry.now()), 200, headers)


def _what(entry: LedgerEntry) -> str:
    if entry.kind is LedgerKind.PAYMENT:
        return "sale" if entry.capture else "authorisation"
    return str(entry.kind.value)


def entry_row(entry: LedgerEntry) -> dict[str, Any]:
    """A ledger entry as JSON."""
    return {
        "id": entry.id,
        "kind": entry.kind.value,
        "what": _what(entry),
        "status": entry.status,
        "outcome": entry.outcome.name,
        "code": entry.code,
        "transaction_id": entry.transaction_id,
        "parent_id": entry.parent_id,
        "requested": sent_as(entry.requested),
        "approved": sent_as(entry.approved),
        "currency": entry.currency,
        "shown": shown(entry.requested, entry.currency),
        "capture": entry.capture,
        "settled": entry.settled,
        "card": entry.card.masked if entry.card else None,
        "submitted_at": written(entry.submitted_at),
        "may_fail": entry.kind is LedgerKind.REFUND and current_registry().ledger.given(entry) > 0,
        "in_review": entry.status in IN_REVIEW and not current_registry().ledger.undone(entry),
    }
