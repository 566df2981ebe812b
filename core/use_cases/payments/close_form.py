"""Use case: close a form at the gateway, so that it need not be polled."""

from __future__ import annotations

from datetime import datetime

from core.payments.attempt import Attempt, AttemptId
from core.payments.gateway import PaymentGateway
from core.unit_of_work import Begin, repeated_on_conflict


def close_form(attempt: Attempt, *, begin: Begin, gateway: PaymentGateway, now: datetime) -> bool:
    """Close a form that takes the payment itself, if its gateway supports that.

    The form is never shown again. It may have been paid before: the caller must ask afterwards, and
    the attempt is polled until the gateway has answered.
    """
    if not (attempt.unattended and gateway.serves(attempt.account) and gateway.close(attempt)):
        return False
    _record_closed(attempt.id, begin=begin, now=now)
    return True


@repeated_on_conflict
def _record_closed(attempt_id: AttemptId, *, begin: Begin, now: datetime) -> None:
    """Store this before anything else, so that a closed form is never shown again."""
    with begin() as work:
        attempt = work.attempts.get(attempt_id)
        if attempt.payable(now):
            work.attempts.save(attempt.closed(now))
            work.commit()
