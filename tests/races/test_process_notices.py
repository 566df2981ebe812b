"""Concurrent copies of one gateway message are processed once."""

from collections import Counter
from threading import Lock

from adapters.memory.payment_gateway import MemoryGateway
from core.messaging.inbox import InboxMessage, InboxSearch, MessageState
from core.order_reference import Reference
from core.orders.order_state import OrderState
from core.payments.attempt import AttemptState
from core.payments.gateway import Captured
from core.payments.notice import About, Notice
from core.use_cases.jobs.maintenance import run_maintenance
from core.use_cases.payments.process_notices import CLAIM, process_notice
from coursetill_testing.contracts.samples import (
    ACCOUNT,
    NOW,
    a_plain_attempt,
    a_plain_run,
    changing,
)
from tests.races.conftest import all_at_once
from tests.races.test_checkout import TOTAL, open_shop, place

ORDERS, COPIES = 8, 4


class Counting(MemoryGateway):
    """Knows each payment as captured, and counts how often it is asked about each."""

    def __init__(self):
        super().__init__(now=lambda: NOW, new_id=lambda: "g-1", account=ACCOUNT)
        self.asked = Counter()
        self._door = Lock()

    def find(self, attempt, /):
        with self._door:
            self.asked[attempt.id] += 1
        return Captured(f"gateway-of-{attempt.id}", TOTAL)


def sent(shop):
    """Orders whose payment was sent, and of which nothing was heard."""
    open_shop(shop, a_plain_run("wanted", seats=ORDERS))
    for number in range(ORDERS):
        place(shop, number)
        attempt = a_plain_attempt(
            f"PAY-{number}",
            reference=Reference(f"SHOP-{number}"),
            amount=TOTAL,
            state=AttemptState.SENT,
        )
        with changing(shop.begin) as work:
            work.attempts.add(attempt)


def message(number, answer=None):
    return Notice(
        key=f"m-{number}",
        about=About.PAYMENT,
        code=f"SHOP-{number}",
        attempt=f"PAY-{number}",
        answer=answer,
        at=NOW,
        heard_at=NOW,
        account=ACCOUNT,
    )


def everything_was_paid_once(shop):
    with shop.read() as work:
        assert {m.state for m in work.inbox.search(InboxSearch())} == {MessageState.ACTED}
        for number in range(ORDERS):
            reference = Reference(f"SHOP-{number}")
            assert work.orders.get(reference).state is OrderState.PAID
            assert len(work.transactions.of(reference)) == 1
        return len(work.inbox.search(InboxSearch()))


def test_concurrent_copies_of_a_message_are_processed_once(shop):
    sent(shop)
    gateway = Counting()

    def one(number):
        return process_notice(message(number // COPIES), begin=shop.begin, gateway=gateway, now=NOW)

    heard, refusals = all_at_once(one, ORDERS * COPIES)
    assert refusals == []
    assert sum(message is not None for message in heard) == ORDERS
    assert set(gateway.asked.values()) == {1}
    assert everything_was_paid_once(shop) == ORDERS


def test_a_waiting_message_is_processed_by_one_of_several_workers(shop):
    sent(shop)
    gateway = Counting()
    with changing(shop.begin) as work:
        for number in range(ORDERS):
            work.inbox.add(InboxMessage(message(number)).claimed(NOW + CLAIM))

    def one(_):
        return run_maintenance(begin=shop.begin, gateway=gateway, now=NOW + CLAIM)

    _, refusals = all_at_once(one, COPIES)
    assert refusals == []
    assert everything_was_paid_once(shop) == ORDERS
    assert set(gateway.asked.values()) == {1}
