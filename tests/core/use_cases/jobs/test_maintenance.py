"""Scheduled maintenance: enquiries, expiry and sending; a repeated run changes nothing."""

import pytest

from adapters.memory.payment_gateway import MemoryGateway
from core.errors import Refused
from core.orders.order_state import OrderState
from core.payments.attempt import AttemptState
from core.payments.gateway import Captured, Declined, InReview, RefundAccepted, Unknown
from core.use_cases.jobs.maintenance import MaintenanceReport
from core.use_cases.payments.enquire import StillChecking
from coursetill_testing.makers import ADA, BOB, HOUR, MINUTE, TICK, usd
from coursetill_testing.till import stocked

SKU, LAST = "6.86x-1T2027", "14.73x-1T2027"


@pytest.mark.parametrize(
    "after, state", [(30 * MINUTE - TICK, OrderState.PENDING), (30 * MINUTE, OrderState.EXPIRED)]
)
def test_an_order_expires_when_its_hold_ends(till, after, state):
    till.enters("SPRING")
    order = till.checks_out(LAST)
    till.passes(after)
    till.keeps_up()
    assert till.order(order.reference).state is state
    held = state is OrderState.PENDING
    assert till.seats_taken(LAST) == held
    assert till.uses_of(order) == {"SPRING": "reserved" if held else "released"}


def test_an_expired_order_has_a_history_entry_and_an_event(till):
    order = till.checks_out(SKU)
    till.passes(HOUR)
    assert till.keeps_up() == MaintenanceReport(given_up=1)
    last = till.history(order)[-1]
    assert (str(last.by), last.why) == ("timer", "not paid in time")
    assert till.events_of(order) == ["order.placed", "order.cancelled"]


def test_an_order_with_a_declined_last_card_ends_declined(till):
    order = till.checks_out(SKU)
    till.pays(order, Declined("no"))
    till.passes(HOUR)
    till.keeps_up()
    assert till.order(order.reference).state is OrderState.DECLINED


def test_reopening_the_form_extends_the_hold(till):
    order = till.checks_out(SKU)
    till.passes(29 * MINUTE)
    till.opens(order)
    till.passes(29 * MINUTE)
    till.keeps_up()
    assert till.order(order.reference).state is OrderState.PENDING


def test_an_order_does_not_expire_while_the_gateway_is_unreachable(till):
    order = till.checks_out(SKU)
    till.pays(order, Unknown("connection lost"))
    till.gateway.goes_away()
    till.passes(3 * HOUR)
    done = till.keeps_up()
    assert done.given_up == 0
    assert any(isinstance(each.error, StillChecking) for each in done.put_off)
    assert till.order(order.reference).state is OrderState.PENDING


def test_an_order_with_an_unnoticed_capture_becomes_paid(till):
    order = till.checks_out(SKU)
    till.gateway.loses_next_answer()
    till.pays(order)
    till.passes(MINUTE)
    assert till.keeps_up().asked == 1
    assert till.order(order.reference).state is OrderState.PAID


def test_an_order_with_a_payment_known_not_made_expires(till):
    order = till.checks_out(SKU)
    till.pays(order, Unknown("connection lost"))
    till.passes(30 * MINUTE)
    till.keeps_up()
    assert till.order(order.reference).state is OrderState.EXPIRED
    assert till.attempts_of(order)[0].state is AttemptState.ERROR


def test_an_order_in_review_does_not_expire(till):
    order = till.checks_out(SKU)
    till.pays(order, InReview("g-review", "fraud rules"))
    till.passes(30 * 24 * HOUR)
    till.keeps_up()
    assert till.order(order.reference).state is OrderState.REVIEW
    assert till.seats_taken(SKU) == 1


def test_a_second_run_of_maintenance_changes_nothing(till):
    order = till.checks_out(SKU)
    till.pays(order, Unknown("connection lost"))
    till.checks_out(LAST, by=BOB)
    till.passes(HOUR)
    assert till.keeps_up() != MaintenanceReport()
    assert till.keeps_up() == MaintenanceReport()


class CursedGateway(MemoryGateway):
    """A gateway that refuses to speak of one order."""

    cursed = None
    curse = Refused("this one is cursed")

    def find(self, attempt, /):
        if attempt.reference == self.cursed:
            raise self.curse
        return super().find(attempt)


def test_a_program_error_on_one_item_is_raised_after_all_items_are_processed():
    till = stocked(CursedGateway)
    hers, his = till.checks_out(SKU, by=ADA), till.checks_out(SKU, by=BOB)
    till.pays(hers, Unknown("lost"), by=ADA)
    till.pays(his, Unknown("lost"), by=BOB)
    till.gateway.cursed, till.gateway.curse = hers.reference, KeyError("status")
    till.passes(HOUR)
    with pytest.raises(ExceptionGroup) as told:
        till.keeps_up()
    assert set(told.value.exceptions) == {till.gateway.curse}
    assert f"order {hers.reference}" in str(till.gateway.curse.__notes__)
    assert till.order(his.reference).state is OrderState.EXPIRED


def test_an_item_that_cannot_be_processed_does_not_block_the_others():
    till = stocked(CursedGateway)
    hers, his = till.checks_out(SKU, by=ADA), till.checks_out(SKU, by=BOB)
    till.pays(hers, Unknown("lost"), by=ADA)
    till.pays(his, Unknown("lost"), by=BOB)
    till.gateway.cursed = hers.reference
    till.passes(HOUR)
    done = till.keeps_up()
    assert any("cursed" in str(each.error) for each in done.put_off)
    assert till.order(hers.reference).state is OrderState.PENDING
    assert till.order(his.reference).state is OrderState.EXPIRED


def test_waiting_refunds_are_sent(till):
    order = till.checks_out(SKU)
    till.pays(order, Declined("no"))
    till.pays(order)
    till.hears(till.attempts_of(order)[0], Captured("g-late", usd("39.33")))
    till.gateway.refunds_next(RefundAccepted("g-back"))
    assert till.keeps_up().refunds == 1
    assert till.refunds_of(order)[0].accepted
