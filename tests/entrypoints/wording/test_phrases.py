"""Facts that are no errors have their words in the tables too."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from core.discounts.kinds.dollars_off import DollarsOff
from core.discounts.kinds.fixed_price import FixedPrice
from core.discounts.kinds.percent_off import PercentOff
from core.discounts.saving import Saving
from core.discounts.selection import Selection
from core.money import Currency
from core.order_reference import Reference
from core.orders.order_state import OrderState
from core.orders.refund_policy import RefundPolicy
from core.payments.gateway import GatewayUnavailable
from core.use_cases.back_office.order_actions import NotToBeCancelled
from core.use_cases.discounts.bulk_discounts import NotAllAssigned
from core.use_cases.discounts.diagnose_code import HoldsUntil
from core.use_cases.payments.enquire import StillChecking
from core.use_cases.pricing.eligibility import AlreadyBought
from entrypoints.composition.wording import for_learners, for_staff

WORDS = for_learners(UTC)


@pytest.mark.parametrize(
    "saving, told",
    [
        (PercentOff.of("12.5", Currency.USD), "12.5 % off"),
        (DollarsOff.of("10", Currency.USD), "$10.00 off"),
        (FixedPrice.of("42", Currency.USD), "price $42.00"),
    ],
)
def test_a_saving_is_shown_with_its_amount(saving: Saving, told: str) -> None:
    assert WORDS.sentence(saving) == told


@pytest.mark.parametrize("days, told", [(1, "within 1 day of buying"), (14, "within 14 days of")])
def test_the_refund_policy_is_shown_in_days(days: int, told: str) -> None:
    assert told in WORDS.sentence(RefundPolicy(timedelta(days=days)))


def test_the_end_of_a_discount_is_shown_in_the_zone_of_the_reader() -> None:
    ends = HoldsUntil(datetime(2026, 12, 1, 23, 30, tzinfo=UTC))
    berlin = WORDS.in_zone(ZoneInfo("Europe/Berlin"))
    assert WORDS.sentence(ends) == "it holds until 1 December 2026, 23:30 UTC"
    assert berlin.sentence(ends) == "it holds until 2 December 2026, 00:30 UTC+1"


def test_an_owned_product_and_a_part_of_an_owned_program_have_different_sentences() -> None:
    order = Reference("CT-1")
    assert WORDS.sentence(AlreadyBought("Course", "Course", order)) == (
        "You bought Course already, with order CT-1"
    )
    assert WORDS.sentence(AlreadyBought("Course", "the program P", order)) == (
        "Course is part of the program P, which you bought with order CT-1"
    )


def test_only_a_paid_order_suggests_a_refund_instead_of_a_cancellation() -> None:
    told = [
        WORDS.sentence(NotToBeCancelled(Reference("CT-1"), state))
        for state in (OrderState.PAID, OrderState.EXPIRED)
    ]
    assert ["refund" in each for each in told] == [True, False]


@pytest.mark.parametrize(
    "others, told", [(1, '1 of batch "b" is typed'), (2, '2 of batch "b" are typed')]
)
def test_the_verb_agrees_with_the_number_of_discounts(others: int, told: str) -> None:
    assert told in WORDS.sentence(NotAllAssigned(Selection(batch="b"), others))


def test_staff_see_a_cause_that_learners_do_not() -> None:
    error = GatewayUnavailable("the key\nis wrong")
    assert for_staff(UTC).sentence(error) == "The payment gateway cannot be used: the key is wrong"
    assert "key" not in WORDS.sentence(error)
    checking = StillChecking(Reference("CT-1"))
    assert "has changed nothing" in for_staff(UTC).sentence(checking)
    assert "You will not be charged twice" in WORDS.sentence(checking)
