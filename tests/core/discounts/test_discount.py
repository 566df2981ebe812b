"""For whom, for what and when a discount is; what each kind takes off."""

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.discount_code import DiscountCode, NotACode
from core.discounts.discount import (
    AidIsNeverTyped,
    CodeHasExpired,
    Discount,
    KindIsUnknown,
    Limits,
    NotUsableYet,
    Offer,
    PaymentType,
    RedemptionType,
    Scope,
    Source,
    UnknownCode,
    UsedByYou,
    UsedUp,
)
from core.discounts.kinds import KINDS, kinds_by_name, stored_saving
from core.discounts.kinds.dollars_off import NothingOff
from core.discounts.kinds.percent_off import PercentOff
from core.discounts.saving import UnknownSaving
from core.discounts.window import Window, WindowIsEmpty
from core.errors import Absent, Refused
from core.money import Currency, Money, NotAnAmount, NotAPercentage
from core.products.product import CourseId, Sku
from coursetill_testing.makers import DAY, NOW, TICK, discount, offer, program, run, usd

STARTS, ENDS = NOW, NOW + DAY


@pytest.mark.parametrize(
    "at, refused",
    [
        (STARTS - TICK, NotUsableYet),
        (STARTS, None),
        (ENDS - TICK, None),
        (ENDS, CodeHasExpired),
        (ENDS + TICK, CodeHasExpired),
    ],
)
def test_a_discount_is_valid_from_its_start_until_its_end(at, refused):
    why = discount("SPRING", window=Window(STARTS, ENDS)).why_not(at)
    assert (None if why is None else type(why)) is refused


def test_a_discount_without_a_window_is_always_valid():
    assert discount("SPRING").why_not(NOW) is None


@pytest.mark.parametrize("ends", [STARTS, STARTS - TICK])
def test_a_window_ends_after_it_starts(ends):
    with pytest.raises(WindowIsEmpty) as refused:
        Window(STARTS, ends)
    assert refused.value.args == (STARTS, ends)


def test_a_refusal_shows_when_the_code_expired_or_begins():
    expired = discount("SPRING", window=Window(None, NOW)).why_not(NOW)
    early = discount("SPRING", window=Window(NOW + DAY)).why_not(NOW)
    code = DiscountCode("SPRING")
    assert (type(expired), expired.args) == (CodeHasExpired, (code, NOW))
    assert (type(early), early.args) == (NotUsableYet, (code, NOW + DAY))


RUN = run("14.310x-1T2027", programs=["DEDP"])


@pytest.mark.parametrize(
    "scope, product, covered",
    [
        (Scope(), RUN, True),
        (Scope(), program("DEDP"), True),
        (Scope(products=frozenset({RUN.sku})), RUN, True),
        (Scope(products=frozenset({RUN.sku})), run("14.310x-3T2026"), False),
        (Scope(programs=frozenset({Sku("DEDP")})), program("DEDP"), True),
        (Scope(programs=frozenset({Sku("DEDP")})), RUN, True),
        (Scope(programs=frozenset({Sku("SDS")})), RUN, False),
        (Scope(programs=frozenset({Sku("SDS")})), program("DEDP"), False),
        (Scope(courses=frozenset({RUN.course})), RUN, True),
        (Scope(courses=frozenset({RUN.course})), run("14.310x-3T2026"), True),
        (Scope(courses=frozenset({RUN.course})), program("DEDP"), False),
        (Scope(courses=frozenset({CourseId("course-v1:MITxT+6.86x")})), RUN, False),
    ],
)
def test_a_scope_covers_its_products_and_the_runs_of_its_programs(scope, product, covered):
    assert discount("SPRING", scope=scope).covers(product) is covered


def test_a_discount_in_dollars_applies_to_dollar_prices_and_a_percentage_to_all():
    euros = run(currency=Currency.EUR)
    assert not discount("TEN", "dollars-off", "10").covers(euros)
    assert not discount("FLAT", "fixed-price", "10").covers(euros)
    assert discount("SPRING", "percent-off", "25").covers(euros)


