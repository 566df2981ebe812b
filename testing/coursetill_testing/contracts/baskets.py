"""The contract of the collection of baskets."""

import attrs
import pytest

from core.baskets.basket import Basket, BasketHasChanged, Item
from core.discount_code import DiscountCode
from core.identity import Learner, LearnerId, Visitor
from core.money import Currency, Money
from core.products.product import Sku
from coursetill_testing.contracts.samples import ADA, BOB, NOW, VISITOR, a_basket, changing


def an_item(sku):
    return Item(Sku(sku), Money(1999), NOW)


def test_a_new_shopper_has_an_empty_basket(shop):
    with shop.read() as work:
        assert work.baskets.of(ADA) == Basket(ADA)
        assert work.baskets.of(VISITOR) == Basket(VISITOR)


def test_a_basket_is_read_back_unchanged(shop):
    with changing(shop.begin) as work:
        work.baskets.save(a_basket())
    with shop.read() as work:
        assert work.baskets.of(ADA) == attrs.evolve(a_basket(), version=1)


def test_a_basket_carries_the_current_shopper(shop):
    renamed = attrs.evolve(ADA, name="Ada King", email="ada@king.example")
    with changing(shop.begin) as work:
        work.baskets.save(a_basket())
    with shop.read() as work:
        assert work.baskets.of(renamed).shopper.name == "Ada King"


def test_a_learner_and_a_visitor_with_one_id_have_two_baskets(shop):
    learner, visitor = Learner(LearnerId("same"), "", ""), Visitor("same")
    with changing(shop.begin) as work:
        work.baskets.save(Basket(learner, (an_item("one"),)))
        work.baskets.save(Basket(visitor, (an_item("two"),)))
    with shop.read() as work:
        assert work.baskets.of(learner).skus == {Sku("one")}
        assert work.baskets.of(visitor).skus == {Sku("two")}


def test_items_and_codes_keep_their_order(shop):
    for sku in ("zz", "aa", "mm"):
        with changing(shop.begin) as work:
            basket = work.baskets.of(ADA).with_item(an_item(sku), sku)
            work.baskets.save(basket.with_code(DiscountCode(sku)))
    with shop.read() as work:
        basket = work.baskets.of(ADA)
        assert [item.sku.text for item in basket.items] == ["zz", "aa", "mm"]
        assert [code.text for code in basket.codes] == ["ZZ", "AA", "MM"]
        assert basket.version == 3


def test_a_saved_basket_drops_removed_items_and_codes(shop):
    with changing(shop.begin) as work:
        work.baskets.save(a_basket())
    with changing(shop.begin) as work:
        work.baskets.save(
            work.baskets.of(ADA).without(Sku("zz")).without_code(DiscountCode("SPRING"))
        )
    with shop.read() as work:
        basket = work.baskets.of(ADA)
        assert basket.items == a_basket().items[:1]
        assert basket.codes == a_basket().codes[1:]
    with changing(shop.begin) as work:
        work.baskets.save(work.baskets.of(ADA).emptied())
    with shop.read() as work:
        assert work.baskets.of(ADA) == Basket(ADA, version=3)


def test_a_basket_can_be_saved_twice_in_one_transaction(shop):
    with changing(shop.begin) as work:
        work.baskets.save(a_basket())
        work.baskets.save(work.baskets.of(ADA).emptied())
        work.baskets.save(work.baskets.of(ADA).with_item(an_item("last"), "last"))
    with shop.read() as work:
        assert work.baskets.of(ADA) == Basket(ADA, (an_item("last"),), version=3)


def test_an_item_with_changed_runs_or_price_is_saved(shop):
    with changing(shop.begin) as work:
        work.baskets.save(a_basket())
    with changing(shop.begin) as work:
        basket = work.baskets.of(ADA)
        item = attrs.evolve(
            basket.items[1], runs=frozenset(), seen_price=Money(7, Currency.JPY), added_at=NOW
        )
        work.baskets.save(attrs.evolve(basket, items=(basket.items[0], item)))
    with shop.read() as work:
        assert work.baskets.of(ADA).items == (a_basket().items[0], item)


def test_saving_a_basket_changes_no_other(shop):
    with changing(shop.begin) as work:
        work.baskets.save(a_basket())
        work.baskets.save(Basket(BOB, (an_item("one"),)))
    with changing(shop.begin) as work:
        work.baskets.save(work.baskets.of(BOB).emptied())
    with shop.read() as work:
        assert work.baskets.of(ADA).items == a_basket().items


@pytest.mark.parametrize("first", [True, False], ids=["first", "later"])
def test_a_stale_basket_cannot_be_saved(shop, first):
    if not first:
        with changing(shop.begin) as work:
            work.baskets.save(a_basket())
    with shop.read() as work:
        mine = work.baskets.of(ADA)
    with changing(shop.begin) as work:
        work.baskets.save(work.baskets.of(ADA).emptied())
    with shop.begin() as work, pytest.raises(BasketHasChanged):
        work.baskets.save(mine)
