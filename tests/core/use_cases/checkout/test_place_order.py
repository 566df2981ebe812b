"""Checking out: the basket as shown, once, with its seats and codes held."""

import pytest

from core.baskets.basket import BasketIsEmpty
from core.discount_code import DiscountCode
from core.discounts.discount import Limits, RedemptionType, UsedUp
from core.errors import Refused
from core.order_reference import Reference
from core.orders.line import Fulfilment
from core.orders.order import UnknownOrder
from core.orders.order_state import OrderState
from core.payments.gateway import Unknown
from core.products.product import Sku, SoldOut, Withdrawn
from core.use_cases.checkout.place_order import (
    PlaceOrder,
    RequestKeyReused,
    TotalHasChanged,
    place_order,
)
from core.use_cases.payments.enquire import StillChecking
from core.use_cases.pricing.eligibility import AlreadyBought
from core.use_cases.shopping.basket import remove_from_basket
from coursetill_testing.makers import ADA, BOB, MINUTE, NOW, discount, usd, withdrawn
from tests.core.overtaken import overtaken


def test_an_order_holds_the_basket_as_shown(till):
    till.puts("DEDP", "14.310x-1T2027")
    till.puts("6.86x-1T2027")
    till.enters("SPRING")
    order = till.checks_out()
    assert [(line.sku.text, str(line.due)) for line in order.lines] == [
        ("DEDP", "$1,012.50"),
        ("6.86x-1T2027", "$29.50"),
    ]
    assert order.total == usd("1042.00")
    assert (order.state, order.placed_at, order.held_until) == (
        OrderState.PENDING,
        NOW,
        NOW + 30 * MINUTE,
    )
    assert {line.fulfilment for line in order.lines} == {Fulfilment.NOT_DUE}
    assert till.order(order.reference) == order


def test_a_placed_order_reserves_seats_and_codes_and_writes_an_event(till):
    till.puts("DEDP", "14.310x-1T2027")
    till.enters("SPRING")
    order = till.checks_out()
    assert (till.seats_taken("DEDP"), till.seats_taken("14.310x-1T2027")) == (1, 1)
    assert till.uses_of(order) == {"SPRING": "reserved"}
    assert till.events_of(order) == ["order.placed"]
    assert [entry.why for entry in till.history(order)] == ["placed"]


def test_the_basket_is_kept_until_payment(till):
    till.checks_out("6.86x-1T2027")
    assert len(till.basket().quote.lines) == 1


def test_changing_the_basket_does_not_change_the_order(till):
    order = till.checks_out("6.86x-1T2027")
    till.puts("14.310x-1T2027")
    assert till.order(order.reference).total == usd("39.33")


def test_the_same_request_gives_the_same_order(till):
    first = till.checks_out("6.86x-1T2027", key="one-and-only")
    again = till.checks_out(key="one-and-only")
    assert again == first
    assert till.seats_taken("6.86x-1T2027") == 1


def test_the_same_request_key_gives_the_same_order_after_payment(till):
    order = till.checks_out("6.86x-1T2027", key="one-and-only")
    till.pays(order)
    again = till.checks_out(key="one-and-only", confirmed=order.total)
    assert (again.reference, again.state) == (order.reference, OrderState.PAID)


def test_a_request_key_with_another_total_is_refused(till):
    till.checks_out("6.86x-1T2027", key="one-and-only")
    with pytest.raises(RequestKeyReused, match="reference CT-0001"):
        till.checks_out("14.310x-1T2027", key="one-and-only")


def test_a_request_key_is_private_to_its_learner(till):
    hers = till.checks_out("6.86x-1T2027", key="one-and-only")
    his = till.checks_out("6.86x-1T2027", key="one-and-only", by=BOB)
    assert his.reference != hers.reference


def test_a_new_request_for_the_same_basket_reuses_the_pending_order(till):
    first = till.checks_out("6.86x-1T2027")
    assert till.checks_out().reference == first.reference
    assert till.seats_taken("6.86x-1T2027") == 1