@pytest.mark.parametrize(
    "limits, overall, per_learner",
    [
        (Limits(), None, None),
        (Limits(max_redemptions=10, max_per_learner=2), 10, 2),
        (Limits(RedemptionType.ONE_TIME), 1, None),
        (Limits(RedemptionType.ONE_TIME, max_redemptions=10), 1, None),
        (Limits(RedemptionType.ONE_TIME_PER_USER), None, 1),
        (Limits(RedemptionType.ONE_TIME_PER_USER, 10, 5), 10, 1),
    ],
)
def test_the_type_of_redemption_sets_the_limits(limits, overall, per_learner):
    assert (limits.overall, limits.per_learner) == (overall, per_learner)


@pytest.mark.parametrize(
    "limits, used, by_learner, refused",
    [
        (Limits(), 10**6, 10**6, None),
        (Limits(max_redemptions=3), 2, 0, None),
        (Limits(max_redemptions=3), 3, 0, UsedUp),
        (Limits(max_redemptions=3), 4, 0, UsedUp),
        (Limits(max_per_learner=2), 9, 1, None),
        (Limits(max_per_learner=2), 9, 2, UsedByYou),
        (Limits(RedemptionType.ONE_TIME), 1, 0, UsedUp),
        (Limits(RedemptionType.ONE_TIME_PER_USER), 9, 0, None),
        (Limits(RedemptionType.ONE_TIME_PER_USER), 9, 1, UsedByYou),
    ],
)
def test_a_code_is_used_up_at_its_limit(limits, used, by_learner, refused):
    why = offer("SPRING", limits=limits, used=used, used_by_learner=by_learner).why_not(NOW)
    assert (None if why is None else type(why)) is refused


