"""A dispute is opened at the moment at which staff refund the payment."""

import pytest

from adapters.memory.payment_gateway import MemoryGateway
from core.identity import Actor
from core.money import Money
from core.order_reference import Reference
from core.payments.attempt import AttemptId
from core.payments.dispute import Dispute, DisputeStage
from core.payments.gateway import Captured
from core.payments.refund import RefundId
from core.use_cases.payments.apply_dispute import apply_dispute
from core.use_cases.payments.apply_result import apply_result
from core.use_cases.refunds.issue_refund import RefundSelection, issue_refund
from coursetill_testing.contracts.samples import NOW, a_plain_attempt, a_plain_run, changing
from tests.races.test_checkout import TOTAL, open_shop, place

ORDERS, SIDES = 6, 4
CENT = Money(1)


def paid_orders(shop):
    open_shop(shop, a_plain_run("wanted", seats=ORDERS))
    for number in range(ORDERS):
        place(shop, number)
        attempt = a_plain_attempt(
            f"PAY-{number}", reference=Reference(f"SHOP-{number}"), amount=TOTAL
        )
        with changing(shop.begin) as work:
            work.attempts.add(attempt)
        captured = Captured(f"gateway-{number}", TOTAL)
        apply_result(attempt.id, captured, begin=shop.begin, now=NOW)


class Decisions:
    """Units of work of staff, with the order in which refunds and disputes were committed."""


@pytest.mark.parametrize("selection", [RefundSelection(), RefundSelection(CENT)])
def test_no_refund_is_decided_once_the_dispute_is_stored(shop, selection):
    paid_orders(shop)
    ids = iter(f"g-{number}" for number in range(1000))
    gateway = MemoryGateway(now=lambda: NOW, new_id=lambda: next(ids))

    def happens(number):
        number, side = divmod(number, SIDES)
        if side == 0:
            dispute = Dispute(DisputeStage.OPENED, NOW, "not recognised")
            return apply_dispute(AttemptId(f"PAY-{number}"), dispute, begin=shop.begin, now=NOW)
        return issue_refund(
            Reference(f"SHOP-{number}"),
            selection,
            "the course was cancelled",
            refund_id=RefundId(f"R{number}-{side}"),
            staff=Actor.staff(f"clerk {side}"),
            begin=shop.begin,
            gateway=gateway,
            now=NOW,
        )
