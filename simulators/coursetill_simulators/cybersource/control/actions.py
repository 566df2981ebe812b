"""
The simulator's control API: inject faults, decide reviews, settle, and change switches.

None of it exists at CyberSource. Every POST takes JSON, or a form of the simulator's own page,
to which it redirects back.
"""

import json

import attrs
from flask import Blueprint, Response, request

from coursetill_simulators.cybersource.control.page import IN_REVIEW, entry_row
from coursetill_simulators.cybersource.control.requests import (
    WrongCommand,
    command_sent,
    done,
    refuse_other_pages,
    yes,
)
from coursetill_simulators.cybersource.faults.reply_faults import (
    SIGNED,
    Fault,
    FaultKind,
    Operation,
)
from coursetill_simulators.cybersource.registry import current_registry
from coursetill_simulators.cybersource.state.ledger import LedgerEntry, LedgerKind
from coursetill_simulators.cybersource.state.outcomes import AUTHORIZED, OUTCOMES
from coursetill_simulators.cybersource.state.reviews import Conversion
from coursetill_simulators.cybersource.switches import NoSuchSwitch
from coursetill_simulators.cybersource.wire_format.moments import written

control = Blueprint("control", __name__)

_FARTHEST_SECONDS = 10 * 365 * 86400.0


control.before_request(refuse_other_pages)


@control.post("/simulator/faults")
def put_fault() -> Response:
    """
    Inject a fault into the next calls of an operation.

    `{"operation": "payments", "fault": "drop", "committed": true, "times": 1}`; with `seconds`
    for a delay, `outcome` for an outcome, `status` and `body` for a custom reply.
    """
    sent = command_sent()
    try:
        operation = Operation(sent.get("operation"))
        kind = FaultKind(sent.get("fault"))
        fault = Fault(
            kind=kind,
            committed=yes(sent.get("committed", True)),
            seconds=float(sent.get("seconds") or 0),
            outcome=_outcome(sent.get("outcome")) if kind is FaultKind.OUTCOME else None,
            status=int(sent.get("status") or 200),
            body=_body(sent.get("body")),
        )
        times = int(sent.get("times") or 1)
    except (ValueError, TypeError) as nonsense:
        raise WrongCommand(str(nonsense)) from nonsense
    if kind is FaultKind.OUTCOME and operation is not Operation.PAYMENTS:
        raise WrongCommand("only a payment has an outcome to choose")
    if kind is FaultKind.WRONG_SIGNATURE and operation not in SIGNED:
        raise WrongCommand(f"{operation.value} are answered without a signature")
    current_registry().faults.put(operation, fault, times)
    return done({"waiting": len(current_registry().faults.waiting())})


@control.post("/simulator/switches")
def switch() -> Response:
    """Change switches: `{"http_signature_ended": true, "mle_mandatory": ["payments"]}`."""
    switches = current_registry().switches
    try:
        for name, value in command_sent().items():
            switches.turn(name, value)
    except NoSuchSwitch as nonsense:
        raise WrongCommand(str(nonsense)) from nonsense
    return done(switches.positions())


@control.post("/simulator/reviews/<payment_id>")
def decide(payment_id: str) -> Response:
    """`{"decision": "accept"}` or "reject", with a comment, for a payment in review."""
    registry = current_registry()
    command = command_sent()
    decision = command.get("decision")
    with registry.ledger.held():
        payment = registry.ledger.find(payment_id)
        if payment is None or payment.status not in IN_REVIEW or registry.ledger.undone(payment):
            raise WrongCommand(f"{payment_id} is not a payment held for review")
        match decision:
            case "accept":
                # Do not capture again what was captured by hand meanwhile.
                sale = payment.capture and registry.ledger.captured(payment) == 0
                decided = attrs.evolve(
                    payment, status="AUTHORIZED", outcome=AUTHORIZED, capture=sale
                )
            case "reject" if registry.ledger.captured(payment) > 0:
                raise WrongCommand(f"{payment_id} was captured meanwhile")
            case "reject":
                rejected = OUTCOMES["risk-declined"]
                decided = attrs.evolve(payment, status=rejected.status, outcome=rejected)
                registry.ledger.append(_undone(payment, LedgerKind.REVERSAL))
            case _:
                raise WrongCommand("the decision is accept or reject")
        registry.ledger.replace(decided)
    registry.conversions.add(
        Conversion(
            payment_id=payment.id,
            code=payment.code,
            decision=f"{decision}".upper(),
            at=registry.now(),
            reviewer=str(command.get("reviewer") or "simulator"),
            comments=str(command.get("comments") or ""),
        )
    )
    return done(entry_row(decided))


@control.post("/simulator/refunds/<refund_id>")
def let_refund_fail(refund_id: str) -> Response:
    """
    `{"fails": "now"}`, "in-batch" or "voided": let a PENDING refund fail, now or in the batch, or
    because a person voided it in the Business Center.
    """
    registry = current_registry()
    when = command_sent().get("fails")
    with registry.ledger.held():
        refund = registry.ledger.find(refund_id)
        if (
            refund is None
            or refund.kind is not LedgerKind.REFUND
            or not registry.ledger.given(refund)
        ):
            raise WrongCommand(f"{refund_id} is not a refund that is under way")
        match when:
            case "now":
                failing = attrs.evolve(
                    refund, status="FAILED", settled=True, settled_at=registry.now()
                )
            case "voided" if not refund.settled:
                registry.ledger.append(_undone(refund, LedgerKind.VOID))
                failing = attrs.evolve(refund, status="VOIDED")
            case "in-batch" if not refund.settled:
                failing = attrs.evolve(refund, fails_in_batch=True)
            case _:
                raise WrongCommand("a refund fails now, or is voided or fails in a batch to come")
        registry.ledger.replace(failing)
    return done(entry_row(failing))


@control.post("/simulator/settlements")
def settle() -> Response:
    """Run the batch: PENDING becomes TRANSMITTED, and its entries can no longer be voided."""
    return done(
        {
            "settled": [
                entry.id for entry in current_registry().ledger.settle(current_registry().now())
            ]
        }
    )


@control.post("/simulator/clock")
def put_clock() -> Response:
    """`{"advance_seconds": 3600}`: move the simulator's clock forward, or back."""
    clock = current_registry().now
    try:
        seconds = float(command_sent().get("advance_seconds") or 0)
        if not abs(seconds) <= _FARTHEST_SECONDS:
            raise ValueError("that is more than ten years")
    except (ValueError, TypeError) as nonsense:
        raise WrongCommand(str(nonsense)) from nonsense
    clock.advance(seconds)
    return done({"now": written(clock()), "ahead_seconds": clock.shift_seconds})


@control.post("/simulator/reset")
def reset() -> Response:
    """Reset the simulator's state."""
    current_registry().clear()
    return done({"entries": 0})


def _undone(entry: LedgerEntry, kind: LedgerKind) -> LedgerEntry:
    registry = current_registry()
    return LedgerEntry(
        id=registry.new_id(),
        kind=kind,
        status="VOIDED" if kind is LedgerKind.VOID else "REVERSED",
        code=entry.code,
        requested=entry.approved,
        approved=entry.approved,
        currency=entry.currency,
        submitted_at=registry.now(),
        parent_id=entry.id,
        card=entry.card,
    )


def _body(value: object) -> object:
    """The body of a custom reply: a JSON value, or JSON text in a form field."""
    return json.loads(value) if isinstance(value, str) and value and not request.is_json else value


def _outcome(name: object) -> str:
    if name not in OUTCOMES:
        raise ValueError(f"{name!r} is not one of {', '.join(OUTCOMES)}")
    return str(name)
