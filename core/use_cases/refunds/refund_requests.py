"""Use cases: a learner files a refund request; staff approve or deny it."""

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
    """The order already has an open request of the learner."""


@attrs.frozen
class ConsentIsMissing(Refused):
    """The learner did not agree to lose access to the refunded lines."""


@attrs.frozen
class SayWhy(Refused):
    """The reason is empty or too long."""


@attrs.frozen
class ChooseWhat(Refused):
    """The request names no line."""


@attrs.frozen
class RefundApplication:
    """A refund request as the learner filled it in. The same id is the same request."""

    id: RefundRequestId
    positions: tuple[int, ...]
    reason: str
    consent: bool


@attrs.frozen
class RefundEligibility:
    """Whether a refund of one line can be requested until `until`; `why_not` is the refusal."""

    line: Line
    until: datetime
    why_not: Refused | None


def refund_eligibility(
    details: OrderDetails, policy: RefundPolicy, now: datetime
) -> tuple[RefundEligibility, ...]:
    """For each line, whether the learner can request a refund now.

    Empty if the order is not paid, has an open request, or the policy has no window.
    """
    order = details.order
    waiting = any(each.state is RefundRequestState.OPEN for each in details.requests)
    if order.state not in STANDING or waiting or not policy.window:
        return ()
    return tuple(
        RefundEligibility(
            line, policy.until(line, details.paid_at), policy.why_not(line, details.paid_at, now)
        )
        for line in order.lines
    )


@repeated_on_conflict
def file_request(
    reference: Reference,
    learner: LearnerId,
    application: RefundApplication,
    *,
    policy: RefundPolicy,
    begin: Begin,
    now: datetime,
) -> RefundRequest:
    """File a learner's refund request. The same id gives the same request.

    Raises UnknownOrder, UnknownLine, NothingToAskFor, RequestIsOpen, ChooseWhat, SayWhy,
    ConsentIsMissing, or the policy's refusal of a line.
    """
    with begin() as work:
        details = order_details(work, reference)
        order = details.order.of_learner(learner)
        for earlier in details.requests:
            if earlier.id == application.id:
                return earlier
        if order.state not in STANDING:
            raise NothingToAskFor(reference, order.state)
        if any(each.state is RefundRequestState.OPEN for each in details.requests):
            raise RequestIsOpen()
        if not application.positions:
            raise ChooseWhat()
        lines = [order.line(position) for position in dict.fromkeys(application.positions)]
        for line in lines:
            refusal = policy.why_not(line, details.paid_at, now)
            if refusal is not None:
                raise refusal
        if not 0 < len(application.reason.strip()) <= LONGEST_REASON:
            raise SayWhy()
        if not application.consent:
            raise ConsentIsMissing()
        everything = len(lines) == len(order.lines)
        positions = () if everything else tuple(sorted(line.position for line in lines))
        request = RefundRequest(
            application.id, reference, learner, positions, application.reason.strip(), now
        )
        work.refund_requests.add(request)
        by = Actor.learner(learner)
        # The learner's own words stay with the request, because the history is never erased.
        work.orders.save(
            order.noted(at=now, by=by, why=f"refund requested of {request_text(request)}")
        )
        work.commit()
        return request


def request_text(request: RefundRequest) -> str:
    """The lines of a request as text: everything, line 2, lines 1 and 3."""
    if not request.positions:
        return "everything"
    *most, last = map(str, request.positions)
    return f"lines {', '.join(most)} and {last}" if most else f"line {last}"


def latest_request(work: UnitOfWork, reference: Reference) -> RefundRequest:
    """The order's latest request. Raises UnknownOrder or NoRequest."""
    requests = work.refund_requests.of(work.orders.get(reference).reference)
    if not requests:
        raise NoRequest(reference)
    return requests[-1]


def preview_approval(work: UnitOfWork, request: RefundRequest) -> RefundPlan:
    """Plan the refund that an approval would issue. Raises the errors of `plan_refund`."""
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
    """Approve a request: issue the refund, revoke its lines and queue the answer to the learner.

    Returns the refund, or None if no money has to move. Raises UnknownRequest, RequestIsAnswered,
    and the errors of `record_refund`; then nothing has changed.
    """
    intent = _approved(
        request_id,
        answer.strip(),
        refund_id,
        context=ChangeContext(now, staff, ""),
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
    context: ChangeContext,
    begin: Begin,
    gateway: PaymentGateway,
) -> Refund | None:
    with begin() as work:
        request = work.refund_requests.get(request_id)
        why = f"asked for by the learner{f': {answer}' if answer else ''}"
        # Approve first, so that of two concurrent answers the second one refunds nothing.
        approved = request.approved(answer, at=context.at, by=context.by, refund=refund_id)
        intent = record_refund(
            work,
            request.reference,
            RefundSelection(positions=request.positions),
            refund_id=refund_id,
            context=attrs.evolve(context, why=why),
            gateway=gateway,
        )
        if intent is None:
            approved = attrs.evolve(approved, refund=None)
        work.refund_requests.save(approved)
        queue_refund_answer(work, request.reference, request=request.id, at=context.at)
        work.commit()
        return intent


@repeated_on_conflict
def deny_request(
    request_id: RefundRequestId, answer: str, *, staff: Actor, begin: Begin, now: datetime
) -> RefundRequest:
    """Deny a request and send the learner the reason. A later request can still be filed.

    Raises UnknownRequest, RequestIsAnswered or ReasonIsMissing.
    """
    why = required_reason(answer)
    with begin() as work:
        request = work.refund_requests.get(request_id).denied(why, at=now, by=staff)
        order = work.orders.get(request.reference)
        # Save the order before the request, as an approval does: one lock order prevents deadlock.
        work.orders.save(order.noted(at=now, by=staff, why=f"refund request denied: {why}"))
        work.refund_requests.save(request)
        queue_refund_answer(work, request.reference, request=request.id, at=now)
        work.commit()
        return request