def test_two_concurrent_checkouts_of_one_learner_make_one_order(till):
    till.puts("6.86x-1T2027")
    other_tab = []
    order = place_order(
        ADA,
        usd("39.33"),
        PlaceOrder("the-first-tab", Reference("CT-FIRST")),
        begin=overtaken(till.records, lambda: other_tab.append(till.checks_out())),
        gateway=till.gateway,
        now=till.now,
    )
    assert [order.reference] == [placed.reference for placed in other_tab]
    assert till.seats_taken("6.86x-1T2027") == 1
    with pytest.raises(UnknownOrder):
        till.order(Reference("CT-FIRST"))


def test_the_learners_own_pending_order_does_not_block_the_last_seat(till):
    first = till.checks_out("14.73x-1T2027")
    assert till.basket().quote.lines[0].why_not is None
    assert till.checks_out().reference == first.reference
    with pytest.raises(SoldOut):
        till.puts("14.73x-1T2027", by=BOB)


def test_the_learners_own_pending_order_does_not_block_a_single_use_code(till):
    till.offers(discount("ONCE", "dollars-off", "5", limits=Limits(RedemptionType.ONE_TIME)))
    till.puts("6.86x-1T2027")
    till.enters("ONCE")
    first = till.checks_out()
    assert till.basket().quote.total == usd("34.33")
    assert till.checks_out().reference == first.reference


def test_a_changed_basket_makes_a_new_order_and_cancels_the_old_one(till):
    old = till.checks_out("14.73x-1T2027")
    till.puts("6.86x-1T2027")
    new = till.checks_out()
    assert new.total == usd("139.34")
    assert till.order(old.reference).state is OrderState.CANCELLED
    assert till.seats_taken("14.73x-1T2027") == 1
    assert till.history(old)[-1].why == "the basket was changed"


def test_an_order_with_a_payment_in_doubt_is_not_cancelled_for_a_new_one(till):
    old = till.checks_out("6.86x-1T2027")
    till.pays(old, Unknown("connection lost"))
    till.puts("14.310x-1T2027")
    with pytest.raises(StillChecking):
        till.checks_out()
    assert till.order(old.reference).state is OrderState.PENDING


def test_the_products_of_an_order_found_paid_leave_the_new_basket(till):
    old = till.checks_out("6.86x-1T2027")
    till.gateway.loses_next_answer()
    till.pays(old)
    till.puts("14.310x-1T2027")
    with pytest.raises(TotalHasChanged, match=r"confirmed \$239.32, total \$199.99"):
        till.checks_out()
    assert till.order(old.reference).state is OrderState.PAID
    assert till.checks_out().total == usd("199.99")


def test_a_changed_total_is_refused_and_nothing_is_ordered(till):
    till.puts("6.86x-1T2027")
    till.changes(till.product("6.86x-1T2027").repriced(usd("49.33"), NOW))
    with pytest.raises(TotalHasChanged, match=r"confirmed \$39.33, total \$49.33"):
        till.checks_out(confirmed=usd("39.33"))
    assert till.seats_taken("6.86x-1T2027") == 0
    assert till.basket().quote.lines[0].price_was == usd("39.33")


def test_the_pending_order_is_no_answer_to_another_total(till):
    till.checks_out("6.86x-1T2027")
    with pytest.raises(TotalHasChanged) as moved:
        till.checks_out(confirmed=usd("1.01"))
    assert (moved.value.confirmed, moved.value.total) == (usd("1.01"), usd("39.33"))


def test_a_changed_total_does_not_change_the_earlier_order(till):
    old = till.checks_out("6.86x-1T2027")
    till.puts("14.310x-1T2027")
    till.changes(till.product("14.310x-1T2027").repriced(usd("249.99"), NOW))
    with pytest.raises(TotalHasChanged):
        till.checks_out(confirmed=usd("239.32"))
    assert till.order(old.reference).state is OrderState.PENDING


def test_an_empty_basket_is_refused(till):
    with pytest.raises(BasketIsEmpty):
        till.checks_out(confirmed=usd("0"))


