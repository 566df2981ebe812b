"""Automatic card forms: the shop may not notice their payment at once."""

import pytest

from adapters.memory.payment_gateway import FORM_LIVES, MemoryGateway
from core.orders.order import UnknownOrder
from core.orders.order_state import OrderState
from core.payments.attempt import AttemptState
from core.payments.gateway import (
    Cancelled,
    Captured,
    Declined,
    InReview,
    NotCarriedOut,
    NotFound,
    Unknown,
)
from core.payments.retry_schedule import LONGEST_WAIT
from core.use_cases.jobs.maintenance import MaintenanceReport
from core.use_cases.payments.card_form import FormWithdrawn, JustExpired, NotPayable
from core.use_cases.payments.enquire import (
    CERTAIN_AFTER,
    ENQUIRY_INTERVAL,
    GATEWAY_LAG,
    StillChecking,
)
from coursetill_testing.makers import BOB, MINUTE, TICK, usd
from coursetill_testing.till import stocked

SKU, LAST = "6.86x-1T2027", "14.73x-1T2027"
LAPSES = FORM_LIVES + CERTAIN_AFTER


class SelfMadeGateway(MemoryGateway):
    """A gateway whose forms take the payment by themselves; while `blind`, it shows none."""

    forms_take_payment = True
    blind = False
    when_opened = staticmethod(lambda: None)

    def open(self, attempt, /):
        form = super().open(attempt)
        self.when_opened()
        return form

    def find(self, attempt, /):
        finding = super().find(attempt)
        return NotFound() if self.blind and not isinstance(finding, Unknown) else finding


class MuddledGateway(SelfMadeGateway):
    """A gateway that cannot tell the attempts of one order apart."""

    def find(self, attempt, /):
        with self._lock:
            taken = [each.ended for each in self._charges.values()]
        return taken[0] if taken else NotFound()


@pytest.fixture
def till():
    return stocked(SelfMadeGateway)


def states(till, order):
    return [attempt.state for attempt in till.attempts_of(order)]


def pays_unseen(till, opened, answer=None):
    """The learner pays, and the tab is gone before the shop hears of it."""
    if answer is not None:
        till.gateway.answers_next(answer)
    return till.gateway.pay_in(opened.form)


def test_a_result_from_the_form_leads_to_a_paid_order(till):
    order = till.checks_out(SKU)
    opened = till.opens(order)
    assert till.sends(opened, pays_unseen(till, opened)).state is OrderState.PAID
    assert till.gateway.captured() == usd("39.33")


@pytest.mark.parametrize("text", ["", "forged", "g-1"])
def test_only_the_gateway_confirms_a_payment(till, text):
    opened = till.opens(till.checks_out(SKU))
    assert till.sends(opened, text).state is OrderState.PENDING
    pays_unseen(till, opened)
    assert till.sends(opened, text).state is OrderState.PAID


def test_a_repeated_result_is_recorded_once(till):
    opened = till.opens(till.checks_out(SKU))
    text = pays_unseen(till, opened)
    order = till.sends(opened, text)
    assert till.sends(opened, text) == order
    assert len(till.transactions_of(order)) == 1


def test_another_learner_cannot_submit_the_result(till):
    opened = till.opens(till.checks_out(SKU))
    with pytest.raises(UnknownOrder):
        till.sends(opened, pays_unseen(till, opened), by=BOB)


def test_a_payment_not_yet_visible_at_the_gateway_blocks_a_new_form(till):
    order = till.checks_out(SKU)
    opened = till.opens(order)
    till.gateway.blind = True
    assert till.sends(opened, pays_unseen(till, opened)).state is OrderState.PENDING
    assert states(till, order) == [AttemptState.UNKNOWN]
    with pytest.raises(StillChecking):
        till.opens(order)
    with pytest.raises(StillChecking):
        till.cancels(order)
    till.gateway.blind = False
    assert till.cancels(order).state is OrderState.PAID


def test_a_result_without_a_payment_frees_the_order_after_half_an_hour(till):
    order = till.checks_out(SKU)
    till.sends(till.opens(order), "")
    till.passes(CERTAIN_AFTER)
    till.asks(till.attempts_of(order)[0])
    till.opens(order)
    assert states(till, order) == [AttemptState.ERROR, AttemptState.OPEN]


def test_maintenance_finds_a_payment_of_a_closed_tab(till):
    order = till.checks_out(SKU)
    pays_unseen(till, till.opens(order))
    till.passes(ENQUIRY_INTERVAL)
    assert till.keeps_up().asked == 1
    assert till.order(order.reference).state is OrderState.PAID
    assert till.keeps_up() == MaintenanceReport()


def test_a_returning_learner_gets_the_same_form(till):
    order = till.checks_out(SKU)
    first = till.opens(order)
    till.passes(FORM_LIVES - TICK)
    again = till.opens(order)
    assert (again.attempt.id, again.form) == (first.attempt.id, first.form)


