"""One answer of the gateway, told from several sides at once while the learner gives up."""

from adapters.memory.payment_gateway import MemoryGateway
from core.errors import Conflict
from core.messaging.outbox import OutboxSearch
from core.order_reference import Reference
from core.orders.order_state import OrderState
from core.payments.attempt import AttemptId, AttemptState
from core.payments.gateway import Captured
from core.products.product import Sku
from core.use_cases.checkout.cancel_order import cancel_order
from core.use_cases.payments.apply_result import apply_result
from coursetill_testing.contracts.samples import NOW, a_plain_attempt, a_plain_run, changing
from tests.races.conftest import all_at_once
from tests.races.test_checkout import CODE, TOTAL, learner, open_shop, place

ORDERS, SIDES = 8, 4


def test_concurrent_payment_and_cancellation_have_one_outcome(shop):
    open_shop(shop, a_plain_run("wanted", seats=ORDERS))
    for number in range(ORDERS):
        place(shop, number)
        attempt = a_plain_attempt(
            f"PAY-{number}", reference=Reference(f"SHOP-{number}"), amount=TOTAL
        )
        with changing(shop.begin) as work:
            work.attempts.add(attempt)

    def tell_or_give_up(number):
        number, side = divmod(number, SIDES)
        if side == 0:
            cancel_order(
                Reference(f"SHOP-{number}"),
                learner(number).id,
                begin=shop.begin,
                gateway=MemoryGateway(now=lambda: NOW, new_id=lambda: "g-1"),
                now=NOW,
            )
        else:
            captured = Captured(f"gateway-{number}", TOTAL)
            apply_result(AttemptId(f"PAY-{number}"), captured, begin=shop.begin, now=NOW)

    _, refusals = all_at_once(tell_or_give_up, ORDERS * SIDES)
    assert not any(isinstance(refusal, Conflict) for refusal in refusals)
    with shop.read() as work:
        for number in range(ORDERS):
            reference = Reference(f"SHOP-{number}")
            assert work.orders.get(reference).state is OrderState.PAID
            assert len(work.transactions.of(reference)) == 1
            assert [a.state for a in work.attempts.of(reference)] == [AttemptState.CAPTURED]
            names = [e.event.name.value for e in work.outbox.search(OutboxSearch(reference))]
            assert names.count("order.paid") == 1
        assert work.products.get(Sku("wanted")).seats_taken == ORDERS
        assert work.discounts.get(CODE.code).used == ORDERS
