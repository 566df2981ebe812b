"""Card forms that complete the payment by themselves: they may be paid where nobody sees it."""

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


def test_what_the_form_brings_back_leads_to_a_paid_order(till):
    order = till.checks_out(SKU)
    opened = till.opens(order)
    assert till.sends(opened, pays_unseen(till, opened)).state is OrderState.PAID
    assert till.gateway.captured() == usd("39.33")


@pytest.mark.parametrize("text", ["", "forged", "g-1"])
def test_whatever_the_browser_says_only_the_gateway_is_believed(till, text):
    opened = till.opens(till.checks_out(SKU))
    assert till.sends(opened, text).state is OrderState.PENDING
    pays_unseen(till, opened)
    assert till.sends(opened, text).state is OrderState.PAID


def test_saying_it_twice_counts_once(till):
    opened = till.opens(till.checks_out(SKU))
    text = pays_unseen(till, opened)
    order = till.sends(opened, text)
    assert till.sends(opened, text) == order
    assert len(till.transactions_of(order)) == 1


def test_somebody_else_cannot_say_it(till):
    opened = till.opens(till.checks_out(SKU))
    with pytest.raises(UnknownOrder):
        till.sends(opened, pays_unseen(till, opened), by=BOB)


def test_a_payment_that_the_gateway_does_not_show_yet_is_awaited_before_anything_else(till):
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


def test_a_result_that_comes_to_nothing_frees_the_order_after_half_an_hour(till):
    order = till.checks_out(SKU)
    till.sends(till.opens(order), "")
    till.passes(CERTAIN_AFTER)
    till.asks(till.attempts_of(order)[0])
    till.opens(order)
    assert states(till, order) == [AttemptState.ERROR, AttemptState.OPEN]


def test_a_payment_in_a_tab_that_was_closed_is_found_by_upkeep(till):
    order = till.checks_out(SKU)
    pays_unseen(till, till.opens(order))
    till.passes(ENQUIRY_INTERVAL)
    assert till.keeps_up().asked == 1
    assert till.order(order.reference).state is OrderState.PAID
    assert till.keeps_up() == MaintenanceReport()


def test_whoever_comes_back_goes_on_with_the_same_form(till):
    order = till.checks_out(SKU)
    first = till.opens(order)
    till.passes(FORM_LIVES - TICK)
    again = till.opens(order)
    assert (again.attempt.id, again.form) == (first.attempt.id, first.form)


def test_whoever_paid_and_comes_back_is_not_shown_the_form_again(till):
    order = till.checks_out(SKU)
    pays_unseen(till, till.opens(order))
    with pytest.raises(NotPayable, match="state paid"):
        till.opens(order)
    assert till.gateway.captured() == usd("39.33")


def test_without_a_word_from_the_gateway_no_form_is_shown_again(till):
    order = till.checks_out(SKU)
    till.opens(order)
    till.gateway.goes_away()
    with pytest.raises(StillChecking):
        till.opens(order)


def test_a_declined_card_leads_to_another_form(till):
    order = till.checks_out(SKU)
    first = till.opens(order)
    till.sends(first, pays_unseen(till, first, Declined("no")))
    second = till.opens(order)
    assert states(till, order) == [AttemptState.DECLINED, AttemptState.OPEN]
    assert till.sends(second, pays_unseen(till, second)).state is OrderState.PAID


@pytest.mark.parametrize(
    "after, another", [(FORM_LIVES + GATEWAY_LAG - TICK, False), (FORM_LIVES + GATEWAY_LAG, True)]
)
def test_an_expired_form_is_replaced_once_a_payment_in_it_would_show(till, after, another):
    order = till.checks_out(SKU)
    till.opens(order)
    till.passes(after)
    if another:
        till.opens(order)
        assert states(till, order) == [AttemptState.CANCELLED, AttemptState.OPEN]
    else:
        with pytest.raises(JustExpired):
            till.opens(order)


def test_a_payment_that_shows_only_after_the_form_was_replaced_is_not_lost(till):
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


def test_two_forms_that_were_both_paid_give_one_payment_back(till):
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


def test_whoever_opened_a_form_and_left_it_may_cancel_at_once(till):
    order = till.checks_out(LAST)
    till.opens(order)
    assert till.cancels(order).state is OrderState.CANCELLED
    assert till.seats_taken(LAST) == 0