@pytest.mark.parametrize("wrong", [{"max_redemptions": 0}, {"max_per_learner": 0}])
def test_a_limit_below_one_is_refused(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        Limits(**wrong)


def test_a_discount_of_another_learner_looks_like_an_unknown_code():
    of_another = offer("AID-7", source=Source.ASSIGNED, assigned=False)
    why = of_another.why_not(NOW)
    assert type(why) is UnknownCode
    assert isinstance(why, Absent)
    assert why.args == (DiscountCode("AID-7"),)


def test_an_expired_discount_of_another_learner_reveals_nothing():
    expired = offer("AID-7", source=Source.ASSIGNED, assigned=False, window=Window(None, NOW))
    assert isinstance(expired.why_not(NOW), UnknownCode)


def test_an_assigned_discount_is_usable_by_its_learner():
    assert offer("AID-7", source=Source.ASSIGNED, assigned=True).why_not(NOW) is None


@pytest.mark.parametrize("source", Source)
def test_financial_assistance_cannot_be_typed(source):
    made = {"source": source, "payment_type": PaymentType.FINANCIAL_ASSISTANCE}
    if source is Source.TYPED:
        with pytest.raises(AidIsNeverTyped):
            discount("AID-7", **made)
    else:
        assert isinstance(discount("AID-7", **made), Discount)


@pytest.mark.parametrize(
    "kind, amount, price, off",
    [
        ("percent-off", "25", "39.33", "9.83"),
        ("percent-off", "33", "19.99", "6.60"),
        ("percent-off", "50", "10.05", "5.03"),
        ("dollars-off", "10", "39.33", "10.00"),
        ("dollars-off", "10.01", "10.01", "10.01"),
        ("fixed-price", "42", "99.99", "57.99"),
        ("fixed-price", "0", "39.33", "39.33"),
    ],
)
def test_each_kind_takes_off_the_right_amount(kind, amount, price, off):
    assert KINDS[kind].of(amount, Currency.USD).off(usd(price)) == usd(off)


def test_the_kinds_have_standard_names():
    assert set(KINDS) == {"percent-off", "dollars-off", "fixed-price"}


@pytest.mark.parametrize(
    "kind, amount, refused",
    [
        ("percent-off", "0", NotAPercentage),
        ("percent-off", "100.01", NotAPercentage),
        ("percent-off", "12.345", NotAPercentage),
        ("dollars-off", "0.00", NothingOff),
        ("dollars-off", "1.001", NotAnAmount),
        ("fixed-price", "-1", NotAnAmount),
    ],
)
def test_an_invalid_amount_for_a_kind_is_refused(kind, amount, refused):
    with pytest.raises(refused) as error:
        KINDS[kind].of(amount, Currency.USD)
    assert isinstance(error.value, Refused)


@pytest.mark.parametrize(
    "kind, amount, told",
    [
        ("percent-off", "12.50", "12.5 % off"),
        ("dollars-off", "10", "$10.00 off"),
        ("fixed-price", "42", "price $42.00"),
    ],
)
def test_a_saving_is_shown_in_words(kind, amount, told):
    assert str(KINDS[kind].of(amount, Currency.USD)) == told


@pytest.mark.parametrize("kind", KINDS)
@given(amount=st.integers(1, 10_000), currency=st.sampled_from(Currency))
def test_a_saving_survives_the_round_trip_as_text(kind, amount, currency):
    text = Money(amount, Currency.USD if kind == "percent-off" else currency).plain
    saving = KINDS[kind].of(text, currency)
    assert KINDS[kind].of(saving.written, currency) == saving


@given(st.text(max_size=60))
def test_a_code_ignores_case_and_surrounding_space(text):
    try:
        code = DiscountCode.of(text)
    except NotACode:
        return
    assert DiscountCode.of(f"  {text.lower()}\t") == DiscountCode.of(text.upper().lower())
    assert DiscountCode.of(f" {text} ") == code
    assert DiscountCode.of(code.text) == code


@pytest.mark.parametrize(
    "text", ["", "   ", "A B", "A/B", "A\\B", "A?B", "A#B", ".", "..", "X" * 51]
)
def test_a_code_that_cannot_be_part_of_a_link_is_refused(text):
    with pytest.raises(NotACode) as refused:
        DiscountCode.of(text)
    assert refused.value.args == (text,)


GONE = UnknownSaving("half-off-up-to", "50.00", Currency.USD)


def test_a_saving_of_an_uninstalled_kind_is_shown_as_stored_and_takes_nothing_off():
    assert stored_saving("half-off-up-to", "50.00", Currency.USD, kinds=KINDS) == GONE
    assert str(GONE) == "half-off-up-to 50.00 USD, a kind that this shop does not have"
    assert str(UnknownSaving("two-for-one", "1", None)).startswith("two-for-one 1, a kind")
    assert GONE.off(usd("39.33")) == usd("0.00")


@pytest.mark.parametrize("kind", KINDS)
def test_a_saving_of_an_installed_kind_is_parsed_from_storage(kind):
    saving = KINDS[kind].of("12.50", Currency.EUR)
    stored = stored_saving(saving.kind, saving.written, saving.currency, kinds=KINDS)
    assert stored == saving


def test_a_discount_of_an_uninstalled_kind_cannot_be_used():
    offer = Offer(attrs.evolve(discount("SPRING"), saving=GONE), assigned=True)
    refusal = offer.why_not(NOW)
    assert isinstance(refusal, KindIsUnknown)
    assert (refusal.code, refusal.kind) == (offer.discount.code, "half-off-up-to")


def test_each_kind_has_a_unique_name():
    with pytest.raises(ValueError, match="two kinds of discount named percent-off"):
        kinds_by_name([PercentOff, PercentOff])


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_parses_its_own_example_amount(kind):
    amount, _, _ = KINDS[kind].amount_format.partition(" for ")
    assert KINDS[kind].of(amount, Currency.USD).kind == kind
