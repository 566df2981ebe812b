"""Requests filed at once are one, and members of staff who answer at once give back once."""

from adapters.memory.payment_gateway import MemoryGateway
from core.identity import Actor
from core.order_reference import Reference
from core.orders.refund_policy import RefundPolicy
from core.orders.refund_request import RefundRequestId, RefundRequestIsAnswered, RefundRequestState
from core.payments.attempt import AttemptId
from core.payments.gateway import Captured, RefundAccepted
from core.payments.refund import RefundId
from core.use_cases.payments.apply_result import apply_result
from core.use_cases.refunds.refund_requests import (
    RefundApplication,
    RequestIsOpen,
    approve_request,
    deny_request,
    file_request,
)
from coursetill_testing.contracts.samples import (
    ACCOUNT,
    NOW,
    a_plain_attempt,
    a_plain_run,
    changing,
)
from tests.races.conftest import all_at_once, kinds
from tests.races.test_checkout import TOTAL, learner, open_shop, place

CLERKS = 12
REFERENCE = Reference("SHOP-0")


def paid(shop):
    open_shop(shop, a_plain_run("wanted", seats=1))
    place(shop, 0)
    with changing(shop.begin) as work:
        work.attempts.add(a_plain_attempt("PAY-0", reference=REFERENCE, amount=TOTAL))
    apply_result(AttemptId("PAY-0"), Captured("gateway-0", TOTAL), begin=shop.begin, now=NOW)


def asks(shop, number=0):
    asked = RefundApplication(RefundRequestId(f"q-{number}"), (1,), "why not", consent=True)
    policy = RefundPolicy()
    return file_request(REFERENCE, learner(0).id, asked, policy=policy, begin=shop.begin, now=NOW)


def test_concurrent_requests_store_one(shop):
    paid(shop)
    filed, refusals = all_at_once(lambda number: asks(shop, number), CLERKS)
    assert len(filed) == 1
    assert kinds(refusals) == {RequestIsOpen}


def test_concurrent_decisions_of_staff_keep_one_and_make_at_most_one_refund(shop):
    paid(shop)
    request = asks(shop)
    gateway = MemoryGateway(now=lambda: NOW, new_id=lambda: "g-1", account=ACCOUNT)
    gateway.refunds_next(*[RefundAccepted(f"back-{number}") for number in range(CLERKS)])

    def answer(number):
        staff = Actor.staff(f"clerk {number}")
        if number % 3 == 2:
            return deny_request(request.id, "no", staff=staff, begin=shop.begin, now=NOW)
        return approve_request(
            request.id,
            "",
            refund_id=RefundId(f"R{number}"),
            staff=staff,
            begin=shop.begin,
            gateway=gateway,
            now=NOW,
        )

    answers, refusals = all_at_once(answer, CLERKS)
    assert len(answers) == 1
    assert kinds(refusals) == {RefundRequestIsAnswered}
    with shop.read() as work:
        answered = work.refund_requests.get(request.id)
        refunds = work.refunds.of(REFERENCE)
    assert len(refunds) == (1 if answered.state is RefundRequestState.APPROVED else 0)
