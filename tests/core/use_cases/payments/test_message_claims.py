"""A message of the gateway while it is acted on, tried again, and left to a person."""

from datetime import timedelta

import attrs
import pytest

from adapters.memory.payment_gateway import MemoryGateway
from core.messaging.inbox import MessageState
from core.orders.order_state import OrderState
from core.payments.gateway import RefundAccepted
from core.payments.notice import About, Notice
from core.use_cases.payments.process_notices import (
    CLAIM,
    GIVE_UP_AFTER,
    process_message,
    process_notice,
    replay_message,
)
from coursetill_testing.makers import CLERK, HOUR, NOW
from tests.core.overtaken import overtaken

SKU = "6.86x-1T2027"
LATER = 100 * HOUR


@pytest.fixture
def lost(till):
    """An order whose payment was captured, and whose reply was lost; only messages ask about it."""
    till.hold = LATER
    order = till.checks_out(SKU)
    till.gateway.loses_next_answer()
    till.pays(order)
    [attempt] = till.attempts_of(order)
    with till.begin() as work:
        work.attempts.save(attrs.evolve(attempt, next_enquiry_at=till.now + LATER))
        work.commit()
    return order


class DiesWhenAsked(MemoryGateway):
    """A gateway that ends the process that asks it."""

    def find(self, attempt, /):
        raise KeyboardInterrupt


def gateway_of(till, kind):
    return kind(now=lambda: till.now, new_id=lambda: f"x-{till.number()}")


def due(till):
    with till.begin() as work:
        return work.inbox.to_act(till.now, 10)


@pytest.mark.parametrize("by", ["the gateway", "maintenance", "staff"])
def test_while_a_message_is_acted_on_nobody_else_may_act_on_it(till, lost, by):
    if by != "the gateway":
        till.gateway.goes_away()
        till.is_told(lost.reference)
        till.passes(HOUR)
        assert due(till)
    seen = []

    class Watching(MemoryGateway):
        def find(self, attempt, /):
            [message] = till.inbox()
            seen.append((due(till), message.act_at - till.now))
            return super().find(attempt)

    till.gateway = gateway_of(till, Watching)
    if by == "staff":
        till.replays(1)
    elif by == "maintenance":
        till.keeps_up()
    else:
        till.is_told(lost.reference)
    assert seen == [((), CLAIM)]


def test_a_message_is_tried_twenty_times_in_six_hours_and_then_left_to_a_person(till, lost):
    till.gateway.goes_away()
    message = till.is_told(lost.reference)
    waits = []
    while message.state is MessageState.RECEIVED:
        waits.append((message.act_at - till.now).total_seconds())
        till.now = message.act_at
        till.keeps_up()
        [message] = till.inbox()
    assert waits == [5, 10, 20, 40, 60, 120, 300, 600] + 12 * [1800]
    assert till.now - NOW == timedelta(hours=6, minutes=19, seconds=15)
    assert (message.state, len(waits)) == (MessageState.FAILED, GIVE_UP_AFTER)
    assert "came to nothing" in till.order(lost.reference).attention


def test_a_message_that_was_left_to_a_person_is_tried_as_often_again_once_staff_say_so(till, lost):
    till.gateway.goes_away()
    till.is_told(lost.reference)
    for _ in range(GIVE_UP_AFTER):
        till.passes(HOUR)
        till.keeps_up()
    assert till.inbox()[0].state is MessageState.FAILED
    message = till.replays(1)
    assert (message.state, message.tries) == (MessageState.RECEIVED, 1)
    till.passes(HOUR)
    till.gateway.comes_back()
    assert till.keeps_up().messages == 1
    assert till.order(lost.reference).state is OrderState.PAID


def test_a_message_that_every_hearer_dies_of_is_left_to_a_person_in_the_end(till, lost):
    till.gateway = gateway_of(till, DiesWhenAsked)
    with pytest.raises(KeyboardInterrupt):
        till.is_told(lost.reference)
    for _ in range(GIVE_UP_AFTER - 1):
        till.passes(CLAIM)
        with pytest.raises(KeyboardInterrupt):
            till.keeps_up()
    till.passes(CLAIM)
    till.keeps_up()
    [message] = till.inbox()
    assert (message.state, message.act_at) == (MessageState.FAILED, None)


def test_a_message_about_nothing_of_ours_can_be_acted_on_again_and_is_ignored_again(till):
    till.is_told("NOBODYS")
    message = till.replays(1)
    assert (message.state, message.reference) == (MessageState.IGNORED, None)


# Other changes of the same order at the same moment.


def noted_by_a_colleague(till, reference):
    """Change the order, as somebody else who came first."""
    with till.records.begin() as work:
        order = work.orders.get(reference)
        work.orders.save(order.noted(at=till.now, by=CLERK, why="a colleague looked"))
        work.commit()


def notice(till, code, **more):
    usual = {"key": "m", "about": About.PAYMENT, "at": till.now, "heard_at": till.now}
    return Notice(code=code, account=till.gateway.account, **usual | more)


def test_a_message_waits_while_its_order_goes_on_changing_and_flags_nothing(till, lost):
    begin = overtaken(till.records, lambda: noted_by_a_colleague(till, lost.reference), times=7)
    message = process_notice(
        notice(till, lost.reference), begin=begin, gateway=till.gateway, now=till.now
    )
    assert message.state is MessageState.RECEIVED
    assert till.order(lost.reference).attention is None
    till.passes(HOUR)
    assert till.keeps_up().messages == 1
    assert till.order(lost.reference).state is OrderState.PAID


def test_a_flag_survives_another_change_of_the_order_at_the_same_moment(till):
    order = till.buys(SKU)
    begin = overtaken(till.records, lambda: noted_by_a_colleague(till, order.reference), times=3)
    refund = notice(till, order.reference, answer=RefundAccepted("g-9"), about=About.REFUND)
    message = process_notice(refund, begin=begin, gateway=till.gateway, now=till.now)
    assert message.state is MessageState.ACTED
    assert "not made here" in till.order(order.reference).attention


def test_who_let_a_message_be_acted_on_again_is_noted_though_the_order_changes_meanwhile(till):
    order = till.buys(SKU)
    till.is_told(order.reference, about=About.CAPTURE)
    begin = overtaken(till.records, lambda: noted_by_a_colleague(till, order.reference), times=4)
    replay_message(1, by=CLERK, begin=begin, gateway=till.gateway, now=till.now)
    why = "message 1 of the gateway was acted on again"
    assert [entry.why for entry in till.history(order)].count(why) == 1


def test_maintenance_leaves_a_message_to_the_one_who_acts_on_it_already(till, lost):
    till.gateway.goes_away()
    till.is_told(lost.reference)
    till.gateway.comes_back()
    till.passes(HOUR)
    [read] = till.inbox()
    acted_on = till.replays(1)
    assert process_message(read, begin=till.begin, gateway=till.gateway, now=till.now) is None
    [message] = till.inbox()
    assert (message.state, message.why) == (acted_on.state, acted_on.why)
