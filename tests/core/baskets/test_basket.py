"""A basket holds each product once, speaks one currency, and loses nothing in silence."""

from datetime import timedelta

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.baskets.basket import (
    LARGEST_BASKET,
    MOST_CODES,
    AnotherCurrency,
    Basket,
    BasketIsFull,
    Item,
    TooManyCodes,
)
from core.discount_code import DiscountCode
from core.identity import Learner, LearnerId, Visitor
from core.money import Currency, Money
from core.products.product import Sku
from coursetill_testing.makers import ADA, BOB, NOW, basket, item, program, run, usd

VISITOR = Visitor("browser-1")

skus = st.sampled_from([Sku(f"sku-{n}") for n in range(8)])
codes = st.sampled_from([DiscountCode(f"code-{n}") for n in range(14)])
items = st.builds(
    Item,
    skus,
    st.builds(Money, st.integers(0, 10**6), st.sampled_from([Currency.USD, Currency.EUR])),
    st.just(NOW),
    st.frozensets(skus, max_size=2),
)


@st.composite
def baskets(draw, shopper=ADA):
    """A basket as shoppers fill them: by putting in one thing after the other."""
    filled = Basket(shopper)
    for wanted in draw(st.lists(items, max_size=6)):
        if filled.currency in (None, wanted.seen_price.currency):
            filled = filled.with_item(wanted, "a product")
    for code in draw(st.lists(codes, max_size=MOST_CODES, unique=True)):
        filled = filled.with_code(code)
    return filled


def full(shopper=ADA):
    held = tuple(Item(Sku(f"full-{n}"), usd("1.01"), NOW) for n in range(LARGEST_BASKET))
    return Basket(shopper, held)


@given(baskets(), items)
def test_adding_a_product_twice_is_like_adding_it_once(filled, wanted):
    if filled.currency not in (None, wanted.seen_price.currency):
        wanted = attrs.evolve(wanted, seen_price=Money(1, filled.currency))
    once = filled.with_item(wanted, "a product")
    assert once.with_item(wanted, "a product") == once
    assert [own.sku for own in once.items].count(wanted.sku) == 1


def test_adding_a_product_again_changes_its_picked_runs_only():
    first, second = run("14.310x-1T2027"), run("14.310x-3T2026")
    once = basket(item(program(), first), item(run("6.86x-1T2027")))
    dearer = attrs.evolve(item(program(price="2000.00"), second), added_at=NOW + timedelta(1))
    [held, _] = once.with_item(dearer, "Program DEDP").items
    assert held.runs == {second.sku}
    assert (held.seen_price, held.added_at) == (usd("1350.00"), NOW)


def test_a_product_in_another_currency_is_refused_and_both_are_named():
    euros = item(run("6.86x-1T2027", currency=Currency.EUR))
    with pytest.raises(AnotherCurrency) as refused:
        basket(item(run())).with_item(euros, "Machine Learning")
    error = refused.value
    assert (error.title, error.price.currency, error.basket) == (
        "Machine Learning",
        Currency.EUR,
        Currency.USD,
    )


def test_an_empty_basket_takes_any_currency():
    yen = item(run(currency=Currency.JPY, price="30000"))
    assert basket().with_item(yen, "Course").currency is Currency.JPY


def test_only_a_new_product_is_refused_beyond_the_limit_of_a_hundred():
    filled = full()
    with pytest.raises(BasketIsFull):
        filled.with_item(item(run()), "Course")
    assert filled.with_item(filled.items[0], "Course") == filled


def test_only_a_new_code_is_refused_beyond_the_limit_of_ten():
    filled = basket(codes=[f"code-{n}" for n in range(MOST_CODES)])
    with pytest.raises(TooManyCodes):
        filled.with_code(DiscountCode("one-more"))
    assert filled.with_code(DiscountCode("CODE-3")) == filled


