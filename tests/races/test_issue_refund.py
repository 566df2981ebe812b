"""Several members of staff refund one order at once: it goes back once."""

from collections import Counter

import pytest

from adapters.memory.payment_gateway import MemoryGateway
from core.errors import Refused
from core.identity import Actor
from core.messaging.outbox import OutboxSearch
from core.money import Money
from core.order_reference import Reference
from core.orders.order_state import OrderState
from core.payments.attempt import AttemptId
from core.payments.gateway import Captured, RefundAccepted
from core.payments.refund import RefundId
from core.products.product import Sku
from core.use_cases.payments.apply_result import apply_result
from core.use_cases.refunds.issue_refund import NothingToRefund, RefundSelection, issue_refund
from coursetill_testing.contracts.samples import (
    ACCOUNT,
    NOW,
    a_plain_attempt,
    a_plain_discount,
    a_plain_run,
    changing,
)
from tests.races.conftest import all_at_once
from tests.races.test_checkout import TOTAL, open_shop, place

CLERKS = 8
REFERENCE = Reference("SHOP-0")


def refund(shop, number, gateway, selection):
    return issue_refund(
        REFERENCE,
        selection,
        "the course was cancelled",
        refund_id=RefundId(f"R{number}"),
        staff=Actor.staff(f"clerk {number}"),
        begin=shop.begin,
        gateway=gateway,
        now=NOW,
    )


@pytest.mark.parametrize("selection", [RefundSelection(), RefundSelection(TOTAL)])
def test_concurrent_refunds_by_staff_refund_once(shop, selection):
    open_shop(shop, a_plain_run("wanted", seats=1))
    place(shop, 0)
    with changing(shop.begin) as work:
        work.attempts.add(a_plain_attempt("PAY-0", reference=REFERENCE, amount=TOTAL))
    apply_result(AttemptId("PAY-0"), Captured("gateway-0", TOTAL), begin=shop.begin, now=NOW)
    gateway = MemoryGateway(now=lambda: NOW, new_id=lambda: "g-1", account=ACCOUNT)
    gateway.refunds_next(*[RefundAccepted(f"back-{number}") for number in range(CLERKS)])

    given, refusals = all_at_once(lambda number: refund(shop, number, gateway, selection), CLERKS)
    assert len(given) == 1
    assert all(isinstance(refusal, Refused) for refusal in refusals)
    assert gateway.refunded() == TOTAL
    with shop.read() as work:
        assert [each.amount for each in work.refunds.of(REFERENCE)] == [TOTAL]
        assert work.orders.get(REFERENCE).state is OrderState.REFUNDED
        assert work.products.get(Sku("wanted")).seats_taken == 0


def test_concurrent_refunds_of_a_free_order_refund_once(shop):
    gift = a_plain_discount("GIFT")
    open_shop(shop, a_plain_run("wanted", seats=1), code=gift)
    with changing(shop.begin) as work:
        product = work.products.get(Sku("wanted"))
        work.products.save([product.repriced(Money(0), NOW)])
    place(shop, 0, total=Money(0))
    gateway = MemoryGateway(now=lambda: NOW, new_id=lambda: "g-1", account=ACCOUNT)

    given, refusals = all_at_once(
        lambda number: refund(shop, number, gateway, RefundSelection()), CLERKS
    )
    assert given == [None]
    assert {type(refusal) for refusal in refusals} == {NothingToRefund}
    with shop.read() as work:
        events = work.outbox.search(OutboxSearch(REFERENCE, limit=1000))
        counted = Counter(entry.event.name.value for entry in events)
        assert (counted["order.refunded"], counted["line.revocation_requested"]) == (1, 1)
        assert work.orders.get(REFERENCE).state is OrderState.REFUNDED
        assert work.products.get(Sku("wanted")).seats_taken == 0
