"""
The simulator's own page and control API: see the ledger, make things go wrong, decide, settle.

Nothing here exists at CyberSource. Every POST takes JSON, or a form from the page itself, which
is then shown again.
"""

from typing import Any

import attrs
from flask import Blueprint, Response, make_response, redirect, render_template, request

from adapters.cybersource.simulator.amounts import sent_as, shown
from adapters.cybersource.simulator.faults import Fault, Operation, Trouble
from adapters.cybersource.simulator.ledger import Entry, Kind
from adapters.cybersource.simulator.outcomes import (
    ACCEPTED_CARDS,
    AMOUNTS,
    AUTHORIZED,
    CARDS,
    DECLINED_POSTAL_CODE,
    OUTCOMES,
)
from adapters.cybersource.simulator.wire import answer
from adapters.cybersource.simulator.workings import here, written

control = Blueprint("control", __name__)

_IN_REVIEW = frozenset({"AUTHORIZED_PENDING_REVIEW", "PENDING_REVIEW"})
_POLICY = "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'"


@attrs.frozen
class WrongCommand(Exception):
    """A command to the simulator that makes no sense."""

    why: str

    def __str__(self) -> str:
        return self.why


@control.before_request
def refuse_other_pages() -> Response | None:
    """A page of another origin, open in the same browser, has no business here."""
    if request.headers.get("Origin", here().origin) not in (here().origin, "null"):
        return make_response("Only the simulator's own page may do this.", 403)
    return None


@control.get("/")
def page() -> Response:
    """The page for people."""
    workings = here()
    told = render_template(
        "home.html",
        entries=[_row(entry) for entry in reversed(workings.ledger.entries())],
        money=workings.ledger.money(),
        waiting=workings.faults.waiting(),
        turned_away=list(reversed(workings.gatekeeper.turned_away)),
        operations=list(Operation),
        troubles=[each for each in Trouble if each is not Trouble.REPLY],
        outcomes=OUTCOMES.values(),
        accepted_cards=ACCEPTED_CARDS,
        other_cards={number: OUTCOMES[name].says for number, name in CARDS.items()},
        amounts={amount: OUTCOMES[name].says for amount, name in AMOUNTS.items()},
        declined_postal_code=DECLINED_POSTAL_CODE,
    )
    return make_response(
        told, 200, {"Content-Security-Policy": _POLICY, "Cache-Control": "no-store"}
    )


@control.get("/simulator/ledger")
def ledger() -> Response:
    """Everything that happened, as JSON: entries by kind, money per currency, calls refused."""
    workings = here()
    kinds = {
        f"{kind.value}s": [_row(entry) for entry in workings.ledger.entries(kind)] for kind in Kind
    }
    told: dict[str, Any] = {
        **kinds,
        "money": workings.ledger.money(),
        "turned_away": list(workings.gatekeeper.turned_away),
    }
    return answer(told, 200)


@control.post("/simulator/faults")
def put_fault() -> Response:
    """
    Let the next calls of an operation go wrong.

    `{"operation": "payments", "fault": "drop", "committed": true, "times": 1}`; with `seconds`
    for a delay, `outcome` for an outcome, `status` and `body` for a reply of one's own.
    """
    told = _told()
    try:
        operation = Operation(told.get("operation"))
        trouble = Trouble(told.get("fault"))
        fault = Fault(
            trouble=trouble,
            committed=_yes(told.get("committed", True)),
            seconds=float(told.get("seconds") or 0),
            outcome=_outcome(told.get("outcome")) if trouble is Trouble.OUTCOME else None,
            status=int(told.get("status") or 200),
            body=told.get("body"),
        )
        times = int(told.get("times") or 1)
    except (ValueError, TypeError) as nonsense:
        raise WrongCommand(str(nonsense)) from nonsense
    if trouble is Trouble.OUTCOME and operation is not Operation.PAYMENTS:
        raise WrongCommand("only a payment has an outcome to choose")
    here().faults.put(operation, fault, times)
    return _done({"waiting": len(here().faults.waiting())})


@control.post("/simulator/reviews/<payment_id>")
def decide(payment_id: str) -> Response:
    """`{"decision": "accept"}` or "reject", for a payment that is held for review."""
    workings = here()
    decision = _told().get("decision")
    with workings.ledger.held():
        payment = workings.ledger.find(payment_id)
        if payment is None or payment.status not in _IN_REVIEW or workings.ledger.undone(payment):
            raise WrongCommand(f"{payment_id} is not a payment held for review")
        match decision:
            case "accept":
                decided = attrs.evolve(payment, status="AUTHORIZED", outcome=AUTHORIZED)
            case "reject":
                rejected = OUTCOMES["risk-declined"]
                decided = attrs.evolve(payment, status=rejected.status, outcome=rejected)
                workings.ledger.append(_released(payment))
            case _:
                raise WrongCommand("the decision is accept or reject")
        workings.ledger.replace(decided)
    return _done(_row(decided))


@control.post("/simulator/settlements")
def settle() -> Response:
    """Run the batch: PENDING refunds become TRANSMITTED, nothing in it can be voided any more."""
    return _done({"settled": [entry.id for entry in here().ledger.settle()]})


@control.post("/simulator/reset")
def reset() -> Response:
    """Forget everything that happened."""
    here().clear()
    return _done({"entries": 0})


def refused(why: WrongCommand) -> Response:
    """400 with the reason in words."""
    return answer({"message": str(why)}, 400)


def _released(payment: Entry) -> Entry:
    workings = here()
    return Entry(
        id=workings.new_id(),
        kind=Kind.REVERSAL,
        status="REVERSED",
        code=payment.code,
        requested=payment.approved,
        approved=payment.approved,
        currency=payment.currency,
        submitted_at=workings.now(),
        parent_id=payment.id,
        card=payment.card,
    )


def _told() -> dict[str, Any]:
    if request.is_json:
        content = request.get_json(silent=True)
        if not isinstance(content, dict):
            raise WrongCommand("the body is not a JSON object")
        return content
    return request.form.to_dict()


def _yes(value: object) -> bool:
    return value in (True, "true", "on", "yes")


def _outcome(name: object) -> str:
    if name not in OUTCOMES:
        raise ValueError(f"{name!r} is not one of {', '.join(OUTCOMES)}")
    return str(name)


def _done(body: object) -> Response:
    if request.is_json or not request.form:
        return answer(body, 200)
    reply = redirect("/", 303)
    return make_response(reply)


def _what(entry: Entry) -> str:
    if entry.kind is Kind.PAYMENT:
        return "sale" if entry.capture else "authorisation"
    return str(entry.kind.value)


def _row(entry: Entry) -> dict[str, Any]:
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
        "in_review": entry.status in _IN_REVIEW and not here().ledger.undone(entry),
    }
