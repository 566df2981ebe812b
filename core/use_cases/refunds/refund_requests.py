"""Verb: a learner asks for money back; staff approve, which does it all, or deny."""

from __future__ import annotations

from datetime import datetime

import attrs

from core.audit_log import stated
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
    RequestId,
    RequestState,
)
from core.payments.gateway import PaymentGateway
from core.payments.refund import Refund, RefundId, RefundState
from core.unit_of_work import Begin, UnitOfWork, repeated_on_conflict
from core.use_cases.order_lifecycle.notifications import answer_due
from core.use_cases.order_lifecycle.order_details import Dossier, dossier
from core.use_cases.refunds.execute_refund import send
from core.use_cases.refunds.issue_refund import Consequences, Wanted, consequences, intend


@attrs.frozen
class NothingToAskFor(Refused):
    reference: Reference
    state: OrderState

    def __str__(self) -> str:
        return f"Order {self.reference} is {self.state.value}: no refund can be asked for"


@attrs.frozen
class RequestIsOpen(Refused):
    def __str__(self) -> str:
        return "You have asked for a refund of this order already, and we are looking at it"


@attrs.frozen
class ConsentIsMissing(Refused):
    def __str__(self) -> str:
        return "Tick that you lose access to what is refunded: without that we cannot refund it"


@attrs.frozen
class SayWhy(Refused):
    def __str__(self) -> str:
        return f"Say in a few words why you want a refund, in {LONGEST_REASON:,} characters at most"


@attrs.frozen
class ChooseWhat(Refused):
    def __str__(self) -> str:
        return "Choose what you want a refund for"


@attrs.frozen
class Asked:
    """What a learner asks for, as they filled in the form. The same id is the same request."""

    id: RequestId
    positions: tuple[int, ...]
    reason: str
    consent: bool


@attrs.frozen
class Askable:
    """One line, and why no refund of it can be asked for, or None; `until` ends its window."""

    line: Line
    until: datetime
    why_not: Refused | None


def askable(known: Dossier, policy: RefundPolicy, now: datetime) -> tuple[Askable, ...]:
    """What the learner can ask a refund for now, line by line; nothing where it is not the time.

    An order with an open request, and one that is not paid, has nothing to ask for.
    """
    order = known.order
    waiting = any(each.state is RequestState.OPEN for each in known.requests)
    if order.state not in STANDING or waiting or not policy.window:
        return ()
    return tuple(
        Askable(line, policy.until(line, known.paid_at), policy.why_not(line, known.paid_at, now))
        for line in order.lines
    )


@repeated_on_conflict
def file_request(
    reference: Reference,
    learner: LearnerId,
    asked: Asked,
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
        known = dossier(work, reference)
        order = known.order.of_learner(learner)
        for earlier in known.requests:
            if earlier.id == asked.id:
                return earlier
        if order.state not in STANDING:
            raise NothingToAskFor(reference, order.state)
        if any(each.state is RequestState.OPEN for each in known.requests):
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
        work.orders.save(order.noted(at=now, by=by, why=f"refund requested of {told(request)}"))
        work.commit()
        return request


def told(request: RefundRequest) -> str:
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


def foreseen(work: UnitOfWork, request: RefundRequest) -> Consequences:
    """What approving this request would do. Raises what `consequences` raises."""
    return consequences(work, request.reference, Wanted(positions=request.positions))


def approve(
    request_id: RequestId,
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
        request_id, answer.strip(), refund_id, moment=ChangeContext(now, staff, ""), begin=begin
    )
    if intent is None or intent.state is not RefundState.REQUESTED:
        return intent
    return send(refund_id, begin=begin, gateway=gateway, now=now)


@repeated_on_conflict
def _approved(
    request_id: RequestId, answer: str, refund_id: RefundId, *, moment: ChangeContext, begin: Begin
) -> Refund | None:
    with begin() as work:
        request = work.refund_requests.get(request_id)
        why = f"asked for by the learner{f': {answer}' if answer else ''}"
        # Answered first, so that of two members of staff the second gives nothing back.
        approved = request.approved(answer, at=moment.at, by=moment.by, refund=refund_id)
        intent = intend(
            work,
            request.reference,
            Wanted(positions=request.positions),
            refund_id=refund_id,
            moment=attrs.evolve(moment, why=why),
        )
        if intent is None:
            approved = attrs.evolve(approved, refund=None)
        work.refund_requests.save(approved)
        answer_due(work, request.reference, request=request.id, at=moment.at)
        work.commit()
        return intent


@repeated_on_conflict
def deny(
    request_id: RequestId, answer: str, *, staff: Actor, begin: Begin, now: datetime
) -> RefundRequest:
    """Turn a request down, and tell the learner why. A later one can still be filed.

    Raises UnknownRequest, RequestIsAnswered or ReasonIsMissing.
    """
    why = stated(answer)
    with begin() as work:
        request = work.refund_requests.get(request_id).denied(why, at=now, by=staff)
        order = work.orders.get(request.reference)
        work.refund_requests.save(request)
        work.orders.save(order.noted(at=now, by=staff, why=f"refund request denied: {why}"))
        answer_due(work, request.reference, request=request.id, at=now)
        work.commit()
        return request
