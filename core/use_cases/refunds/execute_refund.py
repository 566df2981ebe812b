"""Use cases: send a refund to the gateway, apply its answer, and enquire how it ended."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import assert_never

import attrs

from core.change_context import ChangeContext
from core.errors import Conflict
from core.identity import GATEWAY, TIMER, Actor
from core.money import Money, total
from core.orders.line import Line
from core.orders.order import Order
from core.payments.gateway import (
    NotFound,
    PaymentGateway,
    RefundAccepted,
    RefundAnswer,
    RefundFailed,
    RefundSettled,
    Unknown,
)
from core.payments.refund import REFUND_MOVES, Refund, RefundId, RefundState
from core.payments.retry_schedule import LONGEST_WAIT, next_enquiry_at
from core.payments.transaction import Transaction, TransactionKind
from core.unit_of_work import Begin, UnitOfWork, repeated_on_conflict
from core.use_cases.order_lifecycle import transitions
from core.use_cases.order_lifecycle.missing_account import (
    account_is_missing,
    flag_missing_account,
)
from core.use_cases.order_lifecycle.notifications import queue_refund_receipt

CERTAIN_AFTER = timedelta(hours=2)
"""Time after sending from which "not found" proves that no refund was made."""

DISPUTED = "it waits for the end of a dispute about the payment"

ASK_SETTLED_EVERY = timedelta(hours=6)


def send_refund(
    refund_id: RefundId, *, begin: Begin, gateway: PaymentGateway, now: datetime
) -> Refund:
    """Send a requested refund to the gateway once, and store the answer.

    If its account is no longer configured, the refund waits and the order is flagged once.
    """
    intent = _sent(refund_id, begin=begin, gateway=gateway, now=now)
    if intent is not None:
        apply_refund_result(refund_id, gateway.refund(intent), begin=begin, now=now)
    with begin() as work:
        return work.refunds.get(refund_id)


def send_if_requested(
    intent: Refund | None, *, begin: Begin, gateway: PaymentGateway, now: datetime
) -> Refund | None:
    """Send the refund if it is requested and not sent yet; otherwise return it unchanged."""
    if intent is None or intent.state is not RefundState.REQUESTED:
        return intent
    return send_refund(intent.id, begin=begin, gateway=gateway, now=now)


@repeated_on_conflict
def _wait_for_account(refund_id: RefundId, *, begin: Begin, now: datetime) -> Refund:
    with begin() as work:
        intent = work.refunds.get(refund_id)
        if REFUND_MOVES[intent.state]:
            _postpone_without_account(work, intent, now)
            work.commit()
        return work.refunds.get(refund_id)


def _postpone_without_account(work: UnitOfWork, intent: Refund, now: datetime) -> None:
    """Postpone the refund until its account is back, and flag its order once."""
    why = account_is_missing(intent.account)
    if intent.outcome != why:
        state_text = (
            "is not sent" if intent.state is RefundState.REQUESTED else "cannot be followed"
        )
        problem = f"refund {intent.id} of {intent.amount} {state_text}"
        order = work.orders.get(intent.reference)
        work.orders.save(flag_missing_account(order, problem, ChangeContext(now, TIMER, why)))
    elif intent.next_enquiry_at is not None and intent.next_enquiry_at > now:
        return
    work.refunds.save(intent.postponed(why, now + LONGEST_WAIT))


@repeated_on_conflict
def _sent(
    refund_id: RefundId, *, begin: Begin, gateway: PaymentGateway, now: datetime
) -> Refund | None:
    with begin() as work:
        intent = work.refunds.get(refund_id)
        if intent.state is not RefundState.REQUESTED:
            return None
        if not gateway.serves(intent.account):
            _postpone_without_account(work, intent, now)
            work.commit()
            return None
        dispute = work.attempts.get(intent.attempt).dispute
        if dispute is not None and dispute.stops_refunds:
            work.refunds.save(intent.postponed(DISPUTED, now + LONGEST_WAIT))
            work.commit()
            return None
        intent = intent.sent(at=now, next_enquiry_at=next_enquiry_at(now, 3))
        work.refunds.save(intent)
        work.commit()
        return intent


@repeated_on_conflict
def apply_refund_result(
    refund_id: RefundId, answer: RefundAnswer, *, begin: Begin, now: datetime, by: Actor = GATEWAY
) -> Refund:
    """Apply the gateway's answer to a refund. Repeating an answer changes nothing."""
    with begin() as work:
        before = work.refunds.get(refund_id)
        order = work.orders.get(before.reference)
        if _contradicts(before, answer):
            outcome = "failed" if isinstance(answer, RefundFailed) else "went through"
            why = (
                f"refund {before.id} is {before.state.value}, and the gateway now says it {outcome}"
            )
            work.orders.save(order.flagged(why, at=now, by=by))
            work.commit()
            return before
        after = _after(before, answer, now)
        if after == before:
            return before
        work.refunds.save(after)
        context = ChangeContext(now, by, f"{after.amount} refunded: {after.reason}")
        if after.accepted and not before.accepted:
            order = _accepted(work, order, after, raw=_raw(answer), context=context)
        elif after.state is RefundState.FAILED:
            if before.accepted:
                order = order.with_lines(_refunded(order, after, -1))
            order = order.flagged(
                f"refund {after.id} of {after.amount} failed: {after.outcome}", at=now, by=by
            )
        elif after.state is RefundState.UNKNOWN:
            order = order.noted(at=now, by=by, why=f"refund {after.id} unknown: {after.outcome}")
        work.orders.save(order)
        work.commit()
        return after