def test_a_returning_learner_who_paid_gets_no_form(till):
    order = till.checks_out(SKU)
    pays_unseen(till, till.opens(order))
    with pytest.raises(NotPayable, match="state paid"):
        till.opens(order)
    assert till.gateway.captured() == usd("39.33")


def test_no_form_is_shown_again_while_the_gateway_is_unreachable(till):
    order = till.checks_out(SKU)
    till.opens(order)
    till.gateway.goes_away()
    with pytest.raises(StillChecking):
        till.opens(order)


def test_a_new_form_follows_a_declined_card(till):
    order = till.checks_out(SKU)
    first = till.opens(order)
    till.sends(first, pays_unseen(till, first, Declined("no")))
    second = till.opens(order)
    assert states(till, order) == [AttemptState.DECLINED, AttemptState.OPEN]
    assert till.sends(second, pays_unseen(till, second)).state is OrderState.PAID


@pytest.mark.parametrize(
    "after, another", [(FORM_LIVES + GATEWAY_LAG - TICK, False), (FORM_LIVES + GATEWAY_LAG, True)]
)
def test_an_expired_form_is_replaced_after_its_payments_would_be_visible(till, after, another):
    order = till.checks_out(SKU)
    till.opens(order)
    till.passes(after)
    if another:
        till.opens(order)
        assert states(till, order) == [AttemptState.CANCELLED, AttemptState.OPEN]
    else:
        with pytest.raises(JustExpired):
            till.opens(order)


def test_a_payment_visible_after_the_form_was_replaced_is_not_lost(till):
    order = till.checks_out(SKU)
    first = till.opens(order)
    till.gateway.blind = True
    pays_unseen(till, first)
    till.passes(FORM_LIVES + GATEWAY_LAG)
    till.opens(order)
    till.gateway.blind = False
    till.passes(ENQUIRY_INTERVAL)
    till.keeps_up()
    assert till.order(order.reference).state is OrderState.PAID
    with pytest.raises(NotPayable):
        till.opens(order)


def test_one_of_two_captures_by_two_forms_is_refunded(till):
    order = till.checks_out(SKU)
    first = till.opens(order)
    till.gateway.blind = True
    pays_unseen(till, first)
    till.passes(FORM_LIVES + GATEWAY_LAG)
    second = till.opens(order)
    till.gateway.blind = False
    till.sends(second, pays_unseen(till, second))
    till.passes(ENQUIRY_INTERVAL)
    till.keeps_up()
    till.keeps_up()
    assert till.order(order.reference).state is OrderState.PAID
    assert (till.gateway.captured(), till.gateway.refunded()) == (usd("78.66"), usd("39.33"))


def test_an_unpaid_form_does_not_block_cancellation(till):
    order = till.checks_out(LAST)
    till.opens(order)
    assert till.cancels(order).state is OrderState.CANCELLED
    assert till.seats_taken(LAST) == 0


def test_cancelling_an_order_with_an_unnoticed_capture_finds_it_paid(till):
    order = till.checks_out(SKU)
    pays_unseen(till, till.opens(order))
    assert till.cancels(order).state is OrderState.PAID


def test_cancellation_is_refused_while_the_gateway_is_unreachable(till):
    order = till.checks_out(SKU)
    till.opens(order)
    till.gateway.goes_away()
    with pytest.raises(StillChecking):
        till.cancels(order)
    assert till.order(order.reference).state is OrderState.PENDING


def test_the_form_of_a_cancelled_order_is_polled_and_its_capture_is_applied(till):
    order = till.checks_out(SKU)
    opened = till.opens(order)
    till.cancels(order)
    pays_unseen(till, opened)
    till.passes(ENQUIRY_INTERVAL)
    till.keeps_up()
    assert till.order(order.reference).state is OrderState.PAID
    assert till.seats_taken(SKU) == 1


def test_a_result_from_the_form_of_a_cancelled_order_is_applied(till):
    order = till.checks_out(SKU)
    opened = till.opens(order)
    till.cancels(order)
    assert till.sends(opened, pays_unseen(till, opened)).state is OrderState.PAID


def test_a_late_capture_without_a_free_seat_is_refunded(till):
    order = till.checks_out(LAST)
    opened = till.opens(order)
    till.cancels(order)
    till.buys_elsewhere(LAST, by=BOB)
    pays_unseen(till, opened)
    till.passes(ENQUIRY_INTERVAL)
    till.keeps_up()
    till.keeps_up()
    assert till.order(order.reference).state is OrderState.CANCELLED
    assert till.gateway.refunded() == order.total


@pytest.mark.parametrize("no", [Declined("no"), NotCarriedOut("no"), Cancelled()])
def test_a_decline_after_cancellation_is_no_contradiction(till, no):
    order = till.checks_out(SKU)
    opened = till.opens(order)
    till.cancels(order)
    till.hears(opened.attempt, no)
    assert till.order(order.reference).attention is None


