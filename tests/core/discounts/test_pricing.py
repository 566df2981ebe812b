"""The price of one line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.discount_code import DiscountCode, OfferCode, PaymentType
from core.discounts.discount import TIE_ORDER, Discount, DiscountId, Scope, Source
from core.discounts.kinds.dollars_off import DollarsOff
from core.discounts.kinds.fixed_price import FixedPrice
from core.discounts.kinds.percent_off import PercentOff
from core.discounts.personal_offers import PersonalOffer
from core.discounts.pricing import priced, taken_off
from core.money import Currency, Money, Percent
from core.products.product import Sku
from coursetill_testing.makers import discount, personal, run, usd

odd_cents = st.integers(0, 500_000).map(Money)
savings = st.one_of(
    st.builds(PercentOff, st.builds(Percent, st.integers(1, 10_000))),
    st.builds(DollarsOff, odd_cents.filter(bool)),
    st.builds(FixedPrice, odd_cents),
)
offers = st.lists(
    st.builds(
        PersonalOffer,
        st.sampled_from([Sku("14.310x-1T2027"), Sku("6.86x-1T2027")]),
        savings,
        st.from_regex(r"[A-Z]{1,4}", fullmatch=True).map(lambda name: OfferCode("AID", name)),
        st.sampled_from(PaymentType),
        st.just("your own price"),
    ),
    max_size=4,
    unique_by=lambda made: made.code,
)
discounts = st.lists(
    st.builds(
        Discount,
        st.integers(0, 10**6).map(lambda n: DiscountId(str(n))),
        st.from_regex(r"[A-Z]{1,4}", fullmatch=True).map(DiscountCode),
        savings,
        st.sampled_from(Source),
        st.sampled_from(
            [
                Scope(),
                Scope(products=frozenset({Sku("14.310x-1T2027")})),
                Scope(courses=frozenset({"other"})),
            ]
        ),
    ),
    max_size=6,
    unique_by=lambda made: made.code,
)


@pytest.mark.parametrize(
    "kind, amount, price, off, due",
    [
        ("percent-off", "25", "39.33", "9.83", "29.50"),
        ("percent-off", "33", "19.99", "6.60", "13.39"),
        ("percent-off", "50", "10.05", "5.03", "5.02"),
        ("dollars-off", "10", "9.99", "9.99", "0.00"),
        ("dollars-off", "10", "10.01", "10.00", "0.01"),
        ("fixed-price", "42", "39.33", "0.00", "39.33"),
        ("fixed-price", "39.33", "39.33", "0.00", "39.33"),
        ("fixed-price", "39.32", "39.33", "0.01", "39.32"),
        ("fixed-price", "0", "39.33", "39.33", "0.00"),
        ("percent-off", "100", "39.33", "39.33", "0.00"),
    ],
)
def test_a_line_costs_its_list_price_less_the_reduction(kind, amount, price, off, due):
    line = priced(run(price=price), [discount("SPRING", kind, amount)])
    assert (line.list_price - line.due, line.due) == (usd(off), usd(due))


@given(odd_cents, savings)
def test_the_reduction_is_between_zero_and_the_price(price, saving):
    off = taken_off(Discount(DiscountId("1"), DiscountCode("A"), saving), price)
    assert Money(0) <= off <= price


@given(odd_cents, discounts)
def test_the_discount_with_the_lowest_price_is_applied(price, offered):
    product = run(price=price.plain)
    line = priced(product, offered)
    for other in offered:
        if other.covers(product):
            assert line.due <= price - taken_off(other, price)
    assert line.discount is None or line.discount in offered


@given(odd_cents, discounts)
def test_a_line_has_one_discount_and_its_reduction(price, offered):
    line = priced(run(price=price.plain), offered)
    if line.discount is None:
        assert line.reduction is None
        assert line.due == price
    else:
        assert line.reduction.code == line.discount.code
        assert line.reduction.amount == taken_off(line.discount, price) > Money(0)
        assert line.due == price - line.reduction.amount


@given(odd_cents, discounts, st.randoms(use_true_random=False))
def test_the_order_of_discounts_does_not_matter(price, offered, dice):
    shuffled = list(offered)
    dice.shuffle(shuffled)
    assert priced(run(price=price.plain), offered) == priced(run(price=price.plain), shuffled)


@given(odd_cents, discounts)
def test_a_discount_out_of_scope_does_not_apply(price, offered):
    product = run(price=price.plain)
    covering = [each for each in offered if each.covers(product)]
    assert priced(product, offered) == priced(product, covering)


def test_equal_discounts_are_ranked_assigned_then_automatic_then_typed():
    assert TIE_ORDER == (Source.ASSIGNED, Source.AUTOMATIC, Source.TYPED)
    equals = [
        discount("A-TYPED", "dollars-off", "5", source=Source.TYPED),
        discount("B-AUTO", "percent-off", "50", source=Source.AUTOMATIC),
        discount("C-AID", "fixed-price", "5", source=Source.ASSIGNED),
    ]
    for count, code in ((3, "C-AID"), (2, "B-AUTO"), (1, "A-TYPED")):
        assert priced(run(price="10.00"), equals[:count]).discount.code == DiscountCode(code)


def test_equal_discounts_of_one_source_are_ranked_by_code():
    equals = [discount("B", "dollars-off", "5"), discount("A", "dollars-off", "5")]
    assert priced(run(price="10.00"), equals).discount.code == DiscountCode("A")


def test_a_better_typed_discount_beats_an_assigned_one():
    offered = [
        discount("AID", "dollars-off", "5.00", source=Source.ASSIGNED),
        discount("SPRING", "dollars-off", "5.01"),
    ]
    assert priced(run(price="10.00"), offered).discount.code == DiscountCode("SPRING")


def test_discounts_do_not_stack():
    offered = [discount("A", "dollars-off", "1"), discount("B", "percent-off", "10")]
    assert priced(run(price="20.01"), offered).due == usd("18.01")


def test_a_discount_that_takes_nothing_off_is_not_applied():
    line = priced(run(price="39.33"), [discount("FLAT", "fixed-price", "42")])
    assert (line.discount, line.reduction) == (None, None)


def test_a_free_product_uses_no_discount():
    assert priced(run(price="0.00"), [discount("ALL", "percent-off", "100")]).discount is None


@given(odd_cents, discounts, offers)
def test_an_offer_never_raises_the_price_and_the_lowest_price_wins(price, discounted, offered):
    product = run(price=price.plain)
    alone, both = priced(product, discounted), priced(product, [*discounted, *offered])
    dues = [price - taken_off(o, price) for o in offered if o.covers(product)]
    assert both.due == min([alone.due, *dues])


@given(odd_cents, discounts, offers)
def test_a_line_has_one_offer_or_one_discount_and_its_reason(price, listed, offered):
    line = priced(run(price=price.plain), [*listed, *offered])
    if line.taken is None:
        assert (line.due, line.reduction, line.discount) == (price, None, None)
    else:
        assert line.reduction.code == line.taken.code
        assert line.reduction.payment_type is line.taken.payment_type
        assert line.due == price - taken_off(line.taken, price)
        assert line.discount == (line.taken if line.taken in listed else None)


def test_an_equal_offer_ranks_with_assigned_discounts():
    typed = discount("A-TYPED", "dollars-off", "5", source=Source.TYPED)
    automatic = discount("A-AUTO", "dollars-off", "5", source=Source.AUTOMATIC)
    own = discount("ZZZ", "dollars-off", "5", source=Source.ASSIGNED)
    offered = personal("14.310x-1T2027", "fixed-price", "5", code="M/1")
    line = priced(run(price="10.00"), [typed, automatic, own, offered])
    assert line.taken == offered
    assert priced(run(price="10.00"), [typed, automatic, own]).taken == own


def test_an_offer_for_another_product_or_currency_does_not_apply():
    other = personal("6.86x-1T2027", "fixed-price", "1")
    euros = personal("14.310x-1T2027", "fixed-price", "1", currency=Currency.EUR)
    assert priced(run(price="10.00"), [other, euros]).taken is None


def test_a_discount_in_dollars_does_not_change_a_price_in_euros():
    euros = run(price="39.33", currency=Currency.EUR)
    assert priced(euros, [discount("TEN", "dollars-off", "10")]).discount is None
