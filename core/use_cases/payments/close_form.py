"""Withdraw a form at the gateway, so that nobody has to watch it any longer."""

from __future__ import annotations

from datetime import datetime

from core.payments.attempt import Attempt, AttemptId
from core.payments.gateway import PaymentGateway
from core.unit_of_work import Begin, repeated_on_conflict


def close_form(attempt: Attempt, *, begin: Begin, gateway: PaymentGateway, now: datetime) -> bool:
    """Close a form that takes the payment by itself, where its gateway can.

    From then on it is not shown again. Whether it was paid before, the caller asks afterwards: the
    attempt is watched until the gateway has said so.
    """
    if not (attempt.unattended and gateway.serves(attempt.account) and gateway.close(attempt)):
        return False
    _record_closed(attempt.id, begin=begin, now=now)
    return True


@repeated_on_conflict
def _record_closed(attempt_id: AttemptId, *, begin: Begin, now: datetime) -> None:
    """Before anything else is asked: a form that is dead at the gateway is never shown again."""
    with begin() as work:
        attempt = work.attempts.get(attempt_id)
        if attempt.payable(now):
            work.attempts.save(attempt.closed(now))
            work.commit()
