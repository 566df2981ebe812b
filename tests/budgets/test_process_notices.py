"""What a message of the gateway costs in statements, whatever is in the inbox."""

from typing import Any

import pytest

from core.messaging.inbox import KEPT, InboxMessage, MessageState
from core.payments.gateway import Captured
from core.payments.notice import About, Notice
from core.use_cases.jobs.maintenance import run_maintenance
from core.use_cases.payments.process_notices import process_notice
from coursetill_testing.contracts.samples import a_plain_message, changing
from tests.budgets.test_use_cases import ADA, NOW, CountedTill, till

__all__ = ["till"]

history = pytest.mark.parametrize("history", [0, 300])


def kept_before(till: CountedTill, number: int) -> None:
    with changing(till.shop.begin) as work:
        for n in range(number):
            work.inbox.add(a_plain_message(f"old-{n}", state=MessageState.ACTED))


def a_payment(till: CountedTill, lines: int) -> Notice:
    """What the gateway tells of an order that is being paid."""
    total = till.fill_with_code(till.stock(lines))
    order = till.place(ADA, total)
    opened = till.opens(order)
    return Notice(
        key="new",
        about=About.PAYMENT,
        code=order.reference,
        attempt=opened.attempt.id,
        answer=Captured("G-1", total),
        at=NOW,
        heard_at=NOW,
        account=till.gateway.account,
    )


def told(till: CountedTill, notice: Notice) -> InboxMessage | None:
    return process_notice(notice, begin=till.shop.begin, gateway=till.gateway, now=NOW)


@history
@pytest.mark.parametrize("lines", [1, 10])
def test_a_message_costs_3_beside_applying_the_result_and_again_1(
    till: CountedTill, history: int, lines: int
) -> None:
    kept_before(till, history)
    notice = a_payment(till, lines)
    with till.costs_at_most(14 + 3):
        message = told(till, notice)
    assert message is not None
    assert message.state is MessageState.ACTED
    with till.costs_at_most(1):
        assert told(till, notice) is None


@history
def test_a_message_about_unknown_objects_costs_6(till: CountedTill, history: int) -> None:
    kept_before(till, history)
    account = till.gateway.account
    notice = Notice(
        key="new", about=About.PAYMENT, code="X-1", at=NOW, heard_at=NOW, account=account
    )
    with till.costs_at_most(6):
        message = told(till, notice)
    assert message is not None
    assert message.state is MessageState.IGNORED


@history
def test_a_run_of_maintenance_without_work_costs_5(till: CountedTill, history: int) -> None:
    kept_before(till, history)
    shop: Any = till.shop
    with till.costs_at_most(5):
        run_maintenance(begin=shop.begin, gateway=till.gateway, now=NOW)


@pytest.mark.parametrize("old", [1, 100])
def test_removing_old_messages_costs_the_same_for_any_number(till: CountedTill, old: int) -> None:
    kept_before(till, old)
    shop: Any = till.shop
    with till.costs_at_most(5):
        done = run_maintenance(begin=shop.begin, gateway=till.gateway, now=NOW + KEPT + KEPT)
    assert done.removed == old
