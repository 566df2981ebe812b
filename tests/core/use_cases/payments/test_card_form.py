"""Card forms: opening, paying, payment enquiries and cancellation."""

from contextlib import contextmanager

import attrs
import pytest

from adapters.memory.payment_gateway import MemoryGateway
from core.errors import Conflict
from core.orders.order import UnknownOrder
from core.orders.order_state import OrderState
from core.payments.attempt import AttemptId, AttemptState, UnknownAttempt
from core.payments.gateway import (
    Authorized,
    Captured,
    Declined,
    GatewayUnavailable,
    InReview,
    NotCarriedOut,
    NotFound,
    TokenRefused,
    Unknown,
)
from core.payments.retry_schedule import LONGEST_WAIT, WAITS, next_enquiry_at
from core.use_cases.checkout.cancel_order import cancel_order
from core.use_cases.payments.card_form import NotPayable
from core.use_cases.payments.enquire import CERTAIN_AFTER, StillChecking
from coursetill_testing.makers import ADA, BOB, HOUR, MINUTE, NOW, TICK, usd
from coursetill_testing.till import stocked

SKU = "6.86x-1T2027"


class BusyGateway(MemoryGateway):
    """A gateway during whose work something else happens in the shop."""

    when_verified = when_charged = staticmethod(lambda: None)

    def verify(self, attempt, text, /):
        token = super().verify(attempt, text)
        self.when_verified()
        return token

    def charge(self, attempt, token, /):
        self.when_charged()
        return super().charge(attempt, token)


class ForgetfulGateway(MemoryGateway):
    """A gateway that finds nothing, whatever it did."""

    def find(self, attempt, /):
        return NotFound()


class ConfusedGateway(MemoryGateway):
    """A gateway that denies what it said before."""

    def find(self, attempt, /):
        return NotCarriedOut("no such payment")


def states(till, order):
    return [attempt.state for attempt in till.attempts_of(order)]


def test_a_card_form_charges_the_whole_order(till):
    order = till.checks_out(SKU)
    opened = till.opens(order)
    assert opened.attempt.amount == order.total
    assert opened.attempt.state is AttemptState.OPEN
    assert opened.attempt.session_expires_at == opened.form.expires_at


def test_an_open_form_is_shown_again(till):
    order = till.checks_out(SKU)
    first = till.opens(order)
    assert till.opens(order).attempt.id == first.attempt.id
    assert till.opens(order).form == first.form


def test_an_expired_form_is_replaced_and_its_attempt_cancelled(till):
    order = till.checks_out(SKU)
    till.opens(order)
    till.passes(15 * MINUTE)
    till.opens(order)
    assert states(till, order) == [AttemptState.CANCELLED, AttemptState.OPEN]


def test_a_new_form_extends_the_hold_by_half_an_hour(till):
    order = till.checks_out(SKU)
    till.passes(20 * MINUTE)
    till.opens(order)
    assert till.order(order.reference).held_until == NOW + 50 * MINUTE


def test_no_form_opens_while_the_gateway_is_unreachable_and_the_order_is_kept(till):
    order = till.checks_out(SKU)
    till.gateway.goes_away()
    with pytest.raises(GatewayUnavailable):
        till.opens(order)
    till.gateway.comes_back()
    assert till.pays(order).state is OrderState.PAID


@pytest.mark.parametrize("answer", [Unknown("lost"), InReview("g", "fraud rules")])
def test_no_second_form_opens_while_a_payment_is_in_doubt(till, answer):
    order = till.checks_out(SKU)
    till.pays(order, answer)
    with pytest.raises((StillChecking, NotPayable)):
        till.opens(order)
    assert len(till.attempts_of(order)) == 1


def test_a_paid_order_cannot_be_paid_again(till):
    order = till.buys(SKU)
    with pytest.raises(NotPayable, match="state paid"):
        till.opens(order)


def test_an_order_of_another_learner_cannot_be_paid_or_cancelled(till):
    order = till.checks_out(SKU)
    with pytest.raises(UnknownOrder):
        till.opens(order, by=BOB)
    opened = till.opens(order)
    with pytest.raises(UnknownOrder):
        till.sends(opened, by=BOB)
    with pytest.raises(UnknownOrder):
        cancel_order(order.reference, BOB.id, begin=till.begin, gateway=till.gateway, now=till.now)
    assert till.gateway.captured() == usd("0")


def test_an_unknown_attempt_cannot_be_paid(till):
    opened = till.opens(till.checks_out(SKU))
    with pytest.raises(UnknownAttempt):
        till.sends(type(opened)(opened.order, _renamed(opened.attempt), opened.form))


def _renamed(attempt):
    return attrs.evolve(attempt, id=AttemptId("A-NEVER"))


