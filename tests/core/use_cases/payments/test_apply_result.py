"""The effect of each payment result on an order: early, late and repeated."""

import pytest

from core.discounts.discount import Limits, RedemptionType
from core.money import Currency, Money
from core.orders.line import Fulfilment
from core.orders.order_state import OrderState
from core.payments.attempt import AttemptId, AttemptState
from core.payments.gateway import (
    Authorized,
    Cancelled,
    Captured,
    Declined,
    InReview,
    NotCarriedOut,
    RefundAccepted,
    Unknown,
)
from core.payments.refund import RefundState
from core.payments.retry_schedule import LONGEST_WAIT
from core.products.product import Sku
from core.use_cases.payments.apply_result import MOST_DECLINES
from core.use_cases.payments.card_form import open_card_form
from core.use_cases.shopping.basket import remove_from_basket
from coursetill_testing.makers import ADA, BOB, HOUR, MINUTE, discount, usd

SKU, LAST = "6.86x-1T2027", "14.73x-1T2027"
PAID = Captured("g-late", usd("39.33"))


@pytest.fixture
def order(till):
    return till.checks_out(SKU)


def attempt_of(till, order):
    return till.attempts_of(order)[-1]


@pytest.mark.parametrize(
    "answer, state, attempt_state",
    [
        (None, OrderState.PAID, AttemptState.CAPTURED),
        (Authorized("g-1", usd("39.33")), OrderState.REVIEW, AttemptState.REVIEW),
        (Declined("The bank said no"), OrderState.PENDING, AttemptState.DECLINED),
        (InReview("g-1", "fraud rules"), OrderState.REVIEW, AttemptState.REVIEW),
        (Cancelled(), OrderState.PENDING, AttemptState.CANCELLED),
        (NotCarriedOut("refused by us"), OrderState.PENDING, AttemptState.ERROR),
        (Unknown("connection lost"), OrderState.PENDING, AttemptState.UNKNOWN),
    ],
)
def test_each_payment_result_sets_the_state_of_order_and_attempt(
    till, order, answer, state, attempt_state
):
    after = till.pays(order, answer)
    assert (after.state, attempt_of(till, order).state) == (state, attempt_state)
    held = 0 if state is OrderState.CANCELLED else 1
    assert till.seats_taken(SKU) == held


def test_another_card_can_be_tried_after_a_decline(till, order):
    till.pays(order, Declined("The bank said no"))
    assert attempt_of(till, order).reason == "The bank said no"
    assert till.pays(order).state is OrderState.PAID
    assert [a.state for a in till.attempts_of(order)] == [
        AttemptState.DECLINED,
        AttemptState.CAPTURED,
    ]


def test_the_fifth_declined_card_is_the_last(till, order):
    for count in range(1, MOST_DECLINES):
        assert till.pays(order, Declined(f"no {count}")).state is OrderState.PENDING
        assert till.seats_taken(SKU) == 1
    assert till.pays(order, Declined("no at last")).state is OrderState.DECLINED
    assert till.seats_taken(SKU) == 0
    assert till.events_of(order) == ["order.placed", "order.declined"]


def test_only_declines_count_towards_the_limit_of_declines(till, order):
    for _ in range(MOST_DECLINES):
        till.pays(order, NotCarriedOut("our mistake"))
    assert till.pays(order, Declined("no")).state is OrderState.PENDING


def test_an_authorisation_without_capture_is_not_paid_and_needs_attention(till, order):
    after = till.pays(order, Authorized("g-1", usd("39.33")))
    assert after.attention == "authorised but not captured"
    assert till.transactions_of(order) == ()


@pytest.mark.parametrize("amount", ["39.32", "39.34", "0.01"])
def test_a_capture_of_another_amount_is_refunded_and_the_order_is_not_paid(till, order, amount):
    after = till.pays(order, Captured("g-odd", usd(amount)))
    assert after.state is OrderState.PENDING
    assert f"captured ${amount} where $39.33 was due" in after.attention
    assert attempt_of(till, order).state is AttemptState.OVERPAID
    [back] = till.refunds_of(order)
    assert (back.amount, back.overpayment, back.captured_as) == (usd(amount), True, "g-odd")
    assert till.pays(order).state is OrderState.PAID


