"""Amounts are exact, rounding happens in one place, and currencies never mix."""

import operator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.money import (
    LARGEST_MINOR,
    Currency,
    Money,
    NotAnAmount,
    NotAPercentage,
    Percent,
    UnknownCurrency,
    total,
)

currencies = st.sampled_from(Currency)
minors = st.integers(min_value=0, max_value=LARGEST_MINOR - 1)
amounts = st.builds(Money, minors, currencies)
percents = st.builds(Percent, st.integers(min_value=1, max_value=10_000))


@given(amounts)
def test_an_amount_survives_the_round_trip_as_text(amount):
    assert Money.of(amount.plain, amount.currency) == amount


@given(amounts)
def test_the_displayed_amount_has_every_digit(amount):
    shown = str(amount).removeprefix(amount.currency.sign).replace(",", "")
    assert shown == amount.plain


@pytest.mark.parametrize(
    "minor, currency, plain, shown",
    [
        (123456, Currency.USD, "1234.56", "$1,234.56"),
        (5, Currency.USD, "0.05", "$0.05"),
        (0, Currency.USD, "0.00", "$0.00"),
        (-1999, Currency.USD, "-19.99", "−$19.99"),
        (1500, Currency.JPY, "1500", "¥1,500"),
        (1, Currency.KWD, "0.001", "KWD 0.001"),
        (400000, Currency.INR, "4000.00", "₹4,000.00"),
        (10**12, Currency.EUR, "10000000000.00", "€10,000,000,000.00"),
    ],
)
def test_an_amount_is_shown_with_the_decimals_of_its_currency(minor, currency, plain, shown):
    money = Money(minor, currency)
    assert (money.plain, str(money)) == (plain, shown)


@pytest.mark.parametrize(
    "text, currency, minor",
    [
        ("19.99", Currency.USD, 1999),
        (" 19.9 ", Currency.USD, 1990),
        ("19", Currency.USD, 1900),
        ("0", Currency.USD, 0),
        ("007.50", Currency.USD, 750),
        ("1500", Currency.JPY, 1500),
        ("1.005", Currency.KWD, 1005),
    ],
)
def test_an_amount_is_parsed_into_minor_units(text, currency, minor):
    assert Money.of(text, currency) == Money(minor, currency)


@pytest.mark.parametrize(
    "text, currency",
    [
        ("19.999", Currency.USD),
        ("19.990", Currency.USD),
        ("1.5", Currency.JPY),
        ("1.0005", Currency.KWD),
        ("-1", Currency.USD),
        ("+1", Currency.USD),
        ("1,50", Currency.USD),
        ("1,500.00", Currency.USD),
        ("1e3", Currency.USD),
        ("$5", Currency.USD),
        ("5.", Currency.USD),
        (".5", Currency.USD),
        ("", Currency.USD),
        ("NaN", Currency.USD),
        ("\uff11\uff19", Currency.USD),
        ("100000000000.00", Currency.USD),
        ("10000000000000", Currency.JPY),
        ("99999999999999", Currency.JPY),
    ],
)
def test_an_invalid_amount_is_refused_and_its_currency_named(text, currency):
    with pytest.raises(NotAnAmount) as refused:
        Money.of(text, currency)
    assert refused.value.args == (text, currency)


def test_the_largest_amount_is_below_the_limit():
    assert Money.of("99999999999.99").minor == LARGEST_MINOR - 1


@given(amounts, amounts)
def test_amounts_in_two_currencies_cannot_be_mixed(one, other):
    mixed = [operator.add, operator.sub, operator.lt, operator.le, operator.gt, operator.ge]
    for operate in mixed:
        if one.currency is other.currency:
            operate(one, other)
        else:
            with pytest.raises(TypeError, match="do not go together"):
                operate(one, other)


@given(currencies, minors, minors)
def test_amounts_compare_as_their_minor_units_do(currency, one, other):
    left, right = Money(one, currency), Money(other, currency)
    assert (left < right, left <= right, left > right, left >= right, left == right) == (
        one < other,
        one <= other,
        one > other,
        one >= other,
        one == other,
    )


@given(currencies, minors, minors)
def test_subtraction_reverses_addition(currency, one, other):
    left, right = Money(one, currency), Money(other, currency)
    assert left + right - right == left