def test_a_paid_order_is_delivered_and_its_products_leave_the_basket(till):
    till.puts("14.310x-1T2027")
    till.enters("SPRING")
    order = till.checks_out(SKU)
    till.puts("14.73x-1T2027")
    paid = till.pays(order)
    assert paid.state is OrderState.PAID
    assert till.uses_of(order) == {"SPRING": "redeemed"}
    assert [line.item.sku.text for line in till.basket().quote.lines] == ["14.73x-1T2027"]
    assert till.basket().basket.codes == ()
    assert till.events_of(order) == [
        "order.placed",
        "order.paid",
        "line.fulfilment_requested",
        "line.fulfilment_requested",
    ]


def test_the_transaction_stores_the_captured_amount_and_the_card(till):
    order = till.buys(SKU)
    [transaction] = till.transactions_of(order)
    assert transaction.amount == till.gateway.captured() == usd("39.33")
    assert str(transaction.card) == "Visa ending in 1111"
    assert till.history(order)[-1].why == "$39.33 paid by Visa ending in 1111"


def test_submitting_the_form_twice_charges_once(till):
    opened = till.opens(till.checks_out(SKU))
    card = till.gateway.type_card(opened.form)
    first = till.sends(opened, card)
    assert till.sends(opened, card).state is first.state is OrderState.PAID
    assert till.gateway.captured() == usd("39.33")
    assert len(till.transactions_of(first)) == 1


@pytest.mark.parametrize("text", ["", "forged", "g-1"])
def test_a_forged_token_is_refused_and_nothing_is_charged(till, text):
    order = till.checks_out(SKU)
    with pytest.raises(TokenRefused):
        till.sends(till.opens(order), text)
    assert states(till, order) == [AttemptState.OPEN]
    assert till.pays(order).state is OrderState.PAID


def test_the_token_of_another_form_is_refused(till):
    hers = till.opens(till.checks_out(SKU))
    his = till.opens(till.checks_out(SKU, by=BOB), by=BOB)
    with pytest.raises(TokenRefused):
        till.sends(hers, till.gateway.type_card(his.form))


def test_an_expired_card_token_is_refused(till):
    opened = till.opens(till.checks_out(SKU))
    card = till.gateway.type_card(opened.form)
    till.passes(15 * MINUTE)
    with pytest.raises(TokenRefused):
        till.sends(opened, card)


def test_the_form_of_a_cancelled_order_charges_nothing(till):
    order = till.checks_out(SKU)
    opened = till.opens(order)
    till.cancels(order)
    assert till.sends(opened).state is OrderState.CANCELLED
    assert till.gateway.captured() == usd("0")


def test_an_order_cancelled_just_before_the_charge_is_not_charged():
    till = stocked(BusyGateway)
    order = till.checks_out(SKU)
    opened = till.opens(order)
    till.gateway.when_verified = lambda: till.cancels(order)
    assert till.sends(opened).state is OrderState.CANCELLED
    assert (till.gateway.captured(), till.seats_taken(SKU)) == (usd("0"), 0)


def test_cancellation_is_refused_during_the_charge():
    till = stocked(BusyGateway)
    order = till.checks_out(SKU)

    def cancels():
        with pytest.raises(StillChecking):
            till.cancels(order)

    till.gateway.when_charged = cancels
    assert till.pays(order).state is OrderState.PAID
    assert till.gateway.captured() == usd("39.33")


def test_an_order_paid_just_before_it_expires_stays_paid(till):
    order = till.checks_out(SKU)
    opened = till.opens(order)
    begun = []

    @contextmanager
    def begin():
        begun.append(True)
        if len(begun) == 3:  # whose order it is, what is in doubt, and now to give it up
            till.gateway.answers_next(Unknown("connection lost"))
            till.sends(opened)
        with till.begin() as work:
            yield work

    with pytest.raises(StillChecking):
        cancel_order(order.reference, ADA.id, begin=begin, gateway=till.gateway, now=till.now)
    assert till.order(order.reference).state is OrderState.PENDING
    assert till.seats_taken(SKU) == 1


def test_cancelling_releases_seats_and_codes_and_keeps_the_basket(till):
    till.puts("14.73x-1T2027")
    till.enters("SPRING")
    order = till.checks_out()
    till.opens(order)
    assert till.cancels(order).state is OrderState.CANCELLED
    assert till.seats_taken("14.73x-1T2027") == 0
    assert till.uses_of(order) == {"SPRING": "released"}
    assert states(till, order) == [AttemptState.CANCELLED]
    assert till.events_of(order) == ["order.placed", "order.cancelled"]
    assert len(till.basket().quote.lines) == 1


def test_cancelling_twice_is_like_cancelling_once(till):
    order = till.checks_out(SKU)
    till.cancels(order)
    assert till.cancels(order).state is OrderState.CANCELLED
    assert till.seats_taken(SKU) == 0


def test_a_paid_order_cannot_be_cancelled(till):
    order = till.buys(SKU)
    assert till.cancels(order).state is OrderState.PAID


