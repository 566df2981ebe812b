"""Concurrent checkouts do not use a discount beyond its limit."""

import pytest

from core.discounts.discount import Limits, RedemptionType, UsedByYou, UsedUp
from core.identity import Learner
from coursetill_testing.contracts.samples import NOW, a_plain_discount, a_plain_order, changing
from tests.races.conftest import CROWD, all_at_once, kinds


def learner(number):
    return Learner(f"learner-{number}", "", "")


def orders(shop, *, of_one_learner=False):
    with changing(shop.begin) as work:
        for number in range(CROWD):
            who = learner(0 if of_one_learner else number)
            work.orders.add(a_plain_order(f"SHOP-{number}", learner=who))


def reserve(work, number, *discounts):
    order = work.orders.get(f"SHOP-{number}")
    work.redemptions.reserve(discounts, order.reference, order.learner.id, NOW)


@pytest.mark.parametrize(
    ("limits", "uses"),
    [(Limits(RedemptionType.ONE_TIME), 1), (Limits(max_redemptions=7), 7)],
    ids=["one", "seven"],
)
def test_concurrent_learners_get_exactly_the_available_uses(shop, limits, uses):
    discount = a_plain_discount(limits=limits)
    orders(shop)
    with changing(shop.begin) as work:
        work.discounts.add(discount)

    def use(number):
        with changing(shop.begin) as work:
            reserve(work, number, discount)

    got, refusals = all_at_once(use)
    assert len(got) == uses
    assert kinds(refusals) == {UsedUp}
    with shop.read() as work:
        assert work.discounts.get(discount.code).used == uses


@pytest.mark.parametrize(
    ("limits", "uses"),
    [(Limits(RedemptionType.ONE_TIME_PER_USER), 1), (Limits(max_per_learner=3), 3)],
    ids=["one", "three"],
)
def test_a_learner_in_many_windows_gets_exactly_the_allowed_uses(shop, limits, uses):
    discount = a_plain_discount(limits=limits)
    orders(shop, of_one_learner=True)
    with changing(shop.begin) as work:
        work.discounts.add(discount)

    def use(number):
        with changing(shop.begin) as work:
            reserve(work, number, discount)

    got, refusals = all_at_once(use)
    assert len(got) == uses
    assert kinds(refusals) == {UsedByYou}
    with shop.read() as work:
        states = [use for n in range(CROWD) for use in work.redemptions.of(f"SHOP-{n}")]
    assert len(states) == uses


def test_concurrently_released_uses_are_counted_exactly(shop):
    discount = a_plain_discount(limits=Limits(max_redemptions=CROWD // 2))
    orders(shop)
    with changing(shop.begin) as work:
        work.discounts.add(discount)
        for number in range(0, CROWD, 2):
            reserve(work, number, discount)

    def use_or_give_back(number):
        with changing(shop.begin) as work:
            if number % 2:
                reserve(work, number, discount)
            else:
                work.redemptions.release(f"SHOP-{number}", NOW)

    got, refusals = all_at_once(use_or_give_back)
    assert kinds(refusals) <= {UsedUp}
    with shop.read() as work:
        assert work.discounts.get(discount.code).used == len(got) - CROWD // 2


def test_two_orders_with_the_same_codes_do_not_deadlock(shop):
    discounts = [a_plain_discount(f"CODE-{n}") for n in range(6)]
    orders(shop)
    with changing(shop.begin) as work:
        for discount in discounts:
            work.discounts.add(discount)

    def use_and_give_back(number):
        mine = discounts if number % 2 else discounts[::-1]
        with changing(shop.begin) as work:
            reserve(work, number, *mine)
        with changing(shop.begin) as work:
            work.redemptions.release(f"SHOP-{number}", NOW)

    got, refusals = all_at_once(use_and_give_back)
    assert (len(got), refusals) == (CROWD, [])
    with shop.read() as work:
        assert {work.discounts.get(discount.code).used for discount in discounts} == {0}
