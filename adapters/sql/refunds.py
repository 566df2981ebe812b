"""Refunds in SQL."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from adapters.sql.account_columns import account_columns, account_of
from adapters.sql.statements import AnyRow, Statements
from adapters.sql.tables import UNSETTLED, refunds
from adapters.sql.versions import update_at_version
from core.identity import Actor, ActorKind
from core.money import Currency, Money
from core.order_reference import Reference
from core.payments.attempt import AttemptId
from core.payments.refund import (
    LineRefund,
    Refund,
    RefundExists,
    RefundHasChanged,
    RefundId,
    RefundState,
    UnknownRefund,
)

_OLDEST_FIRST = (refunds.c.requested_at, refunds.c.id)


class SqlRefunds:
    def __init__(self, run: Statements):
        self._run = run

    def get(self, refund: RefundId, /) -> Refund:
        row = self._run.row(refunds.select().where(refunds.c.id == refund))
        if row is None:
            raise UnknownRefund(refund)
        return _refund(row)

    def of(self, reference: Reference, /) -> tuple[Refund, ...]:
        rows = self._run.rows(
            refunds.select().where(refunds.c.reference == reference).order_by(*_OLDEST_FIRST)
        )
        return tuple(map(_refund, rows))

    def to_send(self, at: datetime, limit: int, /) -> tuple[Refund, ...]:
        requested = sa.and_(
            refunds.c.state == RefundState.REQUESTED.value, refunds.c.ask_at.is_(None)
        )
        rows = self._run.rows(
            refunds.select()
            .where(UNSETTLED, sa.or_(requested, refunds.c.ask_at <= at))
            .order_by(*_OLDEST_FIRST)
            .limit(limit)
        )
        return tuple(map(_refund, rows))

    def add(self, refund: Refund, /) -> None:
        self._run.change(refunds.insert(), _columns(refund), taken=RefundExists(refund.id))

    def save(self, refund: Refund, /) -> None:
        update_at_version(
            self._run,
            refunds,
            refund.id,
            version=refund.version,
            values=_moving_columns(refund),
            changed=RefundHasChanged(refund.id),
        )


def _columns(refund: Refund) -> dict[str, Any]:
    return {
        "id": refund.id,
        "reference": refund.reference,
        "attempt": refund.attempt,
        "amount_minor": refund.amount.minor,
        "currency": refund.amount.currency.code,
        "lines": [[line.position, line.amount.minor] for line in refund.lines],
        "reason": refund.reason,
        "by_kind": refund.by.kind.value,
        "by_name": refund.by.name,
        "requested_at": refund.requested_at,
        "captured_as": refund.captured_as,
        "excess": refund.overpayment,
        "version": refund.version,
        **account_columns(refund.account),
        **_moving_columns(refund),
    }


def _moving_columns(refund: Refund) -> dict[str, Any]:
    """The columns that may change. The amount and its lines never do."""
    return {
        "state": refund.state.value,
        "gateway_id": refund.gateway_id,
        "outcome": refund.outcome,
        "sent_at": refund.sent_at,
        "ask_at": refund.next_enquiry_at,
        "asked": refund.enquiries,
    }


def _refund(row: AnyRow) -> Refund:
    currency = Currency[row.currency]
    return Refund(
        id=RefundId(row.id),
        reference=Reference(row.reference),
        attempt=AttemptId(row.attempt),
        amount=Money(row.amount_minor, currency),
        lines=tuple(LineRefund(position, Money(minor, currency)) for position, minor in row.lines),
        reason=row.reason,
        by=Actor(ActorKind(row.by_kind), row.by_name),
        requested_at=row.requested_at,
        captured_as=row.captured_as,
        overpayment=row.excess,
        state=RefundState(row.state),
        gateway_id=row.gateway_id,
        outcome=row.outcome,
        sent_at=row.sent_at,
        next_enquiry_at=row.ask_at,
        enquiries=row.asked,
        account=account_of(row),
        version=row.version,
    )
