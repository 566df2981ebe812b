"""Refunds by amount or by line, within the paid amount."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.audit_log import ReasonIsMissing
from core.errors import Refused
from core.money import Money, total
from core.orders.line import Fulfilment
from core.orders.order import UnknownLine
from core.orders.order_state import OrderState
from core.payments.gateway import (
    RefundAccepted,
    RefundFailed,
    RefundSettled,
    Unknown,
)
from core.payments.refund import RefundState
from core.use_cases.refunds.issue_refund import (
    LineIsRefunded,
    NothingToRefund,
    RefundSelection,
    RefundTooLarge,
    issue_refund,
)
from coursetill_testing.makers import CLERK, discount, run, usd
from coursetill_testing.till import Till, stocked
from tests.core.overtaken import overtaken

DEAR, CHEAP, FREE = "14.310x-1T2027", "6.86x-1T2027", "free-1T2027"


@pytest.fixture
def order(till):
    """$199.99 and $39.33, and a line that costs nothing: $239.32."""
    return till.buys(DEAR, CHEAP, FREE)


def states(order):
    return [line.fulfilment.value for line in order.lines]


def test_a_full_refund_revokes_every_line(till, order):
    given_back = till.refunds(order)
    after = till.order(order.reference)
    assert (given_back.amount, after.state) == (usd("239.32"), OrderState.REFUNDED)
    assert states(after) == ["revoked"] * 3
    assert [line.refunded for line in after.lines] == [usd("199.99"), usd("39.33"), usd("0")]
    assert [till.seats_taken(sku) for sku in (DEAR, CHEAP, FREE)] == [0, 0, 0]
    assert till.gateway.refunded() == usd("239.32")


def test_a_partial_refund_by_amount_revokes_nothing(till, order):
    till.refunds(order, usd("39.32"))
    after = till.order(order.reference)
    assert (after.state, states(after)) == (OrderState.PARTIALLY_REFUNDED, ["awaiting"] * 3)
    assert after.line(1).refunded == usd("0")
    assert till.seats_taken(DEAR) == 1


def test_a_refund_of_a_line_revokes_that_line_only(till, order):
    given_back = till.refunds(order, None, 2)
    after = till.order(order.reference)
    assert given_back.amount == usd("39.33")
    assert (after.state, states(after)) == (
        OrderState.PARTIALLY_REFUNDED,
        ["awaiting", "revoked", "awaiting"],
    )
    assert (till.seats_taken(DEAR), till.seats_taken(CHEAP)) == (1, 0)


def test_the_last_cent_by_amount_makes_the_order_refunded_and_revokes_every_line(till, order):
    till.refunds(order, usd("239.31"))
    assert till.order(order.reference).state is OrderState.PARTIALLY_REFUNDED
    till.refunds(order, usd("0.01"))
    after = till.order(order.reference)
    assert (after.state, states(after)) == (OrderState.REFUNDED, ["revoked"] * 3)


def test_one_part_after_another_leaves_it_partially_refunded(till, order):
    for amount in ("10.01", "20.02", "30.03"):
        till.refunds(order, usd(amount))
        after = till.order(order.reference)
        assert (after.state, states(after)) == (OrderState.PARTIALLY_REFUNDED, ["awaiting"] * 3)
    assert till.gateway.refunded() == usd("60.06")
    assert till.events_of(order).count("order.refunded") == 3


def test_the_remainder_can_be_refunded_after_a_refund_by_amount(till, order):
    till.refunds(order, usd("100.00"))
    rest = till.refunds(order)
    assert (rest.amount, rest.lines) == (usd("139.32"), ())
    assert till.order(order.reference).state is OrderState.REFUNDED


def test_the_remainder_can_be_refunded_after_a_refund_of_a_line(till, order):
    till.refunds(order, None, 1)
    assert till.refunds(order).amount == usd("39.33")
    assert till.order(order.reference).state is OrderState.REFUNDED


@pytest.mark.parametrize("amount", ["239.33", "1000000.00"])
def test_a_refund_above_the_refundable_amount_is_refused_and_the_amount_shown(till, order, amount):
    with pytest.raises(RefundTooLarge, match=r"left \$239.32"):
        till.refunds(order, usd(amount))
    assert till.refunds_of(order) == ()


@pytest.mark.parametrize("minor", [0, -1, -23932])
def test_zero_and_negative_refunds_are_refused(till, order, minor):
    with pytest.raises(RefundTooLarge):
        till.refunds(order, Money(minor))


def test_a_line_cannot_be_refunded_twice(till, order):
    till.refunds(order, None, 2)
    with pytest.raises(LineIsRefunded, match="reference CT-0001, position 2"):
        till.refunds(order, None, 2)


def test_a_line_selected_twice_is_refunded_once(till, order):
    assert till.refunds(order, None, 2, 2).amount == usd("39.33")


def test_an_unknown_line_cannot_be_refunded(till, order):
    with pytest.raises(UnknownLine):
        till.refunds(order, None, 4)


def test_a_line_that_costs_more_than_the_remainder_is_refused(till, order):
    till.refunds(order, usd("50.00"))
    with pytest.raises(RefundTooLarge, match=r"wanted \$199.99"):
        till.refunds(order, None, 1)


def test_a_refund_requires_a_reason(till, order):
    with pytest.raises(ReasonIsMissing):
        issue_refund(
            order.reference,
            RefundSelection(),
            "  ",
            refund_id="R1",
            staff=CLERK,
            begin=till.begin,
            gateway=till.gateway,
            now=till.now,
        )


def test_an_unpaid_order_cannot_be_refunded(till):
    order = till.checks_out(DEAR)
    with pytest.raises(NothingToRefund, match="state pending"):
        till.refunds(order)


@pytest.mark.parametrize("positions", [(), (1,)])
def test_a_refunded_order_cannot_be_refunded_again(till, order, positions):
    till.refunds(order)
    with pytest.raises((NothingToRefund, LineIsRefunded)):
        till.refunds(order, None, *positions)


def test_a_repeated_refund_request_is_made_once(till, order):
    first = till.refunds(order, usd("10.01"), named="R-ONCE")
    assert till.refunds(order, usd("10.01"), named="R-ONCE") == first
    assert till.gateway.refunded() == usd("10.01")


def refunds_at_once(till, order, selection):
    """Refund an order that another member of staff refunds in full at the same moment."""
    return issue_refund(
        order.reference,
        selection,
        "the course was cancelled",
        refund_id="R-SECOND",
        staff=CLERK,
        begin=overtaken(till.records, lambda: till.refunds(order)),
        gateway=till.gateway,
        now=till.now,
    )


@pytest.mark.parametrize(
    "selection", [RefundSelection(), RefundSelection(usd("0.01")), RefundSelection(positions=(2,))]
)
def test_the_second_of_two_concurrent_refunds_counts_the_first(till, order, selection):
    with pytest.raises((NothingToRefund, RefundTooLarge, LineIsRefunded)):
        refunds_at_once(till, order, selection)
    assert [back.amount for back in till.refunds_of(order)] == [order.total]
    assert till.gateway.refunded() == order.total


def test_concurrent_refunds_of_a_free_order_make_one(till):
    order = till.checks_out(FREE)
    with pytest.raises(NothingToRefund):
        refunds_at_once(till, order, RefundSelection())
    assert till.seats_taken(FREE) == 0
    assert till.events_of(order).count("order.refunded") == 1


@pytest.mark.parametrize(
    "amount, positions, overpayment",
    [(usd("1.01"), (1,), False), (usd("1.01"), (), True), (None, (1,), True)],
)
def test_a_refund_selects_an_amount_or_lines_and_not_both(amount, positions, overpayment):
    with pytest.raises(ValueError, match="by amount, by line or of an excess"):
        RefundSelection(amount, positions, overpayment=overpayment)


def test_a_free_line_is_revoked_without_a_gateway(till, order):
    till.gateway.goes_away()
    assert till.refunds(order, None, 3) is None
    after = till.order(order.reference)
    assert (after.state, states(after)) == (OrderState.PAID, ["awaiting", "awaiting", "revoked"])
    assert till.seats_taken(FREE) == 0
    with pytest.raises(LineIsRefunded):
        till.refunds(order, None, 3)


def test_a_free_order_is_refunded_without_a_gateway(till):
    order = till.checks_out(FREE)
    till.gateway.goes_away()
    assert till.refunds(order) is None
    after = till.order(order.reference)
    assert (after.state, states(after)) == (OrderState.REFUNDED, ["revoked"])
    with pytest.raises(NothingToRefund):
        till.refunds(order)


def test_a_free_order_of_two_lines_is_refunded_once_both_are_revoked(till):
    till.sells(run("gift-1T2027", "0.00"))
    till.puts("gift-1T2027")
    order = till.checks_out(FREE)
    till.refunds(order, None, 1)
    assert till.order(order.reference).state is OrderState.PAID
    till.refunds(order, None, 2)
    assert till.order(order.reference).state is OrderState.REFUNDED


def test_a_full_refund_releases_the_code_and_a_partial_one_does_not(till):
    till.enters("SPRING")
    order = till.buys(DEAR, CHEAP)
    till.refunds(order, None, 1)
    assert till.uses_of(order) == {"SPRING": "redeemed"}
    till.refunds(order, None, 2)
    assert till.uses_of(order) == {"SPRING": "released"}


def test_a_refunded_program_releases_every_seat_it_took(till):
    till.puts("DEDP", DEAR, "14.73x-1T2027")
    order = till.buys(CHEAP)
    till.refunds(order, None, 1)
    assert [till.seats_taken(sku) for sku in ("DEDP", DEAR, "14.73x-1T2027", CHEAP)] == [0, 0, 0, 1]


def test_a_learner_with_two_seats_of_a_run_keeps_the_one_not_refunded(till):
    till.buys(DEAR)
    till.puts("DEDP", DEAR)
    program = till.buys()
    assert till.seats_taken(DEAR) == 2
    till.refunds(program)
    assert till.seats_taken(DEAR) == 1


def test_events_of_a_refund_are_written_in_order(till, order):
    till.refunds(order, None, 2)
    till.refunds(order)
    assert till.events_of(order)[5:] == [
        "order.refunded",
        "line.revocation_requested",
        "order.refunded",
        "line.revocation_requested",
        "line.revocation_requested",
    ]


def test_a_preview_of_a_refund_matches_the_refund(till, order):
    foreseen = till.foresees(order, None, 2)
    assert (foreseen.amount, foreseen.left) == (usd("39.33"), usd("199.99"))
    assert [line.position for line in foreseen.revoked] == [2]
    assert till.refunds_of(order) == ()
    till.refunds(order, None, 2)
    after = till.order(order.reference)
    assert [n.position for n in after.lines if n.fulfilment is Fulfilment.REVOKED] == [2]


def test_refunding_every_line_that_was_paid_for_takes_the_free_ones_back_as_well(till, order):
    foreseen = till.foresees(order, None, 1, 2)
    assert [line.position for line in foreseen.revoked] == [1, 2, 3]


def test_refunding_the_whole_price_by_amount_takes_every_line_back(till, order):
    foreseen = till.foresees(order, order.total)
    assert [line.position for line in foreseen.revoked] == [1, 2, 3]
    assert foreseen.left == usd("0")


def test_no_line_is_revoked_before_the_gateway_accepts_the_refund(till, order):
    till.gateway.refunds_next(Unknown("connection lost"))
    till.refunds(order)
    after = till.order(order.reference)
    assert (after.state, states(after)) == (OrderState.PAID, ["awaiting"] * 3)


@pytest.mark.parametrize("positions", [(), (1,), (3,)])
def test_a_refund_issued_again_while_unknown_revokes_no_paid_line(till, order, positions):
    till.gateway.refunds_next(Unknown("connection lost"))
    till.refunds(order)
    try:
        till.refunds(order, None, *positions)
    except Refused:
        assert 3 not in positions
    assert states(till.order(order.reference))[:2] == ["awaiting", "awaiting"]


def test_a_failed_refund_can_be_issued_again(till, order):
    till.gateway.refunds_next(RefundFailed("account closed"))
    failed = till.refunds(order)
    assert failed.state is RefundState.FAILED
    after = till.order(order.reference)
    assert (after.state, after.attention) == (
        OrderState.PAID,
        f"refund {failed.id} of $239.32 failed: account closed",
    )
    till.refunds(order)
    assert till.order(order.reference).state is OrderState.REFUNDED


def test_a_refund_that_fails_late_can_be_issued_again_and_revokes_nothing_twice(till, order):
    first = till.refunds(order)
    till.gateway.fails(first)
    till.hears_of_refund(first, RefundFailed("returned by the bank"))
    after = till.order(order.reference)
    assert (after.state, [line.refunded.minor for line in after.lines]) == (
        OrderState.REFUNDED,
        [0, 0, 0],
    )
    assert "returned by the bank" in after.attention
    again = till.refunds(order)
    assert (again.amount, again.accepted) == (usd("239.32"), True)
    last = till.order(order.reference)
    assert [line.refunded for line in last.lines] == [line.due for line in last.lines]
    assert till.seats_taken(DEAR) == 0
    assert till.events_of(order).count("line.revocation_requested") == 3
    assert till.gateway.refunded() == usd("239.32")


def test_a_partial_refund_that_fails_late_can_be_issued_again(till, order):
    part = till.refunds(order, None, 2)
    till.refunds(order, None, 1)
    assert till.order(order.reference).state is OrderState.REFUNDED
    till.gateway.fails(part)
    till.hears_of_refund(part, RefundFailed("returned by the bank"))
    assert till.foresees(order, None, 2).amount == usd("39.33")
    till.refunds(order, None, 2)
    assert till.gateway.refunded() == usd("239.32")


def test_taking_the_last_line_back_for_nothing_refunds_no_money_that_is_still_owed(till, order):
    part = till.refunds(order, None, 1)
    till.gateway.fails(part)
    till.hears_of_refund(part, RefundFailed("returned by the bank"))
    till.refunds(order, None, 2)
    assert states(till.order(order.reference)) == ["revoked", "revoked", "awaiting"]
    refunded = till.events_of(order).count("order.refunded")
    assert till.refunds(order, None, 3) is None
    after = till.order(order.reference)
    assert after.state is OrderState.PARTIALLY_REFUNDED
    assert states(after) == ["revoked"] * 3
    assert till.events_of(order).count("order.refunded") == refunded
    assert till.refunds(order).amount == usd("199.99")


# Any sequence of refunds, failures and retries.

steps = st.lists(
    st.one_of(
        st.tuples(st.just("amount"), st.integers(-5, 30_000)),
        st.tuples(st.just("line"), st.integers(1, 4)),
        st.tuples(st.just("all"), st.just(0)),
        st.tuples(st.just("settled"), st.integers(0, 5)),
        st.tuples(st.just("failed"), st.integers(0, 5)),
        st.tuples(st.just("unknown"), st.integers(0, 5)),
        st.tuples(st.just("accepted"), st.integers(0, 5)),
    ),
    min_size=1,
    max_size=14,
)
answers = st.sampled_from(["accepted", "settled", "failed", "unknown"])


def said(kind: str, till: Till):
    match kind:
        case "accepted":
            return RefundAccepted(f"said-{till.number()}")
        case "settled":
            return RefundSettled(f"said-{till.number()}")
        case "failed":
            return RefundFailed("no")
        case _:
            return Unknown("lost")


def checked(till: Till, order):
    """The arithmetic that holds whatever was asked for and answered."""
    after, refunds = till.order(order.reference), till.refunds_of(order)
    counted = [each for each in refunds if each.counts]
    given_back = total((each.amount for each in counted), order.currency)
    assert Money(0) <= given_back <= order.total
    for line in after.lines:
        accepted = [
            part.amount
            for each in refunds
            if each.accepted
            for part in each.lines
            if part.position == line.position
        ]
        assert line.refunded == total(accepted, order.currency) <= line.due
    accepted = total((each.amount for each in refunds if each.accepted), order.currency)
    if after.state is OrderState.PAID:
        assert not accepted
    if accepted == order.total:
        assert after.state is OrderState.REFUNDED
    if after.state is OrderState.REFUNDED:
        assert {line.fulfilment for line in after.lines} == {Fulfilment.REVOKED}


@settings(max_examples=settings.default.max_examples * 3 // 2)
@given(steps=steps, answers=st.lists(answers, min_size=14, max_size=14))
def test_sums_stay_consistent_after_any_refunds_failures_and_retries(steps, answers):
    till = stocked()
    order = till.buys(DEAR, CHEAP, FREE)
    for (step, number), answer in zip(steps, answers, strict=False):
        refunds = till.refunds_of(order)
        try:
            match step:
                case "amount":
                    till.gateway.refunds_next(said(answer, till))
                    till.refunds(order, Money(number))
                case "line":
                    till.gateway.refunds_next(said(answer, till))
                    till.refunds(order, None, number)
                case "all":
                    till.gateway.refunds_next(said(answer, till))
                    till.refunds(order)
                case _ if number < len(refunds):
                    till.hears_of_refund(refunds[number], said(step, till))
        except (Refused, UnknownLine):
            pass
        checked(till, order)


def test_a_discounted_line_refunds_exactly_its_paid_price(till):
    till.offers(discount("TEN", "dollars-off", "10.01"))
    till.enters("TEN")
    order = till.buys(CHEAP)
    with pytest.raises(RefundTooLarge):
        till.refunds(order, usd("29.33"))
    assert till.refunds(order).amount == usd("29.32")
