"""Use case: store the stage of a dispute about a payment, and flag the order for staff."""

from __future__ import annotations

from datetime import datetime

from core.identity import GATEWAY
from core.orders.order import Order
from core.payments.attempt import Attempt, AttemptId
from core.payments.dispute import Dispute, DisputeStage
from core.unit_of_work import Begin, repeated_on_conflict


@repeated_on_conflict
def apply_dispute(attempt_id: AttemptId, dispute: Dispute, *, begin: Begin, now: datetime) -> bool:
    """Store the dispute on its attempt and flag the order. Returns False if it changes nothing.

    The order is saved too, so that a concurrent refund gets a Conflict, starts again and sees the
    dispute. Raises UnknownAttempt.
    """
    with begin() as work:
        attempt = work.attempts.get(attempt_id)
        if not dispute.is_news_after(attempt.dispute):
            return False
        order = work.orders.get(attempt.reference)
        work.attempts.save(attempt.disputed(dispute))
        work.orders.save(_marked(order, attempt, dispute, now=now))
        work.commit()
        return True


def _marked(order: Order, attempt: Attempt, dispute: Dispute, *, now: datetime) -> Order:
    payment = f"the payment of {attempt.amount} by attempt {attempt.id}"
    because = f" ({dispute.reason})" if dispute.reason else ""
    match dispute.stage:
        case DisputeStage.OPENED:
            why = f"{payment} is disputed{because}: nothing is refunded until the dispute has ended"
            return order.flagged(why, at=now, by=GATEWAY)
        case DisputeStage.LOST:
            why = f"the dispute about {payment} was lost{because}: the bank has given it back"
            return order.flagged(why, at=now, by=GATEWAY)
        case DisputeStage.WON:
            why = f"the dispute about {payment} was won{because}: it can be refunded again"
            return order.noted(at=now, by=GATEWAY, why=why)
