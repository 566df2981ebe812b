"""Verb: a learner asks for money back; staff approve, which does it all, or deny."""

from __future__ import annotations

from datetime import datetime

import attrs

from core.audit_log import required_reason
from core.change_context import ChangeContext
from core.errors import Refused
from core.identity import Actor, LearnerId
from core.order_reference import Reference
from core.orders.line import Line
from core.orders.order_state import STANDING, OrderState
from core.orders.refund_policy import RefundPolicy
from core.orders.refund_request import (
    LONGEST_REASON,
    NoRequest,
    RefundRequest,
    RefundRequestId,
    RefundRequestState,
)
from core.payments.gateway import PaymentGateway
from core.payments.refund import Refund, RefundId
from core.unit_of_work import Begin, UnitOfWork, repeated_on_conflict
from core.use_cases.order_lifecycle.notifications import queue_refund_answer
from core.use_cases.order_lifecycle.order_details import OrderDetails, order_details
from core.use_cases.refunds.execute_refund import send_if_requested
from core.use_cases.refunds.issue_refund import (
    RefundPlan,
    RefundSelection,
    plan_refund,
    record_refund,
)


@attrs.frozen
class NothingToAskFor(Refused):
    reference: Reference
    state: OrderState


@attrs.frozen
class RequestIsOpen(Refused):
    """The learner has an open request for this order."""


@attrs.frozen
class ConsentIsMissing(Refused):
    """The learner did not agree to lose access to what is refunded."""


@attrs.frozen
class SayWhy(Refused):
    """The reason is empty or too long."""


@attrs.frozen
class ChooseWhat(Refused):
    """The request names no line."""


@attrs.frozen
class RefundApplication:
    """What a learner asks for, as they filled in the form. The same id is the same request."""

    id: RefundRequestId
    positions: tuple[int, ...]
    reason: str
    consent: bool


@attrs.frozen
class RefundEligibility:
    """One line, and why no refund of it can be asked for, or None; `until` ends its window."""

    line: Line
    until: datetime
    why_not: Refused | None


def refund_eligibility(
    known: OrderDetails, policy: RefundPolicy, now: datetime
) -> tuple[RefundEligibility, ...]:
    """What the learner can ask a refund for now, line by line; nothing where it is not the time.

    An order with an open request, and one that is not paid, has nothing to ask for.
    """
    order = known.order
    waiting = any(each.state is RefundRequestState.OPEN for each in known.requests)
    if order.state not in STANDING or waiting or not policy.window:
        return ()
    return tuple(
        RefundEligibility(
            line, policy.until(line, known.paid_at), policy.why_not(line, known.paid_at, now)
        )
        for line in order.lines
    )


@repeated_on_conflict
def file_request(
    reference: Reference,
    learner: LearnerId,
    asked: RefundApplication,
    *,
    policy: RefundPolicy,
    begin: Begin,
    now: datetime,
) -> RefundRequest:
    """File a learner's request. The same id gives the same request.

    Raises UnknownOrder, UnknownLine, NothingToAskFor, RequestIsOpen, ChooseWhat, SayWhy,
    ConsentIsMissing, and whatever the policy refuses a line for.
    """
    with begin() as work:
        known = order_details(work, reference)
        order = known.order.of_learner(learner)
        for earlier in known.requests:
            if earlier.id == asked.id:
                return earlier
        if order.state not in STANDING:
            raise NothingToAskFor(reference, order.state)
        if any(each.state is RefundRequestState.OPEN for each in known.requests):
            raise RequestIsOpen()
        if not asked.positions:
            raise ChooseWhat()
        lines = [order.line(position) for position in dict.fromkeys(asked.positions)]
        for line in lines:
            refusal = policy.why_not(line, known.paid_at, now)
            if refusal is not None:
                raise refusal
        if not 0 < len(asked.reason.strip()) <= LONGEST_REASON:
            raise SayWhy()
        if not asked.consent:
            raise ConsentIsMissing()
        everything = len(lines) == len(order.lines)
        positions = () if everything else tuple(sorted(line.position for line in lines))
        request = RefundRequest(asked.id, reference, learner, positions, asked.reason.strip(), now)
        work.refund_requests.add(request)
        by = Actor.learner(learner)
        # The learner's own words stay with the request: the history is never erased.
        work.orders.save(
            order.noted(at=now, by=by, why=f"refund requested of {request_text(request)}")
        )
        work.commit()
        return request