def test_a_form_is_polled_until_it_can_no_longer_be_paid(till):
    order = till.checks_out(SKU)
    till.opens(order)
    asked = 0
    while till.attempts_of(order)[0].next_enquiry_at is not None:
        till.passes(MINUTE)
        asked += till.keeps_up().asked
        assert till.now <= order.placed_at + LAPSES
    assert till.now == order.placed_at + LAPSES
    assert asked == LAPSES / ENQUIRY_INTERVAL
    assert states(till, order) == [AttemptState.CANCELLED]
    assert till.order(order.reference).state is OrderState.EXPIRED


def test_a_form_stays_polled_while_the_gateway_is_unreachable(till):
    order = till.checks_out(SKU)
    opened = till.opens(order)
    pays_unseen(till, opened)
    till.gateway.goes_away()
    till.passes(LAPSES + MINUTE)
    till.keeps_up()
    till.gateway.comes_back()
    till.passes(ENQUIRY_INTERVAL)
    till.keeps_up()
    assert till.order(order.reference).state is OrderState.PAID


def test_an_order_is_held_while_its_form_can_be_paid(till):
    till.hold = MINUTE
    order = till.checks_out(SKU)
    opened = till.opens(order)
    assert till.order(order.reference).held_until >= opened.form.expires_at + GATEWAY_LAG
    till.passes(FORM_LIVES - TICK)
    till.keeps_up()
    assert till.order(order.reference).state is OrderState.PENDING


def test_an_order_cancelled_while_its_form_opens_gets_no_form(till):
    order = till.checks_out(SKU)
    till.gateway.when_opened = lambda: till.cancels(order)
    with pytest.raises(FormWithdrawn):
        till.opens(order)
    assert till.order(order.reference).state is OrderState.CANCELLED


def test_two_forms_opened_at_once_leave_one(till):
    order = till.checks_out(SKU)

    def once():
        till.gateway.when_opened = lambda: None
        till.opens(order)

    till.gateway.when_opened = once
    with pytest.raises(FormWithdrawn):
        till.opens(order)
    assert states(till, order) == [AttemptState.CANCELLED, AttemptState.OPEN]


def test_one_payment_is_recorded_for_one_attempt_only():
    till = stocked(MuddledGateway)
    order = till.checks_out(SKU)
    till.opens(order)
    till.passes(FORM_LIVES + GATEWAY_LAG)
    second = till.opens(order)
    till.sends(second, pays_unseen(till, second))
    for _ in range(12):
        till.passes(ENQUIRY_INTERVAL)
        till.keeps_up()
    assert till.order(order.reference).attention is None
    assert len(till.transactions_of(order)) == 1
    assert till.gateway.refunded() == usd("0")
    assert [attempt.next_enquiry_at for attempt in till.attempts_of(order)] == [None, None]


def test_a_review_after_cancellation_flags_the_order_once(till):
    order = till.checks_out(SKU)
    opened = till.opens(order)
    till.cancels(order)
    pays_unseen(till, opened, InReview("g-review"))
    for _ in range(3):
        till.passes(ENQUIRY_INTERVAL)
        till.keeps_up()
    flags = [entry for entry in till.history(order) if "needs attention" in entry.why]
    assert len(flags) == 1
    till.gateway.decides(opened.attempt, Captured("g-paid", order.total))
    till.passes(LONGEST_WAIT)
    till.keeps_up()
    assert till.order(order.reference).state is OrderState.PAID


def test_an_unused_form_lapses_without_a_history_entry(till):
    till.hold = 60 * MINUTE
    order = till.checks_out(SKU)
    till.opens(order)
    told = till.history(order)
    for after, state in ((LAPSES - TICK, AttemptState.OPEN), (TICK, AttemptState.CANCELLED)):
        till.passes(after)
        [attempt] = till.attempts_of(order)
        assert till.asks(attempt).state is state
    assert till.history(order) == told


def test_a_declined_form_does_not_block_cancellation(till):
    order = till.checks_out(SKU)
    opened = till.opens(order)
    till.sends(opened, pays_unseen(till, opened, Declined("no")))
    till.gateway.goes_away()
    assert till.cancels(order).state is OrderState.CANCELLED


def test_a_result_long_after_the_form_lapsed_is_recorded_only_if_it_was_captured(till):
    order = till.checks_out(SKU)
    opened = till.opens(order)
    till.passes(2 * LAPSES)
    till.keeps_up()
    before = till.history(order), till.attempts_of(order)
    for _ in range(3):
        till.sends(opened, "said again")
        till.asks(till.attempts_of(order)[0])
    assert (till.history(order), till.attempts_of(order)) == before
    till.gateway.ends_elsewhere(opened.attempt, Captured("g-late", order.total))
    assert till.sends(opened, "said again").state is OrderState.PAID