def _contradicts(before: Refund, answer: RefundAnswer) -> bool:
    """Whether the gateway contradicts its own final answer, which staff must look at."""
    if before.state is RefundState.FAILED:
        return isinstance(answer, RefundAccepted | RefundSettled)
    return before.state is RefundState.SETTLED and isinstance(answer, RefundFailed)


def _after(before: Refund, answer: RefundAnswer, now: datetime) -> Refund:
    match answer:
        case RefundAccepted(gateway_id):
            if before.accepted:
                return before
            return before.accepted_as(gateway_id, next_enquiry_at=now + ASK_SETTLED_EVERY)
        case RefundSettled(gateway_id):
            if before.state is RefundState.SETTLED:
                return before
            return before.moved_to(RefundState.SETTLED, gateway_id=gateway_id)
        case RefundFailed(reason):
            if before.state is RefundState.FAILED:
                return before
            return before.moved_to(RefundState.FAILED, outcome=reason)
        case Unknown(reason):
            if RefundState.UNKNOWN not in REFUND_MOVES[before.state] or before.accepted:
                return before
            later = next_enquiry_at(now, 0)
            return before.moved_to(RefundState.UNKNOWN, outcome=reason, next_enquiry_at=later)
        case _:
            assert_never(answer)


def _raw(answer: RefundAnswer) -> Mapping[str, str]:
    return answer.raw if isinstance(answer, RefundAccepted | RefundSettled) else {}


def _accepted(
    work: UnitOfWork,
    order: Order,
    refund: Refund,
    *,
    raw: Mapping[str, str],
    context: ChangeContext,
) -> Order:
    work.transactions.add(
        Transaction(
            refund.gateway_id or "",
            TransactionKind.REFUND,
            refund.reference,
            refund.attempt,
            refund.amount,
            context.at,
            raw=raw,
            account=refund.account,
        )
    )
    if refund.overpayment:
        queue_refund_receipt(work, order.reference, refund=refund.id, at=context.at)
        return order.noted(at=context.at, by=context.by, why=context.why)
    accepted = [r for r in work.refunds.of(refund.reference) if r.accepted and not r.overpayment]
    refunded = total((r.amount for r in accepted), order.currency)
    return transitions.mark_refunded(
        work,
        order,
        refund.id,
        amount=refund.amount,
        lines=_refunded(order, refund, +1),
        in_full=refunded == order.total,
        context=context,
    )


def _refunded(order: Order, refund: Refund, sign: int) -> list[Line]:
    """The refund's lines, with its parts added to (+1) or taken from (-1) what was refunded."""
    lines = []
    for part in refund.lines:
        line = order.line(part.position)
        refunded = Money(line.refunded.minor + sign * part.amount.minor, order.currency)
        lines.append(attrs.evolve(line, refunded=refunded))
    return lines


def enquire_refund(
    intent: Refund, *, begin: Begin, gateway: PaymentGateway, now: datetime
) -> Refund:
    """Ask the gateway how a sent refund ended, and apply the answer.

    If the gateway does not know the refund CERTAIN_AFTER it was sent, it is sent again under the
    same id. If its account is no longer configured, no gateway is asked and the order is flagged
    once.
    """
    if not gateway.serves(intent.account):
        return _wait_for_account(intent.id, begin=begin, now=now)
    finding = gateway.find_refund(intent)
    certain = now >= (intent.sent_at or intent.requested_at) + CERTAIN_AFTER
    if isinstance(finding, NotFound) and certain and not intent.accepted:
        if not _may_send_again(intent, begin=begin, now=now):
            return intent
        finding = gateway.refund(intent)
    if isinstance(finding, NotFound | Unknown):
        return _ask_later(intent.id, begin=begin, now=now)
    after = apply_refund_result(intent.id, finding, begin=begin, now=now)
    if after.state is RefundState.SENT:
        return _ask_later(intent.id, begin=begin, now=now)
    return after


def _may_send_again(intent: Refund, *, begin: Begin, now: datetime) -> bool:
    """Mark the refund as sent again. False if a dispute stops it or another process was first."""
    with begin() as work:
        dispute = work.attempts.get(intent.attempt).dispute
        if dispute is not None and dispute.stops_refunds:
            work.refunds.save(intent.postponed(DISPUTED, now + LONGEST_WAIT))
            work.commit()
            return False
        try:
            work.refunds.save(intent.sent(at=now, next_enquiry_at=next_enquiry_at(now, 3)))
        except Conflict:
            return False
        work.commit()
        return True


@repeated_on_conflict
def _ask_later(refund_id: RefundId, *, begin: Begin, now: datetime) -> Refund:
    with begin() as work:
        intent = work.refunds.get(refund_id)
        if not REFUND_MOVES[intent.state]:
            return intent  # Another process has learned the result meanwhile.
        later = (
            now + ASK_SETTLED_EVERY if intent.accepted else next_enquiry_at(now, intent.enquiries)
        )
        intent = intent.enquired(later)
        work.refunds.save(intent)
        work.commit()
        return intent