def request_text(request: RefundRequest) -> str:
    """What a request is about: everything, line 2, lines 1 and 3."""
    if not request.positions:
        return "everything"
    *most, last = map(str, request.positions)
    return f"lines {', '.join(most)} and {last}" if most else f"line {last}"


def latest_request(work: UnitOfWork, reference: Reference) -> RefundRequest:
    """The request to be answered, or that was last. Raises UnknownOrder or NoRequest."""
    requests = work.refund_requests.of(work.orders.get(reference).reference)
    if not requests:
        raise NoRequest(reference)
    return requests[-1]


def preview_approval(work: UnitOfWork, request: RefundRequest) -> RefundPlan:
    """What approving this request would do. Raises what `consequences` raises."""
    return plan_refund(work, request.reference, RefundSelection(positions=request.positions))


def approve_request(
    request_id: RefundRequestId,
    answer: str,
    *,
    refund_id: RefundId,
    staff: Actor,
    begin: Begin,
    gateway: PaymentGateway,
    now: datetime,
) -> Refund | None:
    """Approve a request: the refund is decided on and sent, what it revokes is revoked, and the
    learner is told. Returns the refund as it stands, or None where no money was to move.

    Raises UnknownRequest, RequestIsAnswered, and what `consequences` raises; then nothing is done.
    """
    intent = _approved(
        request_id,
        answer.strip(),
        refund_id,
        moment=ChangeContext(now, staff, ""),
        begin=begin,
        gateway=gateway,
    )
    return send_if_requested(intent, begin=begin, gateway=gateway, now=now)


@repeated_on_conflict
def _approved(
    request_id: RefundRequestId,
    answer: str,
    refund_id: RefundId,
    *,
    moment: ChangeContext,
    begin: Begin,
    gateway: PaymentGateway,
) -> Refund | None:
    with begin() as work:
        request = work.refund_requests.get(request_id)
        why = f"asked for by the learner{f': {answer}' if answer else ''}"
        # Answered first, so that of two members of staff the second gives nothing back.
        approved = request.approved(answer, at=moment.at, by=moment.by, refund=refund_id)
        intent = record_refund(
            work,
            request.reference,
            RefundSelection(positions=request.positions),
            refund_id=refund_id,
            moment=attrs.evolve(moment, why=why),
            gateway=gateway,
        )
        if intent is None:
            approved = attrs.evolve(approved, refund=None)
        work.refund_requests.save(approved)
        queue_refund_answer(work, request.reference, request=request.id, at=moment.at)
        work.commit()
        return intent


@repeated_on_conflict
def deny_request(
    request_id: RefundRequestId, answer: str, *, staff: Actor, begin: Begin, now: datetime
) -> RefundRequest:
    """Turn a request down, and tell the learner why. A later one can still be filed.

    Raises UnknownRequest, RequestIsAnswered or ReasonIsMissing.
    """
    why = required_reason(answer)
    with begin() as work:
        request = work.refund_requests.get(request_id).denied(why, at=now, by=staff)
        order = work.orders.get(request.reference)
        # The order before its request, as in an approval: two answers at once wait, and not in a
        # circle.
        work.orders.save(order.noted(at=now, by=staff, why=f"refund request denied: {why}"))
        work.refund_requests.save(request)
        queue_refund_answer(work, request.reference, request=request.id, at=now)
        work.commit()
        return request
