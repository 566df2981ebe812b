"""Half off, but at most an amount: the arithmetic, and a priced basket."""

import pytest
from coursetill_half_off import HalfOffUpTo

from core.discount_code import DiscountCode
from core.discounts.discount import Discount, DiscountId
from core.money import Currency, Money
from coursetill_testing.makers import run
from coursetill_testing.till import Till


@pytest.mark.parametrize(
    "price, off",
    [
        ("39.33", "19.66"),
        ("99.99", "49.99"),
        ("100.00", "50.00"),
        ("199.99", "50.00"),
        ("0.00", "0.00"),
    ],
)
def test_the_reduction_is_half_the_price_up_to_the_amount(price: str, off: str) -> None:
    assert HalfOffUpTo.of("50", Currency.USD).off(Money.of(price)) == Money.of(off)


def test_the_new_kind_lowers_the_price_of_a_basket() -> None:
    till = Till()
    till.sells(run("8.01x-1T2027", "199.99"), run("6.86x-1T2027", "39.33"))
    saving = HalfOffUpTo.of("50", Currency.USD)
    till.offers(Discount(DiscountId("d-1"), DiscountCode("CAPPED"), saving))
    till.puts("8.01x-1T2027")
    till.puts("6.86x-1T2027")
    till.enters("CAPPED")
    assert till.basket().quote.total == Money.of("169.66")