@given(currencies, st.lists(minors))
def test_a_total_is_the_sum_of_its_minor_units(currency, parts):
    summed = total((Money(minor, currency) for minor in parts), currency)
    assert summed == Money(sum(parts), currency)


@given(st.lists(minors), st.lists(minors))
def test_the_totals_of_two_parts_add_up_to_the_total(some, others):
    def of(minors_):
        return total(map(Money, minors_), Currency.USD)

    assert of(some) + of(others) == of(some + others)


def test_the_total_of_no_amounts_is_zero_in_the_given_currency():
    assert total([], Currency.JPY) == Money(0, Currency.JPY)


@pytest.mark.parametrize("minor, truth", [(0, False), (1, True), (-1, True)])
def test_only_a_zero_amount_is_false(minor, truth):
    assert bool(Money(minor)) is truth


def test_an_unsupported_currency_is_refused_and_named():
    with pytest.raises(UnknownCurrency) as refused:
        Currency.of("XAU")
    assert refused.value.args == ("XAU",)


@given(currencies)
def test_every_currency_is_found_by_its_code(currency):
    assert Currency.of(currency.code) is currency


@pytest.mark.parametrize(
    "percent, price, off",
    [
        ("25", "39.33", "9.83"),
        ("33", "19.99", "6.60"),
        ("50", "10.05", "5.03"),
        ("50", "0.01", "0.01"),
        ("49.99", "0.01", "0.00"),
        ("100", "39.33", "39.33"),
        ("0.01", "0.49", "0.00"),
        ("12.5", "0.04", "0.01"),
        ("12.49", "0.04", "0.00"),
        ("33.33", "0.00", "0.00"),
    ],
)
def test_a_percentage_is_rounded_half_up_to_the_cent(percent, price, off):
    assert Percent.of(percent).part_of(Money.of(price)) == Money.of(off)


def test_a_percentage_of_yen_is_rounded_to_whole_yen():
    assert Percent.of("50").part_of(Money(101, Currency.JPY)) == Money(51, Currency.JPY)


@given(percents, amounts)
def test_a_percentage_is_between_zero_and_the_whole_amount(percent, amount):
    part = percent.part_of(amount)
    assert Money(0, amount.currency) <= part <= amount


@given(percents, amounts)
def test_a_percentage_is_off_by_half_a_minor_unit_at_most(percent, amount):
    exactly_twice = 2 * amount.minor * percent.basis_points
    assert exactly_twice - 20_000 * percent.part_of(amount).minor + 1 > -10_000
    assert exactly_twice - 20_000 * percent.part_of(amount).minor < 10_000


@given(percents, amounts, amounts)
def test_a_percentage_of_a_larger_amount_is_not_smaller(percent, one, other):
    less, more = sorted([one.minor, other.minor])
    assert percent.part_of(Money(less)) <= percent.part_of(Money(more))


@given(amounts)
def test_a_hundred_percent_is_the_whole_amount(amount):
    assert Percent.of("100").part_of(amount) == amount


@pytest.mark.parametrize(
    "text, shown", [("25", "25 %"), ("12.50", "12.5 %"), ("0.01", "0.01 %"), ("100.00", "100 %")]
)
def test_a_percentage_is_shown_without_trailing_zeros(text, shown):
    assert str(Percent.of(text)) == shown


@given(percents)
def test_a_percentage_survives_the_round_trip_as_text(percent):
    assert Percent.of(str(percent).removesuffix(" %")) == percent


@pytest.mark.parametrize(
    "text", ["0", "0.00", "100.01", "101", "12.345", "1.234", "-5", "", "ten", "25 %", "1e1"]
)
def test_an_invalid_percentage_is_refused(text):
    with pytest.raises(NotAPercentage) as refused:
        Percent.of(text)
    assert refused.value.args == (text,)


@pytest.mark.parametrize("basis_points", [0, -1, 10_001])
def test_a_percentage_outside_its_limits_is_refused(basis_points):
    with pytest.raises(ValueError, match="basis_points"):
        Percent(basis_points)


def test_each_currency_has_the_minor_units_of_its_standard():
    """ISO 4217: 100 times too much is charged where this is wrong by two."""
    others = {Currency.JPY: 0, Currency.KWD: 3}
    for currency in Currency:
        assert currency.digits == others.get(currency, 2)
