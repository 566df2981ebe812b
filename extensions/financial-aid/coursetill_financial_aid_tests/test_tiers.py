"""The tier of an income, the validation of a set of tiers, and their text format."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.discounts.kinds.fixed_price import FixedPrice
from core.discounts.kinds.percent_off import PercentOff
from core.errors import Refused
from core.money import Currency, Money, Percent
from core.products.product import CourseId, CourseRun, PriceVersion, Product, Program, Sku
from coursetill_financial_aid.tiers import (
    NotATier,
    NotATierSet,
    NotATierSetName,
    OfCourse,
    OfProgram,
    Tier,
    TierSet,
    offer_code,
    tier_set_name,
)
from coursetill_testing.clock import MORNING

DEDP = ("0:75%", "25000:50%", "50000:25%", "75000:full")
DOLLARS = st.integers(0, 10**9)


def tiers(*written: str, currency: Currency = Currency.USD, held_below: str = "0") -> TierSet:
    of = OfProgram(Sku("DEDP"))
    read = tuple(Tier.of(each, currency) for each in written or DEDP)
    return TierSet("DEDP", "DEDP", of, read, Money.of(held_below))


def product(sku: str, sells: CourseRun | Program) -> Product:
    return Product(Sku(sku), sku, sku, sells, PriceVersion(1, Money(100_000), MORNING))


@pytest.mark.parametrize(
    ("income", "limit", "label"),
    [
        ("0", "75000", "75"),
        ("24999.99", "75000", "75"),
        ("25000", "75000", "50"),
        ("49999.99", "75000", "50"),
        ("50000", "75000", "25"),
        ("74999.99", "75000", "25"),
        ("75000", "75000", "FULL"),
        ("1000000", "75000", "FULL"),
        ("4999.99", "15000", "75"),
        ("5000", "15000", "50"),
        ("15000", "15000", "FULL"),
        # A third of 10,000 is no whole number of cents.
        ("3333.33", "10000", "75"),
        ("3333.34", "10000", "50"),
        ("0", "0", "FULL"),
    ],
)
def test_a_tier_starts_at_its_income_scaled_by_the_country(
    income: str, limit: str, label: str
) -> None:
    assert tiers().tier(Money.of(income), Money.of(limit)).label == label


@given(DOLLARS, DOLLARS, DOLLARS)
def test_a_higher_income_never_pays_less(one: int, other: int, limit: int) -> None:
    def due(income: int) -> int:
        saving = tiers().tier(Money(income), Money(limit)).saving
        return 100_000 - (saving.off(Money(100_000)).minor if saving else 0)

    less, more = sorted((one, other))
    assert due(less) <= due(more)
    assert due(less) in {25_000, 50_000, 75_000, 100_000}


@given(DOLLARS, st.integers(1, 10**9))
def test_the_tier_depends_on_the_income_as_a_part_of_the_limit(income: int, limit: int) -> None:
    part = Fraction(income, limit)
    steps = (Fraction(1, 3), Fraction(2, 3), Fraction(1))
    expected = ("75", "50", "25", "FULL")[sum(part >= step for step in steps)]
    assert tiers().tier(Money(income), Money(limit)).label == expected


@given(DOLLARS, DOLLARS, st.integers(1, 10**9))
def test_a_lower_country_limit_never_gives_a_better_tier(income: int, one: int, other: int) -> None:
    def off(limit: int) -> int:
        saving = tiers().tier(Money(income), Money(limit)).saving
        return saving.off(Money(100_000)).minor if saving else 0

    less, more = sorted((one, other))
    assert off(less) <= off(more)


def test_the_income_held_for_staff_is_scaled_by_the_country() -> None:
    of = tiers(held_below="25000")
    assert of.is_held(Money.of("4999.99"), Money.of("15000"))
    assert not of.is_held(Money.of("5000"), Money.of("15000"))
    assert not tiers().is_held(Money(0), Money.of("15000"))


@pytest.mark.parametrize(
    ("written", "why"),
    [
        (("1:75%", "75000:full"), "begins at an income of 0"),
        (("0:75%",), "the last is the full price"),
        (("0:full",), "the last is the full price"),
        (("0:75%", "25000:50%"), "the last is the full price"),
        (("0:75%", "0:50%", "75000:full"), "two begin at the same income"),
        (("0:full", "75000:full"), "only the last"),
        (("0:50%", "25000:75%", "75000:full"), "gets less help"),
        (("0:50%", "25000:50%", "75000:full"), "gets less help"),
        (("0:fixed-price:500", "25000:fixed-price:250", "75000:full"), "gets less help"),
        (("0:75%", "25000:dollars-off:5", "75000:full"), "of one kind"),
    ],
)
def test_inconsistent_tiers_are_refused(written: tuple[str, ...], why: str) -> None:
    with pytest.raises(NotATierSet, match=why):
        tiers(*written)


def test_tiers_are_ordered_by_income() -> None:
    assert tiers(*reversed(DEDP)) == tiers(*DEDP)


@pytest.mark.parametrize(
    ("text", "tier"),
    [
        ("0:75%", Tier(Money(0), PercentOff(Percent.of("75")))),
        (" 25000:12.5% ", Tier(Money.of("25000"), PercentOff(Percent.of("12.5")))),
        ("0:fixed-price:250", Tier(Money(0), FixedPrice(Money.of("250")))),
        ("75000:full", Tier(Money.of("75000"), None)),
        ("75000:0%", Tier(Money.of("75000"), None)),
    ],
)
def test_a_tier_is_parsed_as_written(text: str, tier: Tier) -> None:
    assert Tier.of(text) == tier
    assert Tier.of(tier.written, tier.currency) == tier


@pytest.mark.parametrize(
    "text",
    ["", "75%", "0", "0:", "0:half", "0:101%", "0:%", "0:free:1", "0:fixed-price:x", "-1:5%"],
)
def test_an_invalid_tier_is_refused(text: str) -> None:
    with pytest.raises(Refused):
        Tier.of(text)


def test_the_error_of_an_invalid_tier_shows_the_format() -> None:
    with pytest.raises(NotATier):
        Tier.of("0:half")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("0:75%", "FINANCIAL-AID/DEDP-75"),
        ("0:12.5%", "FINANCIAL-AID/DEDP-12.5"),
        ("0:fixed-price:250", "FINANCIAL-AID/DEDP-FIXED-PRICE-250.00"),
    ],
)
def test_a_receipt_names_the_tiers_and_the_saving(text: str, code: str) -> None:
    assert offer_code("DEDP", Tier.of(text)).text == code


def test_the_longest_name_and_saving_fit_a_code() -> None:
    name = tier_set_name("D" * 25)
    assert offer_code(name, Tier.of("0:fixed-price:9999999.99")).name.startswith(name)


@pytest.mark.parametrize("text", ["", "D" * 26, "DE DP", "DEDP-", "DEDP/1", "ÄDP"])
def test_an_invalid_name_of_tiers_is_refused(text: str) -> None:
    with pytest.raises(NotATierSetName):
        tier_set_name(text)


RUN = CourseRun(CourseId("14.310x"), programs=frozenset({Sku("DEDP"), Sku("SDS")}))
OTHER_RUN = CourseRun(CourseId("14.73x"), programs=frozenset({Sku("SDS")}))
PROGRAM = Program((CourseId("14.310x"),))


@pytest.mark.parametrize(
    ("scope", "covered"),
    [
        (OfProgram(Sku("DEDP")), {"run"}),
        (OfProgram(Sku("DEDP"), itself=True), {"run", "DEDP"}),
        (OfProgram(Sku("SDS")), {"run", "other"}),
        (OfCourse(CourseId("14.73x")), {"other"}),
        (OfCourse(CourseId("DEDP")), set()),
    ],
)
def test_a_set_of_tiers_covers_its_products(scope: OfProgram | OfCourse, covered: set[str]) -> None:
    sold = (product("run", RUN), product("other", OTHER_RUN), product("DEDP", PROGRAM))
    assert {each.sku.text for each in sold if scope.covers(each)} == covered
