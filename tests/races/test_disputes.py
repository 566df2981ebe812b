"""A dispute is opened at the moment at which staff refund the payment."""

import pytest

from adapters.memory.payment_gateway import MemoryGateway
from core.identity import Actor
from core.money import Money, total
from core.order_reference import Reference
from core.payments.attempt import AttemptId
from core.payments.dispute import Dispute, DisputeStage
from core.payments.gateway import Captured
from core.payments.refund import RefundId, RefundState
from core.use_cases.payments.apply_dispute import apply_dispute
from core.use_cases.payments.apply_result import apply_result
from core.use_cases.refunds.execute_refund import DISPUTED
from core.use_cases.refunds.issue_refund import (
    NothingToRefund,
    PaymentIsDisputed,
    RefundSelection,
    RefundTooLarge,
    issue_refund,
)
from coursetill_testing.contracts.samples import NOW, a_plain_attempt, a_plain_run, changing
from tests.races.conftest import all_at_once, kinds
from tests.races.test_checkout import TOTAL, open_shop, place

ORDERS, SIDES = 6, 4
CENT = Money(1)


def paid(shop, gateway, number):
    place(shop, number)
    reference = Reference(f"SHOP-{number}")
    attempt = a_plain_attempt(
        f"PAY-{number}", reference=reference, amount=TOTAL, account=gateway.account
    )
    with changing(shop.begin) as work:
        work.attempts.add(attempt)
    captured = Captured(f"gateway-{number}", TOTAL)
    gateway.ends_elsewhere(attempt, captured)
    apply_result(attempt.id, captured, begin=shop.begin, now=NOW)


def refund(shop, gateway, selection, *, number, side):
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


@pytest.mark.parametrize("selection", [RefundSelection(), RefundSelection(CENT)])
def test_no_refund_is_decided_after_the_dispute_is_stored(shop, selection):
    ids = iter(f"g-{number}" for number in range(10_000))
    gateway = MemoryGateway(now=lambda: NOW, new_id=lambda: next(ids))
    open_shop(shop, a_plain_run("wanted", seats=ORDERS))
    for number in range(ORDERS):
        paid(shop, gateway, number)

    def happens(number):
        number, side = divmod(number, SIDES)
        if side:
            return refund(shop, gateway, selection, number=number, side=side)
        dispute = Dispute(DisputeStage.OPENED, NOW, "not recognised")
        return apply_dispute(AttemptId(f"PAY-{number}"), dispute, begin=shop.begin, now=NOW)

    _, refusals = all_at_once(happens, ORDERS * SIDES)
    assert kinds(refusals) <= {PaymentIsDisputed, NothingToRefund}
    sent = []
    for number in range(ORDERS):
        reference = Reference(f"SHOP-{number}")
        with shop.read() as work:
            history = [entry.why for entry in work.orders.history(reference)]
            refunds = work.refunds.of(reference)
        [opened] = [place for place, why in enumerate(history) if "is disputed" in why]
        assert not [why for why in history[opened:] if "requested" in why]
        assert len(refunds) == sum("requested" in why for why in history[:opened])
        for each in refunds:
            # A refund that was decided before the dispute and not sent yet waits for its end.
            if each.state is RefundState.REQUESTED:
                assert each.outcome == DISPUTED
            else:
                sent.append(each.amount)
        whole = total((each.amount for each in refunds), TOTAL.currency) == TOTAL
        with pytest.raises(RefundTooLarge if whole else PaymentIsDisputed):
            refund(shop, gateway, RefundSelection(CENT), number=number, side=SIDES)
    assert gateway.refunded() == total(sent, TOTAL.currency)