@pytest.mark.parametrize("currency", [Currency.EUR, Currency.KWD])
def test_a_capture_in_another_currency_is_refunded_and_the_order_is_not_paid(till, order, currency):
    amount = Money(order.total.minor, currency)
    after = till.pays(order, Captured("g-odd", amount))
    assert after.state is OrderState.PENDING
    assert after.attention is not None
    assert attempt_of(till, order).state is AttemptState.OVERPAID
    [taken] = till.transactions_of(order)
    [back] = till.refunds_of(order)
    assert (taken.amount, back.amount, back.overpayment) == (amount, amount, True)
    assert till.pays(order).state is OrderState.PAID


def test_a_review_captured_at_another_amount_ends_the_order(till, order):
    till.pays(order, InReview("g-1", "fraud rules"))
    after = till.hears(attempt_of(till, order), Captured("g-odd", usd("30.00")))
    assert after.state is OrderState.CANCELLED
    assert till.seats_taken(SKU) == 0
    [back] = till.refunds_of(order)
    assert back.amount == usd("30.00")


ANSWERS = [
    PAID,
    Declined("no"),
    InReview("g-1", "fraud rules"),
    Cancelled(),
    NotCarriedOut("our mistake"),
    Unknown("lost"),
    Authorized("g-1", usd("39.33")),
]


@pytest.mark.parametrize("answer", ANSWERS, ids=lambda answer: type(answer).__name__)
def test_a_repeated_result_changes_nothing(till, order, answer):
    opened = till.opens(order)
    once = till.hears(opened.attempt, answer)
    seen = (till.history(order), till.transactions_of(order), till.refunds_of(order))
    events = till.events_of(order)
    again = till.hears(opened.attempt, answer)
    assert (again.state, again.lines, again.attention) == (once.state, once.lines, once.attention)
    assert (till.history(order), till.transactions_of(order), till.refunds_of(order)) == seen
    assert till.events_of(order) == events


@pytest.mark.parametrize("later", ANSWERS, ids=lambda answer: type(answer).__name__)
@pytest.mark.parametrize("first", ANSWERS, ids=lambda answer: type(answer).__name__)
def test_two_results_in_any_order_never_lose_a_capture(till, order, first, later):
    attempt = till.opens(order).attempt
    till.hears(attempt, first)
    after = till.hears(attempt, later)
    captured = isinstance(first, Captured) or isinstance(later, Captured)
    assert (after.state is OrderState.PAID) is captured
    assert len(till.transactions_of(order)) == captured
    assert till.seats_taken(SKU) == (after.state is not OrderState.CANCELLED)


@pytest.mark.parametrize(
    "later", [Declined("no"), InReview("g", ""), Cancelled(), NotCarriedOut("x")]
)
def test_a_message_that_contradicts_a_capture_flags_the_order(till, order, later):
    till.pays(order)
    after = till.hears(attempt_of(till, order), later)
    assert after.state is OrderState.PAID
    assert after.attention.startswith("the gateway says")
    assert after.attention.endswith("after it said captured")


def test_a_decline_after_not_found_flags_the_order(till, order):
    till.pays(order, NotCarriedOut("not found"))
    after = till.hears(attempt_of(till, order), Declined("no"))
    assert after.attention == "the gateway says declined, after it said error"


def test_a_second_capture_of_one_attempt_is_refunded(till, order):
    till.pays(order)
    after = till.hears(attempt_of(till, order), Captured("g-twice", usd("39.33")))
    assert after.state is OrderState.PAID
    assert after.attention == "captured a second time under one attempt"
    [back] = till.refunds_of(order)
    assert (back.captured_as, back.overpayment) == ("g-twice", True)
    assert len(till.transactions_of(order)) == 2


def test_a_capture_of_an_earlier_attempt_of_a_paid_order_is_refunded(till, order):
    till.pays(order, Declined("no"))
    till.pays(order)
    first, _ = till.attempts_of(order)
    after = till.hears(first, PAID)
    assert (after.state, after.attention) == (
        OrderState.PAID,
        "paid again, though it was paid already",
    )
    [back] = till.refunds_of(order)
    assert (back.attempt, back.overpayment, back.state) == (first.id, True, RefundState.REQUESTED)
    till.keeps_up()
    assert till.refunds_of(order)[0].state is not RefundState.REQUESTED


def test_a_capture_of_a_refunded_order_is_refunded(till, order):
    till.pays(order, Declined("no"))
    till.refunds(till.pays(order))
    first, _ = till.attempts_of(order)
    assert till.hears(first, PAID).state is OrderState.REFUNDED
    assert sorted(refund.overpayment for refund in till.refunds_of(order)) == [False, True]