@given(baskets(), codes)
def test_removing_a_code_keeps_the_others(filled, code):
    left = filled.without_code(code)
    assert left.codes == tuple(own for own in filled.codes if own != code)
    assert left.items == filled.items


@given(baskets(), st.frozensets(skus))
def test_removing_a_product_keeps_the_others_in_order(filled, gone):
    left = filled.without(*gone)
    assert left.items == tuple(own for own in filled.items if own.sku not in gone)


@given(baskets(), baskets(shopper=VISITOR))
def test_a_merge_is_a_union_and_reports_every_loss(mine, visited):
    merge = mine.merged_with(visited)
    held = {own.sku: own for own in merge.basket.items}
    assert held.keys() >= {own.sku for own in mine.items}
    for wanted in visited.items:
        kept = wanted.sku in held and wanted.runs <= held[wanted.sku].runs
        assert kept or wanted in merge.dropped
    assert set(merge.basket.codes) | set(merge.dropped_codes) == {*mine.codes, *visited.codes}
    assert merge.basket.shopper == mine.shopper


@given(baskets(), baskets(shopper=VISITOR))
def test_a_merge_keeps_every_rule_of_a_basket(mine, visited):
    merged = mine.merged_with(visited).basket
    assert len({own.sku for own in merged.items}) == len(merged.items) <= LARGEST_BASKET
    assert len({own.seen_price.currency for own in merged.items}) <= 1
    assert len(set(merged.codes)) == len(merged.codes) <= MOST_CODES


@given(baskets(), baskets(shopper=VISITOR))
def test_merging_the_same_basket_again_adds_nothing(mine, visited):
    merged = mine.merged_with(visited).basket
    again = merged.merged_with(visited)
    assert (again.basket, again.added) == (merged, ())


@given(baskets())
def test_merging_nothing_changes_nothing(mine):
    merge = mine.merged_with(Basket(VISITOR))
    assert (merge.basket, merge.added, merge.dropped) == (mine, (), ())


def test_runs_picked_before_sign_in_are_kept():
    picked = item(program(), run("14.310x-1T2027"))
    merge = basket(item(program())).merged_with(Basket(VISITOR, (picked,)))
    assert merge.added == (picked,)
    assert merge.basket.items[0].runs == picked.runs


def test_the_learners_picked_runs_win_and_the_visitors_are_reported():
    own = item(program(), run("14.310x-1T2027"))
    other = item(program(), run("14.310x-3T2026"))
    merge = basket(own).merged_with(Basket(VISITOR, (other,)))
    assert (merge.basket.items, merge.added, merge.dropped) == ((own,), (), (other,))


def test_a_merge_reports_the_products_beyond_the_limit():
    visited = Basket(VISITOR, (item(run()),))
    merge = full().merged_with(visited)
    assert (merge.added, merge.dropped) == ((), visited.items)


def test_a_basket_in_another_currency_is_dropped_and_every_item_reported():
    euros = tuple(item(run(sku, currency=Currency.EUR)) for sku in ("6.86x-1T2027", "6.0x-1T2027"))
    merge = basket(item(run())).merged_with(Basket(VISITOR, euros))
    assert merge.dropped == euros


def test_the_skus_of_a_basket_include_every_picked_run():
    filled = basket(item(program(), run("14.310x-1T2027")), item(run("6.86x-1T2027")))
    assert filled.skus == {Sku("DEDP"), Sku("14.310x-1T2027"), Sku("6.86x-1T2027")}


def test_an_emptied_basket_keeps_only_its_shopper():
    emptied = attrs.evolve(basket(item(run()), codes=["SPRING"]), version=7).emptied()
    assert (emptied, emptied.version) == (attrs.evolve(Basket(ADA), version=7), 7)


def test_a_renamed_learner_keeps_the_basket():
    renamed = Learner(LearnerId("ada"), "countess@example.org", "Countess of Lovelace")
    assert Basket(ADA) == Basket(renamed)
    assert Basket(ADA) != Basket(BOB)
    assert Basket(Visitor("ada")) != Basket(ADA)
