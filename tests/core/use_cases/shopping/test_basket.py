"""The use cases of the basket: add, remove, enter a code, sign in."""

import pytest

from core.baskets.basket import AnotherCurrency
from core.discount_code import DiscountCode
from core.discounts.discount import (
    CodeHasExpired,
    Limits,
    NotForTheseProducts,
    RedemptionType,
    Scope,
    TakesNothingOff,
    UnknownCode,
    UsedUp,
    Window,
)
from core.identity import Visitor
from core.money import Currency
from core.products.product import DeadlineHasPassed, Sku, UnknownProduct, Withdrawn
from core.use_cases.pricing.eligibility import NotARunOfProgram
from core.use_cases.shopping.basket import (
    NotInBasket,
    merge_visitor_basket,
    remove_code,
    remove_from_basket,
)
from coursetill_testing.makers import ADA, NOW, discount, run, usd, withdrawn

VISITOR = Visitor("browser-1")


def skus(till, by=ADA):
    return [line.item.sku.text for line in till.basket(by).quote.lines]


def test_an_added_product_is_shown_with_its_price(till):
    till.puts("6.86x-1T2027")
    [line] = till.basket().quote.lines
    assert (line.item.sku, line.due, line.item.added_at) == (Sku("6.86x-1T2027"), usd("39.33"), NOW)


def test_adding_a_product_twice_changes_nothing(till):
    till.puts("6.86x-1T2027")
    till.puts("6.86x-1T2027")
    assert skus(till) == ["6.86x-1T2027"]


def test_an_unknown_product_cannot_be_added_or_picked(till):
    with pytest.raises(UnknownProduct, match="sku nothing"):
        till.puts("nothing")
    with pytest.raises(UnknownProduct):
        till.puts("DEDP", "nothing")
    assert skus(till) == []


def test_a_product_not_on_sale_cannot_be_added(till):
    till.sells(withdrawn(run("old-1T2020")), run("late-1T2020", payment_deadline_at=NOW))
    with pytest.raises(Withdrawn):
        till.puts("old-1T2020")
    with pytest.raises(DeadlineHasPassed):
        till.puts("late-1T2020")


def test_a_run_of_another_program_cannot_be_picked(till):
    with pytest.raises(NotARunOfProgram, match="program Program DEDP"):
        till.puts("DEDP", "6.86x-1T2027")


def test_a_product_in_another_currency_is_refused_and_the_basket_unchanged(till):
    till.sells(run("euro-1T2027", currency=Currency.EUR))
    till.puts("6.86x-1T2027")
    with pytest.raises(AnotherCurrency):
        till.puts("euro-1T2027")
    assert skus(till) == ["6.86x-1T2027"]


def test_a_removed_product_cannot_be_removed_again(till):
    till.puts("6.86x-1T2027")
    remove_from_basket(ADA, Sku("6.86x-1T2027"), begin=till.begin)
    assert skus(till) == []
    with pytest.raises(NotInBasket):
        remove_from_basket(ADA, Sku("6.86x-1T2027"), begin=till.begin)


def test_a_code_is_stored_and_lowers_the_price(till):
    till.puts("6.86x-1T2027")
    till.enters(" spring ")
    assert till.basket().quote.total == usd("29.50")
    assert till.basket().basket.codes == (DiscountCode("SPRING"),)


def test_an_empty_basket_keeps_a_code_for_later_products(till):
    till.enters("SPRING")
    till.puts("6.86x-1T2027")
    assert till.basket().quote.total == usd("29.50")


@pytest.mark.parametrize(
    "made, refused",
    [
        ({"window": Window(None, NOW)}, CodeHasExpired),
        ({"scope": Scope(products=frozenset({Sku("DEDP")}))}, NotForTheseProducts),
        ({"kind": "fixed-price", "amount": "500"}, TakesNothingOff),
    ],
)
def test_a_code_without_effect_is_refused_with_the_reason_and_not_stored(till, made, refused):
    till.offers(discount("OTHER", **made))
    till.puts("6.86x-1T2027")
    with pytest.raises(refused):
        till.enters("OTHER")
    assert till.basket().basket.codes == ()


def test_an_unknown_code_is_refused(till):
    with pytest.raises(UnknownCode, match="code WINTER"):
        till.enters("winter")


def test_a_beaten_code_is_stored_and_reported_as_beaten(till):
    till.offers(discount("BETTER", "percent-off", "30"))
    till.puts("6.86x-1T2027")
    till.enters("BETTER")
    till.enters("SPRING")
    beaten = {code.code.text: code.beaten for code in till.basket().quote.codes}
    assert beaten == {"BETTER": False, "SPRING": True}


def test_a_code_held_by_the_learners_own_pending_order_can_be_entered_again(till):
    till.offers(discount("ONCE", "dollars-off", "5", limits=Limits(RedemptionType.ONE_TIME)))
    till.puts("6.86x-1T2027")
    till.enters("ONCE")
    till.checks_out()
    remove_code(ADA, DiscountCode("ONCE"), begin=till.begin)
    till.enters("ONCE")
    assert till.basket().quote.total == usd("34.33")
    with pytest.raises(UsedUp):
        till.enters("ONCE", by=VISITOR)


def test_removing_a_code_twice_changes_nothing_more(till):
    till.enters("SPRING")
    for _ in range(2):
        assert remove_code(ADA, DiscountCode("spring"), begin=till.begin).codes == ()


def test_a_visitors_basket_is_merged_at_sign_in_and_emptied(till):
    till.puts("6.86x-1T2027")
    till.puts("6.86x-1T2027", by=VISITOR)
    till.puts("14.310x-1T2027", by=VISITOR)
    till.enters("SPRING", by=VISITOR)
    merge = merge_visitor_basket(VISITOR, ADA, begin=till.begin)
    assert [item.sku.text for item in merge.added] == ["14.310x-1T2027"]
    assert skus(till) == ["6.86x-1T2027", "14.310x-1T2027"]
    assert till.basket().basket.codes == (DiscountCode("SPRING"),)
    assert skus(till, VISITOR) == []


def test_a_second_sign_in_adds_nothing(till):
    till.puts("6.86x-1T2027", by=VISITOR)
    merge_visitor_basket(VISITOR, ADA, begin=till.begin)
    remove_from_basket(ADA, Sku("6.86x-1T2027"), begin=till.begin)
    assert merge_visitor_basket(VISITOR, ADA, begin=till.begin).added == ()
    assert skus(till) == []