def test_refunding_an_overpayment_leaves_the_order_unchanged(till, order):
    till.pays(order, Declined("no"))
    till.pays(order)
    till.hears(till.attempts_of(order)[0], PAID)
    till.gateway.refunds_next(RefundAccepted("g-back"))
    till.keeps_up()
    [back] = till.refunds_of(order)
    assert (back.accepted, back.gateway_id) == (True, "g-back")
    after = till.order(order.reference)
    assert (after.state, after.line(1).fulfilment) == (OrderState.PAID, Fulfilment.AWAITING)
    assert till.seats_taken(SKU) == 1


def expired(till, sku=SKU):
    order = till.checks_out(sku)
    till.opens(order)
    till.passes(HOUR)
    till.keeps_up()
    assert till.order(order.reference).state is OrderState.EXPIRED
    return order


def test_a_late_capture_is_applied_if_the_order_can_be_delivered(till):
    order = expired(till)
    assert till.seats_taken(SKU) == 0
    after = till.hears(attempt_of(till, order), PAID)
    assert after.state is OrderState.PAID
    assert after.line(1).fulfilment is Fulfilment.AWAITING
    assert till.seats_taken(SKU) == 1
    assert till.refunds_of(order) == ()


def test_a_late_capture_without_a_free_seat_is_refunded(till):
    order = expired(till, LAST)
    till.buys(LAST, by=BOB)
    after = till.hears(attempt_of(till, order), Captured("g-late", usd("100.01")))
    assert after.state is OrderState.EXPIRED
    assert "it cannot be delivered: Every seat" in after.attention
    [back] = till.refunds_of(order)
    assert (back.amount, back.overpayment) == (usd("100.01"), True)
    assert till.seats_taken(LAST) == 1


def test_a_late_capture_reserves_its_code_again(till):
    till.enters("SPRING")
    order = expired(till)
    assert till.uses_of(order) == {"SPRING": "released"}
    till.hears(attempt_of(till, order), Captured("g-late", usd("29.50")))
    with till.read() as work:
        assert sorted(use.state.value for use in work.redemptions.of(order.reference)) == [
            "redeemed",
            "released",
        ]


def test_a_late_capture_with_a_used_up_code_is_refunded(till):
    till.offers(discount("ONCE", "dollars-off", "5", limits=Limits(RedemptionType.ONE_TIME)))
    till.enters("ONCE")
    order = expired(till)
    till.enters("ONCE", by=BOB)
    till.buys(SKU, by=BOB)
    after = till.hears(attempt_of(till, order), Captured("g-late", usd("34.33")))
    assert after.state is OrderState.EXPIRED
    assert 'The code "ONCE" is used up' in after.attention
    assert len(till.refunds_of(order)) == 1


def test_a_late_capture_of_a_product_bought_in_the_meantime_is_refunded(till):
    order = expired(till)
    till.buys(SKU)
    after = till.hears(attempt_of(till, order), PAID)
    assert after.state is OrderState.EXPIRED
    assert "You bought Course 6.86x already" in after.attention
    assert till.seats_taken(SKU) == 1


def test_a_late_capture_of_a_run_of_a_program_bought_in_the_meantime_is_refunded(till):
    order = expired(till, "14.310x-1T2027")
    remove_from_basket(ADA, Sku("14.310x-1T2027"), begin=till.begin)
    till.buys("DEDP")
    after = till.hears(attempt_of(till, order), Captured("g-late", usd("199.99")))
    assert after.state is OrderState.EXPIRED
    assert "is part of the program DEDP" in after.attention


def test_a_review_accepted_after_a_second_purchase_is_refunded_and_its_order_ends(till):
    held = till.checks_out(SKU)
    till.pays(held, InReview("g-review", "fraud rules"))
    bought = till.buys(SKU)
    assert bought.reference != held.reference
    after = till.hears(attempt_of(till, held), PAID)
    assert after.state is OrderState.CANCELLED
    assert f"You bought Course 6.86x already, with order {bought.reference}" in after.attention
    assert till.refunds_of(held)[0].overpayment
    assert till.seats_taken(SKU) == 1


def test_an_order_paid_after_its_duplicate_ends_and_is_refunded(till):
    held = till.checks_out(SKU)
    till.pays(held, InReview("g-review", "fraud rules"))
    twin = till.checks_out(SKU)
    till.hears(attempt_of(till, held), PAID)
    after = till.pays(twin)
    assert after.state is OrderState.CANCELLED
    assert till.order(held.reference).state is OrderState.PAID
    till.keeps_up()
    assert till.gateway.captured() == till.gateway.refunded() == usd("39.33")


