"""Use case: refund an order by amount or by line, with a preview."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

import attrs

from core.audit_log import required_reason
from core.change_context import ChangeContext
from core.errors import Refused
from core.identity import Actor
from core.money import Money, total
from core.order_reference import Reference
from core.orders.line import Fulfilment, Line
from core.orders.order import Order
from core.orders.order_state import STANDING, OrderState
from core.payments.account import AccountNotConfigured
from core.payments.attempt import Attempt, AttemptState
from core.payments.dispute import DisputeStage
from core.payments.gateway import PaymentGateway
from core.payments.refund import LineRefund, Refund, RefundId
from core.payments.transaction import TransactionKind
from core.unit_of_work import Begin, UnitOfWork, repeated_on_conflict
from core.use_cases.order_lifecycle import transitions
from core.use_cases.refunds.execute_refund import send_if_requested


@attrs.frozen
class NothingToRefund(Refused):
    reference: Reference
    state: OrderState


@attrs.frozen
class NoOverpayment(Refused):
    reference: Reference


@attrs.frozen
class RefundTooLarge(Refused):
    reference: Reference
    wanted: Money
    left: Money


@attrs.frozen
class LineIsRefunded(Refused):
    reference: Reference
    position: int


@attrs.frozen
class PaymentIsDisputed(Refused):
    """The cardholder disputes the payment with the bank, so a refund could pay it back twice."""

    reference: Reference
    stage: DisputeStage


@attrs.frozen
class RefundSelection:
    """The part of an order to refund: an amount, some lines, or (neither) all that is left.

    With `overpayment` it is instead an overpayment whose automatic refund has failed.
    """

    amount: Money | None = None
    positions: tuple[int, ...] = ()
    overpayment: bool = attrs.field(default=False, kw_only=True)

    def __attrs_post_init__(self) -> None:
        if (self.amount is not None) + bool(self.positions) + self.overpayment > 1:
            raise ValueError("a refund is by amount, by line or of an excess: one of them")


@attrs.frozen
class RefundPlan:
    """The effects of a refund: shown as a preview, then executed."""

    order: Order
    amount: Money
    lines: tuple[LineRefund, ...]
    revoked: tuple[Line, ...]
    left: Money
    attempt: Attempt | None
    captured_as: str
    overpayment: bool = False


def plan_refund(work: UnitOfWork, reference: Reference, selection: RefundSelection) -> RefundPlan:
    """Plan a refund and change nothing.

    Raises UnknownOrder, UnknownLine, NothingToRefund, NoOverpayment, LineIsRefunded, RefundTooLarge
    or PaymentIsDisputed.
    """
    order = work.orders.get(reference)
    if selection.overpayment:
        return _overpayment_again(work, order)
    if order.state not in STANDING and not (order.state is OrderState.REFUNDED and order.total):
        raise NothingToRefund(reference, order.state)
    refunds = [r for r in work.refunds.of(reference) if r.counts and not r.overpayment]
    left = order.total - total((refund.amount for refund in refunds), order.currency)
    lines, amount = _selected(order, selection, refunds=refunds, left=left)
    none = Money(0, order.currency)
    if amount > left or (selection.amount is not None and amount <= none):
        raise RefundTooLarge(reference, amount, left)
    if not amount and order.total and not selection.positions:
        raise NothingToRefund(reference, order.state)
    # With only free lines selected, amount and rest can both be 0: that does not refund the whole
    # order.
    in_full = amount == left and bool(amount or not selection.positions)
    selected = {part.position: part.amount for part in lines}
    revoked = tuple(
        line
        for line in order.lines
        if in_full
        or (line.position in selected and _left_to_refund(line, refunds) == selected[line.position])
    )
    captured = [a for a in work.attempts.of(reference) if a.state is AttemptState.CAPTURED]
    attempt = captured[0] if captured else None
    if amount:
        _check_undisputed(attempt)
    return RefundPlan(
        order, amount, lines, revoked, left - amount, attempt, _captured_as(work, attempt)
    )


def _overpayment_again(work: UnitOfWork, order: Order) -> RefundPlan:
    """Plan to refund an overpayment whose earlier refund failed. Raises NoOverpayment."""
    refunds = [refund for refund in work.refunds.of(order.reference) if refund.overpayment]
    covered = {(refund.account, refund.captured_as) for refund in refunds if refund.counts}
    for failed in refunds:
        if (failed.account, failed.captured_as) not in covered:
            attempt = work.attempts.get(failed.attempt)
            _check_undisputed(attempt)
            none = Money(0, order.currency)
            return RefundPlan(
                order, failed.amount, (), (), none, attempt, failed.captured_as, overpayment=True
            )
    raise NoOverpayment(order.reference)


def _check_undisputed(attempt: Attempt | None) -> None:
    """Raises PaymentIsDisputed if a dispute is open or was lost."""
    dispute = None if attempt is None else attempt.dispute
    if attempt is not None and dispute is not None and dispute.stops_refunds:
        raise PaymentIsDisputed(attempt.reference, dispute.stage)


def _captured_as(work: UnitOfWork, attempt: Attempt | None) -> str:
    if attempt is None:
        return ""
    for transaction in work.transactions.of(attempt.reference):
        payment = transaction.kind is TransactionKind.PAYMENT
        if payment and transaction.attempt == attempt.id:
            return transaction.gateway_id
    raise ValueError(f"attempt {attempt.id} is captured without a transaction")


def _selected(
    order: Order, selection: RefundSelection, *, refunds: Collection[Refund], left: Money
) -> tuple[tuple[LineRefund, ...], Money]:
    if selection.amount is not None:
        return (), selection.amount
    positions = selection.positions or tuple(line.position for line in order.lines)
    parts = []
    for position in dict.fromkeys(positions):
        line = order.line(position)
        part = _left_to_refund(line, refunds)
        refundable_or_revoked = bool(line.due) or line.fulfilment is Fulfilment.REVOKED
        if selection.positions and refundable_or_revoked and not part:
            raise LineIsRefunded(order.reference, position)
        parts.append(LineRefund(position, part))
    amount = total((part.amount for part in parts), order.currency)
    if not selection.positions and amount != left:
        # Earlier refunds by amount belong to no line, so neither does what is left.
        return (), left
    return tuple(parts), amount


def _left_to_refund(line: Line, refunds: Iterable[Refund]) -> Money:
    refunded = (
        part.amount for refund in refunds for part in refund.lines if part.position == line.position
    )
    return line.due - total(refunded, line.due.currency)


def issue_refund(
    reference: Reference,
    selection: RefundSelection,
    reason: str,
    *,
    refund_id: RefundId,
    staff: Actor,
    begin: Begin,
    gateway: PaymentGateway,
    now: datetime,
) -> Refund | None:
    """Refund an order: the refund is stored, then sent. Returns it with the gateway's answer.

    Returns None if the selected lines cost nothing: they are revoked without a gateway. The same
    refund id gives the same refund. Raises the errors of `plan_refund` and `record_refund`, and
    ReasonIsMissing.
    """
    context = ChangeContext(now, staff, required_reason(reason))
    intent = _intend(reference, selection, refund_id, context=context, begin=begin, gateway=gateway)
    return send_if_requested(intent, begin=begin, gateway=gateway, now=now)


@repeated_on_conflict
def _intend(
    reference: Reference,
    selection: RefundSelection,
    refund_id: RefundId,
    *,
    context: ChangeContext,
    begin: Begin,
    gateway: PaymentGateway,
) -> Refund | None:
    with begin() as work:
        for earlier in work.refunds.of(reference):
            if earlier.id == refund_id:
                return earlier
        intent = record_refund(
            work, reference, selection, refund_id=refund_id, context=context, gateway=gateway
        )
        work.commit()
        return intent


def record_refund(
    work: UnitOfWork,
    reference: Reference,
    selection: RefundSelection,
    *,
    refund_id: RefundId,
    context: ChangeContext,
    gateway: PaymentGateway,
) -> Refund | None:
    """Record a refund in a transaction that the caller commits; send it afterwards.

    Returns None if no money has to move. Raises the errors of `plan_refund`, and
    AccountNotConfigured if the account that holds the money is no longer configured.
    """
    planned = plan_refund(work, reference, selection)
    order, intent = planned.order, None
    if not planned.amount:
        order = _revoked_for_nothing(work, planned, context)
    elif planned.attempt is not None:
        if not gateway.serves(planned.attempt.account):
            raise AccountNotConfigured(planned.attempt.account)
        intent = Refund(
            refund_id,
            reference,
            planned.attempt.id,
            planned.amount,
            planned.lines,
            context.why,
            context.by,
            context.at,
            planned.captured_as,
            overpayment=planned.overpayment,
            account=planned.attempt.account,
        )
        work.refunds.add(intent)
        why = f"refund of {planned.amount} requested: {context.why}"
        order = order.noted(at=context.at, by=context.by, why=why)
    # Saving the order makes concurrent refunds conflict, so the second counts the first.
    work.orders.save(order)
    return intent


def _revoked_for_nothing(work: UnitOfWork, planned: RefundPlan, context: ChangeContext) -> Order:
    # Saved first: the second of two concurrent requests starts again before it writes the same
    # events to the outbox.
    work.orders.save(planned.order)
    order = work.orders.get(planned.order.reference)
    revoked = {line.position for line in planned.revoked}
    left = (line for line in order.lines if line.fulfilment is not Fulfilment.REVOKED)
    if order.total or any(line.position not in revoked for line in left):
        return transitions.revoke_lines(work, order, planned.revoked, context=context)
    return transitions.mark_refunded(
        work, order, "nothing", amount=order.total, lines=(), in_full=True, context=context
    )
