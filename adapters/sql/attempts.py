"""Payment attempts in SQL."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from adapters.sql.account_columns import account_columns, account_of
from adapters.sql.statements import AnyRow, Statements
from adapters.sql.tables import attempts
from adapters.sql.versions import update_at_version
from core.money import Currency, Money
from core.order_reference import Reference
from core.payments.attempt import (
    Attempt,
    AttemptHasChanged,
    AttemptId,
    AttemptState,
    PaidOrUsedBefore,
    PaymentFlow,
    UnknownAttempt,
)
from core.payments.dispute import Dispute, DisputeStage


class SqlAttempts:
    def __init__(self, run: Statements):
        self._run = run

    def get(self, attempt: AttemptId, /) -> Attempt:
        row = self._run.row(attempts.select().where(attempts.c.id == attempt))
        if row is None:
            raise UnknownAttempt(attempt)
        return _attempt(row)

    def of(self, reference: Reference, /) -> tuple[Attempt, ...]:
        rows = self._run.rows(
            attempts.select()
            .where(attempts.c.reference == reference)
            .order_by(attempts.c.opened_at, attempts.c.id)
        )
        return tuple(map(_attempt, rows))

    def due_for_enquiry(self, at: datetime, limit: int, /) -> tuple[Attempt, ...]:
        rows = self._run.rows(
            attempts.select()
            .where(
                attempts.c.ask_at <= at,
                attempts.c.ask_at.is_not(None),
            )
            .order_by(attempts.c.ask_at, attempts.c.id)
            .limit(limit)
        )
        return tuple(map(_attempt, rows))

    def add(self, attempt: Attempt, /) -> None:
        self._run.change(
            attempts.insert(),
            {
                "id": attempt.id,
                "reference": attempt.reference,
                "amount_minor": attempt.amount.minor,
                "currency": attempt.amount.currency.code,
                "opened_at": attempt.opened_at,
                "flow": attempt.flow.value,
                "version": attempt.version,
                **account_columns(attempt.account),
                **_moving_columns(attempt),
            },
            taken=PaidOrUsedBefore(attempt.id, attempt.reference),
        )

    def save(self, attempt: Attempt, /) -> None:
        update_at_version(
            self._run,
            attempts,
            attempt.id,
            version=attempt.version,
            values=_moving_columns(attempt),
            changed=AttemptHasChanged(attempt.id),
            taken=PaidOrUsedBefore(attempt.id, attempt.reference),
        )


def _moving_columns(attempt: Attempt) -> dict[str, Any]:
    """The columns that may change. Reference, amount, account and flow never do."""
    return {
        "state": attempt.state.value,
        "session": None if attempt.session is None else dict(attempt.session),
        "session_expires_at": attempt.session_expires_at,
        "form_takes_payment": attempt.form_takes_payment,
        "token": attempt.token,
        "sent_at": attempt.sent_at,
        "reason": attempt.reason,
        "ask_at": attempt.next_enquiry_at,
        "asked": attempt.enquiries,
        "dispute_stage": None if attempt.dispute is None else attempt.dispute.stage.value,
        "dispute_at": None if attempt.dispute is None else attempt.dispute.at,
        "dispute_reason": None if attempt.dispute is None else attempt.dispute.reason,
    }


def _dispute(row: AnyRow) -> Dispute | None:
    if row.dispute_stage is None:
        return None
    return Dispute(DisputeStage(row.dispute_stage), row.dispute_at, row.dispute_reason)


def _attempt(row: AnyRow) -> Attempt:
    return Attempt(
        id=AttemptId(row.id),
        reference=Reference(row.reference),
        amount=Money(row.amount_minor, Currency[row.currency]),
        opened_at=row.opened_at,
        state=AttemptState(row.state),
        session=row.session,
        session_expires_at=row.session_expires_at,
        form_takes_payment=row.form_takes_payment,
        token=row.token,
        sent_at=row.sent_at,
        reason=row.reason,
        next_enquiry_at=row.ask_at,
        enquiries=row.asked,
        account=account_of(row),
        flow=PaymentFlow(row.flow),
        dispute=_dispute(row),
        version=row.version,
    )
