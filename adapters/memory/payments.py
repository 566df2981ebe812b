"""Attempts, transactions and refunds in memory."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import attrs

from adapters.memory.records import Draft
from core.order_reference import Reference
from core.payments.account import GatewayAccount
from core.payments.attempt import (
    Attempt,
    AttemptHasChanged,
    AttemptId,
    AttemptState,
    PaidOrUsedBefore,
    UnknownAttempt,
)
from core.payments.refund import (
    Refund,
    RefundExists,
    RefundHasChanged,
    RefundId,
    RefundState,
    UnknownRefund,
)
from core.payments.transaction import Transaction, TransactionIsRecorded


class MemoryAttempts:
    def __init__(self, draft: Draft):
        self._draft = draft

    def get(self, attempt: AttemptId, /) -> Attempt:
        try:
            return self._draft.records.attempts[attempt]
        except KeyError:
            raise UnknownAttempt(attempt) from None

    def of(self, reference: Reference, /) -> tuple[Attempt, ...]:
        own = [attempt for attempt in self._all() if attempt.reference == reference]
        return tuple(sorted(own, key=lambda attempt: (attempt.opened_at, attempt.id)))

    def due_for_enquiry(self, at: datetime, limit: int, /) -> tuple[Attempt, ...]:
        due = sorted(
            (attempt.next_enquiry_at, attempt.id)
            for attempt in self._all()
            if attempt.next_enquiry_at is not None and attempt.next_enquiry_at <= at
        )
        return tuple(self.get(attempt) for _, attempt in due[:limit])

    def add(self, attempt: Attempt, /) -> None:
        with self._draft.change() as records:
            self._draft.expect_order(attempt.reference)
            if attempt.id in records.attempts:
                raise PaidOrUsedBefore(attempt.id, attempt.reference)
            self._keep(attempt)

    def save(self, attempt: Attempt, /) -> None:
        with self._draft.change() as records:
            kept = records.attempts.get(attempt.id)
            if kept is None or kept.version != attempt.version:
                raise AttemptHasChanged(attempt.id)
            # The order, amount and account of an attempt never change.
            self._keep(
                attrs.evolve(
                    attempt,
                    reference=kept.reference,
                    amount=kept.amount,
                    opened_at=kept.opened_at,
                    account=kept.account,
                    flow=kept.flow,
                    version=attempt.version + 1,
                )
            )

    def _keep(self, attempt: Attempt) -> None:
        for other in self._all():
            used = attempt.token is not None and _token(other) == _token(attempt)
            both = attempt.state is other.state is AttemptState.CAPTURED
            if other.id != attempt.id and (used or (both and other.reference == attempt.reference)):
                raise PaidOrUsedBefore(attempt.id, attempt.reference)
        self._draft.records.attempts[attempt.id] = attempt

    def _all(self) -> Iterable[Attempt]:
        return self._draft.records.attempts.values()


def _token(attempt: Attempt) -> tuple[GatewayAccount, str | None]:
    return attempt.account, attempt.token


class MemoryTransactions:
    def __init__(self, draft: Draft):
        self._draft = draft

    def of(self, reference: Reference, /) -> tuple[Transaction, ...]:
        kept = self._draft.records.transactions.values()
        return tuple(t for t in kept if t.reference == reference)

    def add(self, transaction: Transaction, /) -> None:
        with self._draft.change() as records:
            self._draft.expect_order(transaction.reference)
            if transaction.attempt not in records.attempts:
                raise ValueError(f"there is no attempt {transaction.attempt}")
            key = (transaction.account, transaction.gateway_id)
            if key in records.transactions:
                raise TransactionIsRecorded(transaction.gateway_id)
            records.transactions[key] = transaction


class MemoryRefunds:
    def __init__(self, draft: Draft):
        self._draft = draft

    def get(self, refund: RefundId, /) -> Refund:
        try:
            return self._draft.records.refunds[refund]
        except KeyError:
            raise UnknownRefund(refund) from None

    def of(self, reference: Reference, /) -> tuple[Refund, ...]:
        return _oldest_first(r for r in self._all() if r.reference == reference)

    def to_send(self, at: datetime, limit: int, /) -> tuple[Refund, ...]:
        open_ = {RefundState.REQUESTED, RefundState.SENT, RefundState.UNKNOWN}
        due = (
            refund
            for refund in self._all()
            if (refund.state is RefundState.REQUESTED and refund.next_enquiry_at is None)
            or (
                refund.state in open_
                and refund.next_enquiry_at is not None
                and refund.next_enquiry_at <= at
            )
        )
        return _oldest_first(due)[:limit]

    def add(self, refund: Refund, /) -> None:
        with self._draft.change() as records:
            self._draft.expect_order(refund.reference)
            if refund.attempt not in records.attempts:
                raise ValueError(f"there is no attempt {refund.attempt}")
            if refund.id in records.refunds:
                raise RefundExists(refund.id)
            records.refunds[refund.id] = refund

    def save(self, refund: Refund, /) -> None:
        with self._draft.change() as records:
            kept = records.refunds.get(refund.id)
            if kept is None or kept.version != refund.version:
                raise RefundHasChanged(refund.id)
            # The amount of a refund and its reason never change.
            records.refunds[refund.id] = attrs.evolve(
                kept,
                state=refund.state,
                gateway_id=refund.gateway_id,
                outcome=refund.outcome,
                sent_at=refund.sent_at,
                next_enquiry_at=refund.next_enquiry_at,
                enquiries=refund.enquiries,
                version=refund.version + 1,
            )

    def _all(self) -> Iterable[Refund]:
        return self._draft.records.refunds.values()


def _oldest_first(refunds: Iterable[Refund]) -> tuple[Refund, ...]:
    return tuple(sorted(refunds, key=lambda refund: (refund.requested_at, refund.id)))