def test_cancelling_what_was_paid_unseen_finds_it_paid(till):
    order = till.checks_out(SKU)
    pays_unseen(till, till.opens(order))
    assert till.cancels(order).state is OrderState.PAID


def test_nothing_is_cancelled_while_the_gateway_does_not_answer(till):
    order = till.checks_out(SKU)
    till.opens(order)
    till.gateway.goes_away()
    with pytest.raises(StillChecking):
        till.cancels(order)
    assert till.order(order.reference).state is OrderState.PENDING


def test_the_form_of_a_cancelled_order_is_watched_and_money_by_it_counts(till):
    order = till.checks_out(SKU)
    opened = till.opens(order)
    till.cancels(order)
    pays_unseen(till, opened)
    till.passes(ENQUIRY_INTERVAL)
    till.keeps_up()
    assert till.order(order.reference).state is OrderState.PAID
    assert till.seats_taken(SKU) == 1


def test_the_form_of_a_cancelled_order_says_so_itself_as_well(till):
    order = till.checks_out(SKU)
    opened = till.opens(order)
    till.cancels(order)
    assert till.sends(opened, pays_unseen(till, opened)).state is OrderState.PAID


def test_money_for_a_seat_that_is_gone_goes_back(till):
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
def test_a_card_that_is_declined_after_its_order_was_cancelled_is_no_contradiction(till, no):
    order = till.checks_out(SKU)
    opened = till.opens(order)
    till.cancels(order)
    till.hears(opened.attempt, no)
    assert till.order(order.reference).attention is None


def test_a_form_is_watched_until_nothing_can_come_of_it_any_more(till):
    order = till.checks_out(SKU)
    till.opens(order)
    asked = 0
    while till.attempts_of(order)[0].ask_at is not None:
        till.passes(MINUTE)
        asked += till.keeps_up().asked
        assert till.now <= order.placed_at + LAPSES
    assert till.now == order.placed_at + LAPSES
    assert asked == LAPSES / ENQUIRY_INTERVAL
    assert states(till, order) == [AttemptState.CANCELLED]
    assert till.order(order.reference).state is OrderState.EXPIRED


def test_a_form_is_not_forgotten_while_the_gateway_does_not_answer(till):
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


def test_an_order_is_held_as_long_as_its_form_can_be_paid(till):
    till.hold = MINUTE
    order = till.checks_out(SKU)
    opened = till.opens(order)
    assert till.order(order.reference).held_until >= opened.form.expires_at + GATEWAY_LAG
    till.passes(FORM_LIVES - TICK)
    till.keeps_up()
    assert till.order(order.reference).state is OrderState.PENDING


def test_an_order_that_is_given_up_while_its_form_is_made_gets_none(till):
    order = till.checks_out(SKU)
    till.gateway.when_opened = lambda: till.cancels(order)
    with pytest.raises(FormWithdrawn):
        till.opens(order)
    assert till.order(order.reference).state is OrderState.CANCELLED


def test_of_two_forms_opened_at_once_one_is_shown(till):
    order = till.checks_out(SKU)

    def once():
        till.gateway.when_opened = lambda: None
        till.opens(order)

    till.gateway.when_opened = once
    with pytest.raises(FormWithdrawn):
        till.opens(order)
    assert states(till, order) == [AttemptState.CANCELLED, AttemptState.OPEN]


def test_one_payment_is_not_counted_for_two_attempts():
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
    assert [attempt.ask_at for attempt in till.attempts_of(order)] == [None, None]


def test_a_review_that_begins_after_the_order_was_cancelled_is_told_to_a_person_once(till):
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


def test_a_form_that_nobody_used_lapses_without_a_word_in_the_history(till):
    till.hold = 60 * MINUTE
    order = till.checks_out(SKU)
    till.opens(order)
    told = till.history(order)
    for after, state in ((LAPSES - TICK, AttemptState.OPEN), (TICK, AttemptState.CANCELLED)):
        till.passes(after)
        [attempt] = till.attempts_of(order)
        assert till.asks(attempt).state is state
    assert till.history(order) == told


def test_a_card_that_was_declined_in_a_form_keeps_nobody_from_cancelling(till):
    order = till.checks_out(SKU)
    opened = till.opens(order)
    till.sends(opened, pays_unseen(till, opened, Declined("no")))
    till.gateway.goes_away()
    assert till.cancels(order).state is OrderState.CANCELLED


def test_what_is_said_of_a_form_long_after_it_lapsed_is_written_down_only_if_money_came(till):
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
