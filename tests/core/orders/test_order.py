"""An order moves by one table, keeps its history, and never changes what was sold."""

from itertools import product

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.discount_code import DiscountCode
from core.identity import GATEWAY, TIMER, LearnerId
from core.money import Money
from core.orders.history import HistoryEntry
from core.orders.line import FULFILMENT_MOVES, Fulfilment, FulfilmentCannotMove
from core.orders.order import UnknownLine, UnknownOrder
from core.orders.order_state import ENDED_UNPAID, ORDER_MOVES, STANDING, OrderCannotMove, OrderState
from core.products.product import Sku
from coursetill_testing.makers import CLERK, MINUTE, NOW, line, order, usd

ALLOWED = {
    "pending": "paid review declined cancelled expired",
    "review": "paid cancelled",
    "paid": "partially_refunded refunded",
    "partially_refunded": "refunded",
    "refunded": "",
    "declined": "paid",
    "cancelled": "paid",
    "expired": "paid",
}
FULFILMENT_ALLOWED = {
    "not-due": "awaiting",
    "awaiting": "fulfilled failed revoked",
    "failed": "awaiting fulfilled revoked",
    "fulfilled": "revoked",
    "revoked": "",
}


@pytest.mark.parametrize("now, wanted", list(product(OrderState, OrderState)))
def test_an_order_allows_only_the_documented_moves(now, wanted):
    moving = order(state=now)
    if wanted.value in ALLOWED[now.value].split():
        moved = moving.moved_to(wanted, at=NOW, by=GATEWAY, why="it was so")
        assert moved.state is wanted
        assert moved.news == (HistoryEntry(NOW, GATEWAY, now, wanted, "it was so"),)
    else:
        with pytest.raises(OrderCannotMove) as refused:
            moving.moved_to(wanted, at=NOW, by=GATEWAY, why="it was so")
        assert (refused.value.state, refused.value.wanted) == (now, wanted)


def test_no_order_returns_to_pending():
    assert all(OrderState.PENDING not in wanted for wanted in ORDER_MOVES.values())


def test_every_state_is_standing_ended_or_undecided():
    others = set(OrderState) - STANDING - ENDED_UNPAID
    assert others == {OrderState.PENDING, OrderState.REVIEW, OrderState.REFUNDED}
    assert not STANDING & ENDED_UNPAID


@pytest.mark.parametrize("now, wanted", list(product(Fulfilment, Fulfilment)))
def test_a_line_allows_only_the_documented_moves(now, wanted):
    sold = line(fulfilment=now)
    if wanted is now:
        assert sold.moved_to(wanted) is sold
    elif wanted.value in FULFILMENT_ALLOWED[now.value].split():
        assert sold.moved_to(wanted).fulfilment is wanted
    else:
        with pytest.raises(FulfilmentCannotMove):
            sold.moved_to(wanted)


def test_a_revoked_line_stays_revoked():
    assert FULFILMENT_MOVES[Fulfilment.REVOKED] == frozenset()


prices = st.integers(0, 10**7)


@given(st.lists(st.tuples(prices, prices), min_size=1, max_size=12))
def test_the_total_of_an_order_is_the_sum_of_its_stored_lines(pairs):
    lines = [
        line(n, Money(max(pair)).plain, Money(min(pair)).plain)
        for n, pair in enumerate(pairs, start=1)
    ]
    sold = order(*lines)
    assert sold.total.minor == sum(max(pair) - min(pair) for pair in pairs)
    assert sold.list_total == sold.total + sold.saved


@pytest.mark.parametrize("due", ["149.98", "150.00", "199.99"])
def test_a_line_price_must_be_the_list_price_less_the_reduction(due):
    with pytest.raises(ValueError, match="is not list price less reduction"):
        attrs.evolve(line(1, "199.99", "50.00"), due=usd(due))


@pytest.mark.parametrize("refunded", [Money(-1), usd("150.00")])
def test_the_refunded_amount_of_a_line_is_between_zero_and_its_price(refunded):
    with pytest.raises(ValueError, match="refunded of"):
        line(1, "199.99", "50.00", refunded=refunded)
    assert line(1, "199.99", "50.00", refunded=usd("149.99")).refunded == usd("149.99")


def test_an_order_has_at_least_one_line():
    with pytest.raises(ValueError, match="lines"):
        attrs.evolve(order(), lines=())


def test_line_positions_start_at_one():
    with pytest.raises(ValueError, match="position"):
        line(0)


def test_a_line_is_found_by_its_position():
    sold = order(line(1), line(2))
    assert sold.line(2).position == 2
    with pytest.raises(UnknownLine, match="position 3"):
        sold.line(3)


def test_an_order_of_another_learner_looks_like_an_unknown_order():
    sold = order()
    assert sold.of_learner(LearnerId("ada")) is sold
    with pytest.raises(UnknownOrder, match="reference CT-0000-0000-0001"):
        sold.of_learner(LearnerId("bob"))


def test_a_hold_is_never_shortened():
    sold = order()
    assert sold.held(NOW + 10 * MINUTE).held_until == NOW + 30 * MINUTE
    assert sold.held(NOW + 31 * MINUTE).held_until == NOW + 31 * MINUTE


def test_a_new_flag_is_added_to_the_existing_flags():
    flagged = order().flagged("one thing", at=NOW, by=TIMER).flagged("another", at=NOW, by=TIMER)
    assert flagged.attention == "one thing; another"


def test_a_flag_raised_twice_is_stored_once_with_two_history_entries():
    flagged = order().flagged("one thing", at=NOW, by=TIMER).flagged("one thing", at=NOW, by=TIMER)
    assert flagged.attention == "one thing"
    assert [entry.why for entry in flagged.news] == ["needs attention: one thing"] * 2


def test_a_note_adds_a_history_entry_and_keeps_the_state():
    noted = order(state=OrderState.PAID).noted(at=NOW, by=CLERK, why="she called")
    assert noted.news == (HistoryEntry(NOW, CLERK, OrderState.PAID, OrderState.PAID, "she called"),)


def test_the_first_history_entry_of_a_new_order_has_no_previous_state():
    [entry] = order().placed(CLERK).news
    assert (entry.moved_from, entry.moved_to, entry.at) == (None, OrderState.PENDING, NOW)


def test_a_moved_line_has_a_history_entry_with_position_and_sku():
    sold = order(line(1, fulfilment=Fulfilment.AWAITING), line(2), state=OrderState.PAID)
    moved = sold.with_fulfilment(1, Fulfilment.FAILED, at=NOW, by=TIMER, why="no such course")
    assert moved.line(1).fulfilment is Fulfilment.FAILED
    assert moved.line(2) == sold.line(2)
    assert moved.news[-1].why == "line 1 (sku-1) failed: no such course"


def test_an_unchanged_line_adds_no_history_entry():
    sold = order(line(1, fulfilment=Fulfilment.FULFILLED), state=OrderState.PAID)
    assert sold.with_fulfilment(1, Fulfilment.FULFILLED, at=NOW, by=TIMER) is sold


def test_an_order_takes_a_seat_for_every_line_and_every_picked_run():
    sold = order(line(1), line(2))
    assert sold.skus == (Sku("sku-1"), Sku("sku-2"))


def test_an_order_lists_each_code_once():
    assert order(line(1, off="1.00"), line(2, off="1.00"), line(3)).codes == (
        DiscountCode("SPRING"),
    )