def test_a_review_captured_after_an_earlier_card_paid_is_flagged(till, order):
    till.pays(order, Declined("no"))
    till.pays(order, InReview("g-review", "fraud rules"))
    first, second = till.attempts_of(order)
    assert till.hears(first, PAID).state is OrderState.PAID
    after = till.hears(second, Captured("g-2", usd("39.33")))
    assert after.attention == "paid again, though it was paid already"


def test_a_wrong_amount_on_an_earlier_card_does_not_change_the_review(till, order):
    till.pays(order, Declined("no"))
    till.pays(order, InReview("g-review", "fraud rules"))
    first, second = till.attempts_of(order)
    assert till.hears(first, Captured("g-odd", usd("1.01"))).state is OrderState.REVIEW
    assert till.hears(second, PAID).state is OrderState.PAID


def test_the_id_of_an_overpayment_refund_fits_the_gateway_and_is_unique_per_attempt(till, order):
    ids = ["ATTEMPT-WITH-A-LONG-NAME-00001", "ATTEMPT-WITH-A-LONG-NAME-00002"]
    other = till.checks_out(SKU, by=BOB)
    for name, sold, learner in zip(ids, [order, other], ["ada", "bob"], strict=True):
        opened = open_card_form(
            sold.reference,
            learner,
            AttemptId(name),
            begin=till.begin,
            gateway=till.gateway,
            now=till.now,
            hold=30 * MINUTE,
        )
        till.hears(opened.attempt, Captured(f"g-{name}", usd("1.01")))
    backs = [till.refunds_of(sold)[0].id for sold in (order, other)]
    assert len(set(backs)) == 2
    assert all(len(back) <= 30 for back in backs)


def test_a_payment_in_review_is_asked_about_half_an_hour_later(till, order):
    till.pays(order, InReview("g-1", "fraud rules"))
    assert attempt_of(till, order).next_enquiry_at == till.now + LONGEST_WAIT


def test_a_review_that_ends_in_a_decline_cancels_the_order(till, order):
    till.pays(order, InReview("g-1", "fraud rules"))
    after = till.hears(attempt_of(till, order), Declined("fraud"))
    assert after.state is OrderState.CANCELLED
    assert till.seats_taken(SKU) == 0


def test_the_fifth_declined_card_of_a_cancelled_order_leaves_it_cancelled(till, order):
    for count in range(1, MOST_DECLINES):
        till.pays(order, Declined(f"no {count}"))
    opened = till.opens(order)
    till.cancels(order)
    after = till.hears(opened.attempt, Declined("no at last"))
    assert after.state is OrderState.CANCELLED
    assert till.events_of(order) == ["order.placed", "order.cancelled"]


def test_the_history_says_what_was_paid_and_by_which_card(till, order):
    till.pays(order)
    assert "$39.33 paid by Visa ending in 1111" in [entry.why for entry in till.history(order)]


def test_a_second_capture_of_an_overpaid_attempt_goes_back_as_well(till, order):
    till.pays(order, Captured("g-odd", usd("1.01")))
    till.hears(attempt_of(till, order), Captured("g-more", usd("39.33")))
    assert till.order(order.reference).state is OrderState.PENDING
    backs = till.refunds_of(order)
    assert [(back.captured_as, back.overpayment) for back in backs] == [
        ("g-odd", True),
        ("g-more", True),
    ]


def test_a_review_that_ends_in_a_cancellation_cancels_the_order(till, order):
    till.pays(order, InReview("g-1", "fraud rules"))
    after = till.hears(attempt_of(till, order), Cancelled())
    assert after.state is OrderState.CANCELLED
    assert till.seats_taken(SKU) == 0


def test_a_payment_in_doubt_is_asked_about_five_seconds_later(till, order):
    till.pays(order, Unknown("lost"))
    assert (attempt_of(till, order).next_enquiry_at - till.now).total_seconds() == 5


def test_one_contradiction_is_noted_once_however_often_it_is_told(till, order):
    till.pays(order)
    for _ in range(2):
        till.hears(attempt_of(till, order), Declined("no"))
    told = [entry for entry in till.history(order) if "after it said captured" in entry.why]
    assert len(told) == 1


def test_an_answer_that_is_told_again_writes_nothing(till, order):
    paid = till.pays(order)
    [payment] = till.transactions_of(order)
    till.hears(attempt_of(till, order), Captured(payment.gateway_id, order.total))
    assert till.order(order.reference).version == till.order(paid.reference).version == paid.version