def test_a_product_withdrawn_before_checkout_is_refused(till):
    till.puts("6.86x-1T2027")
    till.changes(withdrawn(till.product("6.86x-1T2027")))
    with pytest.raises(Withdrawn):
        till.checks_out(confirmed=usd("39.33"))


def test_the_first_checkout_gets_the_last_seat(till):
    till.puts("14.73x-1T2027", by=ADA)
    till.puts("14.73x-1T2027", by=BOB)
    till.checks_out(by=BOB)
    with pytest.raises(SoldOut):
        till.checks_out(by=ADA, confirmed=usd("100.01"))
    assert till.seats_taken("14.73x-1T2027") == 1


def test_the_first_checkout_gets_the_last_use_of_a_code(till):
    till.offers(discount("ONCE", "dollars-off", "5", limits=Limits(RedemptionType.ONE_TIME)))
    for learner in (ADA, BOB):
        till.puts("6.86x-1T2027", by=learner)
        till.enters("ONCE", by=learner)
    till.checks_out(by=BOB)
    assert isinstance(till.basket(ADA).quote.codes[0].why_not, UsedUp)
    with pytest.raises(TotalHasChanged):
        till.checks_out(by=ADA, confirmed=usd("34.33"))
    assert till.checks_out(by=ADA).total == usd("39.33")


def test_an_owned_product_is_not_sold_again(till):
    till.buys("6.86x-1T2027")
    till.puts("6.86x-1T2027")
    with pytest.raises(AlreadyBought, match="order CT-0001"):
        till.checks_out()


def test_a_refunded_product_can_be_bought_again(till):
    order = till.buys("6.86x-1T2027")
    till.refunds(order)
    assert till.buys("6.86x-1T2027").state is OrderState.PAID


def test_a_rule_of_the_host_can_stop_the_order(till):
    class Blocked(Refused):
        pass

    with pytest.raises(Blocked):
        till.checks_out("6.86x-1T2027", rules=[lambda *_: Blocked("not you")])


def test_a_free_order_is_paid_at_once_without_a_gateway(till):
    till.gateway.goes_away()
    order = till.checks_out("free-1T2027")
    assert (order.state, order.total) == (OrderState.PAID, usd("0"))
    assert order.line(1).fulfilment is Fulfilment.AWAITING
    assert till.events_of(order) == ["order.placed", "order.paid", "line.fulfilment_requested"]
    assert till.basket().quote.lines == ()
    assert till.attempts_of(order) == ()
    assert till.order(order.reference).state is OrderState.PAID


def test_a_code_that_makes_the_order_free_is_redeemed_at_once(till):
    till.offers(discount("ALL", "percent-off", "100"))
    till.puts("6.86x-1T2027")
    till.enters("ALL")
    order = till.checks_out()
    assert (order.state, till.uses_of(order)) == (OrderState.PAID, {"ALL": "redeemed"})


def test_an_order_uses_a_code_once_for_all_its_lines(till):
    till.offers(discount("ONCE", "percent-off", "10", limits=Limits(RedemptionType.ONE_TIME)))
    till.puts("6.86x-1T2027")
    till.puts("14.310x-1T2027")
    till.enters("ONCE")
    order = till.checks_out()
    assert [line.reduction.code for line in order.lines] == [DiscountCode("ONCE")] * 2
    assert till.uses_of(order) == {"ONCE": "reserved"}


def test_removed_products_are_not_ordered(till):
    till.puts("6.86x-1T2027")
    till.puts("14.310x-1T2027")
    remove_from_basket(ADA, Sku("6.86x-1T2027"), begin=till.begin)
    assert [line.sku.text for line in till.checks_out().lines] == ["14.310x-1T2027"]


@pytest.mark.parametrize("key", ["", "short", "x" * 65])
def test_a_request_key_has_eight_to_sixty_four_letters(key):
    with pytest.raises(ValueError, match="request_key"):
        PlaceOrder(key, Reference("CT-1"))