def test_cancelling_an_order_with_an_unnoticed_capture_finds_it_paid(till):
    order = till.checks_out(SKU)
    till.gateway.loses_next_answer()
    assert till.pays(order).state is OrderState.PENDING
    assert till.cancels(order).state is OrderState.PAID


def test_cancellation_is_refused_while_a_payment_is_in_doubt(till):
    order = till.checks_out(SKU)
    till.pays(order, Unknown("connection lost"))
    till.gateway.goes_away()
    with pytest.raises(StillChecking) as waiting:
        till.cancels(order)
    assert isinstance(waiting.value, Conflict)
    assert till.order(order.reference).state is OrderState.PENDING


@pytest.mark.parametrize(
    "after, state",
    [(CERTAIN_AFTER - TICK, AttemptState.UNKNOWN), (CERTAIN_AFTER, AttemptState.ERROR)],
)
def test_not_found_is_conclusive_only_long_after_sending(till, after, state):
    order = till.checks_out(SKU)
    till.pays(order, Unknown("connection lost"))
    till.passes(after)
    [attempt] = till.attempts_of(order)
    assert till.asks(attempt).state is state


def test_another_attempt_can_follow_one_that_ended_without_a_payment(till):
    order = till.checks_out(SKU)
    till.pays(order, Unknown("connection lost"))
    till.passes(CERTAIN_AFTER)
    till.asks(till.attempts_of(order)[0])
    assert till.pays(order).state is OrderState.PAID
    assert till.gateway.captured() == usd("39.33")


def test_enquiries_about_an_attempt_become_less_frequent(till):
    order = till.checks_out(SKU)
    till.pays(order, Unknown("connection lost"))
    waits = []
    for _ in range(12):
        [attempt] = till.attempts_of(order)
        waits.append(attempt.next_enquiry_at - till.now)
        till.now = attempt.next_enquiry_at
        till.gateway.goes_away()
        till.asks(attempt)
    assert waits == sorted(waits)
    assert waits[0] == WAITS[0]
    assert waits[-1] == LONGEST_WAIT == next_enquiry_at(NOW, 99) - NOW


def test_a_review_is_polled_at_the_longest_interval_and_not_found_proves_nothing():
    till = stocked(ForgetfulGateway)
    order = till.checks_out(SKU)
    till.pays(order, InReview("g-review", "fraud rules"))
    [attempt] = till.attempts_of(order)
    assert attempt.next_enquiry_at == NOW + LONGEST_WAIT
    till.passes(72 * HOUR)
    asked = till.asks(attempt)
    assert (asked.state, asked.next_enquiry_at) == (AttemptState.REVIEW, till.now + LONGEST_WAIT)
    assert till.order(order.reference).attention is None


@pytest.mark.parametrize("answer", [InReview("g-review", ""), Authorized("g-auth", usd("39.33"))])
def test_a_continuing_review_adds_no_history_entries(till, answer):
    order = till.checks_out(SKU)
    till.pays(order, answer)
    before = till.history(order)
    for _ in range(3):
        till.passes(LONGEST_WAIT)
        [attempt] = till.attempts_of(order)
        assert till.asks(attempt).next_enquiry_at == till.now + LONGEST_WAIT
    assert till.history(order) == before


def test_an_enquiry_finds_a_review_accepted(till):
    order = till.checks_out(SKU)
    till.pays(order, InReview("g-review", "fraud rules"))
    [attempt] = till.attempts_of(order)
    till.gateway.decides(attempt, Captured("g-paid", order.total))
    assert till.asks(attempt).state is AttemptState.CAPTURED
    assert till.order(order.reference).state is OrderState.PAID


def test_an_enquiry_finds_a_review_rejected(till):
    order = till.checks_out(SKU)
    till.pays(order, InReview("g-review", "fraud rules"))
    [attempt] = till.attempts_of(order)
    till.gateway.decides(attempt, Declined("rejected by a person"))
    assert till.asks(attempt).state is AttemptState.DECLINED
    assert till.order(order.reference).state is OrderState.CANCELLED
    assert till.seats_taken(SKU) == 0


def test_an_enquiry_without_effect_is_repeated_after_the_longest_interval():
    till = stocked(ConfusedGateway)
    order = till.checks_out(SKU)
    till.pays(order, InReview("g-review", "fraud rules"))
    till.passes(HOUR)
    asked = till.asks(till.attempts_of(order)[0])
    assert (asked.state, asked.next_enquiry_at) == (AttemptState.REVIEW, till.now + LONGEST_WAIT)
    assert "the gateway says error, after it said review" in till.order(order.reference).attention


def test_the_history_names_the_learner_who_cancelled(till):
    order = till.checks_out(SKU)
    till.cancels(order)
    last = till.history(order)[-1]
    assert (str(last.by), last.why) == (f"learner {ADA.id}", "cancelled by the learner")
