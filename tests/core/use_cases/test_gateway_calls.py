"""No transaction is open during a call to the gateway."""

from typing import Any

import pytest

from adapters.memory.payment_gateway import MemoryGateway
from core.payments.gateway import Declined, InReview, RefundFailed, Unknown
from core.use_cases.back_office.order_actions import cancel_by_staff
from coursetill_testing.makers import CLERK, DAY, HOUR, usd
from coursetill_testing.till import Till, stocked

SKU, OTHER = "6.86x-1T2027", "14.310x-1T2027"
ASKED = ("open", "form", "verify", "charge", "find", "refund", "find_refund", "check")


class WatchfulGateway(MemoryGateway):
    """Refuses to answer while a unit of work for changes is open, and notes what was asked."""

    till: Till
    asked: list[str]

    def __getattribute__(self, name: str) -> Any:
        if name in ASKED:
            assert not self.till.records._writer.locked(), f"{name} within a transaction"
            self.asked.append(name)
        return super().__getattribute__(name)


@pytest.fixture
def watched() -> Till:
    till = stocked(WatchfulGateway)
    till.gateway.till, till.gateway.asked = till, []
    return till


def test_buying_and_refunding_call_the_gateway_between_transactions(watched):
    order = watched.buys(SKU, OTHER)
    watched.gateway.refunds_next(Unknown("lost"))
    watched.refunds(order, usd("10.01"))
    watched.gateway.refunds_next(RefundFailed("closed"))
    watched.refunds(order, None, 2)
    watched.refunds(order, None, 1)
    watched.passes(DAY)
    watched.keeps_up()
    assert {"open", "verify", "charge", "refund", "find_refund"} <= set(watched.gateway.asked)


def test_enquiries_and_cancellations_call_the_gateway_between_transactions(watched):
    lost = watched.checks_out(SKU)
    watched.gateway.loses_next_answer()
    watched.pays(lost)
    watched.is_told(lost.reference)
    watched.gateway.asked.clear()

    held = watched.pays(watched.checks_out(OTHER), InReview("g-1"))
    cancel_by_staff(
        held.reference,
        by=CLERK,
        why="no longer wanted",
        begin=watched.begin,
        gateway=watched.gateway,
        now=watched.now,
    )
    declined = watched.checks_out(OTHER)
    watched.pays(declined, Declined("no"))
    watched.opens(declined)
    watched.cancels(declined)
    expired = watched.checks_out(OTHER)
    watched.pays(expired, Unknown("lost"))
    watched.passes(HOUR)
    watched.keeps_up()
    watched.puts("14.73x-1T2027")
    watched.checks_out()
    assert "find" in watched.gateway.asked


def test_a_gateway_call_within_a_transaction_is_found(watched):
    with watched.begin(), pytest.raises(AssertionError, match="check within a transaction"):
        watched.gateway.check()
