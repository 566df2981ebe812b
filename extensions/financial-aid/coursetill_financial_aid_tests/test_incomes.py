"""Parsing of incomes, limits and rates, and the conversion to US dollars."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Refused
from core.money import Money
from coursetill_financial_aid.countries import CountryLimit, CountryLimits, country_code
from coursetill_financial_aid.edit_tables import (
    NotATable,
    TableHasProblems,
    read_countries,
    read_rates,
)
from coursetill_financial_aid.incomes import (
    Income,
    NoRate,
    NotACurrency,
    NotAnIncome,
    NotARate,
    Rate,
    Rates,
)


@pytest.mark.parametrize(
    ("text", "units"),
    [
        ("0", 0),
        (" 25000 ", 25_000),
        ("25,000", 25_000),
        ("25 000", 25_000),
        ("25’000", 25_000),
        ("1,234,567", 1_234_567),
        ("12,50,000", 1_250_000),
        ("999999999999", 999_999_999_999),
    ],
)
def test_an_income_is_parsed_with_or_without_group_separators(text: str, units: int) -> None:
    assert Income.of(text, "usd") == Income(units, "USD")


@pytest.mark.parametrize(
    "text",
    [
        *("", "a lot", "-1", "25.000", "25.50", "25,50", "1,2", "1e5", "٢٥٠٠٠", "$25000"),
        *("25,,000", ",000", "9" * 13, "9,999,999,999,999", "1" * 400),
    ],
)
def test_an_income_that_is_not_a_whole_number_is_refused(text: str) -> None:
    with pytest.raises(NotAnIncome):
        Income.of(text, "USD")


@pytest.mark.parametrize("text", ["", "US", "USDX", "12A", "ÜSD"])
def test_a_currency_code_has_three_letters(text: str) -> None:
    with pytest.raises(NotACurrency):
        Income.of("1", text)


@pytest.mark.parametrize(
    ("units", "per_dollar", "cents"),
    [
        (25_000, "88.25", 28_329),
        (1, "3", 33),
        (2, "3", 67),
        # Half a cent is rounded up.
        (1, "200", 1),
        (1, "200.000001", 0),
        (999_999_999_999, "0.001", 99_999_999_999_900_000),
    ],
)
def test_an_income_in_dollars_is_rounded_half_up_to_the_cent(
    units: int, per_dollar: str, cents: int
) -> None:
    rates = Rates.of([Rate.of("INR", per_dollar)])
    assert rates.in_dollars(Income(units, "INR")) == Money(cents)


@given(st.integers(0, 10**12 - 1), st.integers(1000, 10**13))
def test_the_conversion_to_dollars_is_off_by_half_a_cent_at_most(
    units: int, millionths: int
) -> None:
    found = Rates.of([Rate("INR", millionths)]).in_dollars(Income(units, "INR")).minor
    exact = Fraction(units * 100 * 1_000_000, millionths)
    assert Fraction(-1, 2) < found - exact <= Fraction(1, 2)
    assert found < 2**63


def test_only_currencies_other_than_dollars_need_a_rate() -> None:
    assert Rates.of([]).in_dollars(Income(7, "USD")) == Money(700)
    with pytest.raises(NoRate, match="INR"):
        Rates.of([]).in_dollars(Income(7, "INR"))


@pytest.mark.parametrize("text", ["", "0", "0.0009", "-1", "1,5", "88.1234567", "x", "12345678"])
def test_an_invalid_rate_is_refused(text: str) -> None:
    with pytest.raises(NotARate):
        Rate.of("INR", text)


@given(st.integers(1000, 10**13 - 1))
def test_a_rate_is_parsed_as_written(millionths: int) -> None:
    rate = Rate("INR", millionths)
    assert Rate.of("INR", rate.plain) == rate


def test_the_rate_of_the_dollar_is_always_one() -> None:
    with pytest.raises(NotARate):
        Rate.of("USD", "1.1")


def test_a_country_uses_its_own_limit_or_the_default_limit_or_the_tiers() -> None:
    table = CountryLimits.of([CountryLimit.of("in", "15000", "yes")])
    assert table.in_country("IN", Money(1)) == CountryLimit("IN", Money.of("15000"), documents=True)
    assert table.in_country("KE", Money(1)) == CountryLimit("KE", Money(1), documents=False)
    with_others = CountryLimits.of([*table.limits.values(), CountryLimit.of("*", "75000")])
    assert with_others.in_country("KE", Money(1)).limit == Money.of("75000")
    assert with_others.in_country("IN", Money(1)).limit == Money.of("15000")


@pytest.mark.parametrize("text", ["", "XX", "India", "IND", "*"])
def test_an_invalid_country_is_refused(text: str) -> None:
    with pytest.raises(Refused):
        country_code(text)


def test_a_limits_file_is_parsed() -> None:
    content = "\ufeffcountry,income,documents,name\n*,75000,no,\nin,15000.50,YES,India\n".encode()
    assert list(read_countries(content).limits.values()) == [
        CountryLimit("*", Money.of("75000")),
        CountryLimit("IN", Money.of("15000.50"), documents=True),
    ]


def test_a_rates_file_is_parsed() -> None:
    rates = read_rates(b"currency,per_usd\nINR,88.25\nKES,129.4\n")
    assert [rate.plain for rate in rates.rates.values()] == ["88.25", "129.4"]
    assert rates.currencies == (("USD", "US dollar"), ("INR", ""), ("KES", ""))


def test_a_refused_file_lists_every_problem() -> None:
    with pytest.raises(TableHasProblems) as refused:
        read_countries(b"country,income,documents\nIN,x,\nXX,1,\nKE,1,maybe\nNG,1,\nNG,2,\n")
    assert [problem.line for problem in refused.value.problems] == [2, 3, 4, 6]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "columns"),
        (b"country\nIN\n", "columns"),
        (b"country,income,colour\nIN,1,red\n", "columns"),
        (b"country,income,income\nIN,1,2\n", "columns"),
        (b"country,income\n", "nothing in it"),
        (b"country,income\nIN\n", "line 2"),
        (b"country,income\nIN,1,2\n", "line 2"),
        (b'country,income\n"IN,1\n', "line"),
        (b"country,income\nIN,\xff\n", "UTF-8"),
    ],
)
def test_a_file_that_is_not_a_table_is_refused(content: bytes, why: str) -> None:
    with pytest.raises(NotATable, match=why):
        read_countries(content)
