"""Steps about discounts, and about personal prices of an extension."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import attrs
from pytest_bdd import given, parsers, when

from core.discount_code import PaymentType
from core.discounts.discount import RedemptionType, Source
from core.money import Money
from core.products.product import Sku
from core.use_cases.discounts.create_discount import DiscountDraft
from tests.features.world import World

parse = parsers.parse


@given(
    parsers.re(
        r'the code "(?P<code>\w+)" gives (?P<amount>[\d.]+) (?P<unit>percent|dollars) off'
        r'( "(?P<sku>[^"]+)")?(, (?P<limit>usable once|valid for 1 hour))?$'
    )
)
def _(world: World, code: str, amount: str, unit: str, sku: str | None, limit: str | None) -> None:
    more: dict[str, Any] = {"skus": (sku,) if sku else ()}
    if limit == "usable once":
        more["redemption_type"] = RedemptionType.ONE_TIME
    elif limit:
        more["expires_at"] = world.shop.now() + timedelta(hours=1)
    world.create_discount_code(code, f"{unit}-off", amount, **more)


@when(
    parsers.re(
        r'staff create the (?P<automatic>automatic )?discount "(?P<code>[\w-]+)" '
        r"of (?P<percent>\d+) percent(, (?P<terms>.+))?$"
    )
)
def _(world: World, automatic: str | None, code: str, percent: str, terms: str | None) -> None:
    draft = DiscountDraft(code, "percent-off", percent)
    if automatic:
        draft = attrs.evolve(draft, source=Source.AUTOMATIC)
    world.staff.create_discount(_with_terms(world, draft, terms or ""))


def _with_terms(world: World, draft: DiscountDraft, terms: str) -> DiscountDraft:
    """The discount with the terms that a scenario gives it in words."""
    if terms == "usable once per learner":
        return attrs.evolve(draft, redemption_type=RedemptionType.ONE_TIME_PER_USER)
    if terms == "as financial assistance":
        return attrs.evolve(draft, payment_type=PaymentType.FINANCIAL_ASSISTANCE)
    if found := re.fullmatch(r"usable (\d+) times", terms):
        return attrs.evolve(draft, max_redemptions=int(found[1]))
    if found := re.fullmatch(r"active from (\d+) minutes from now", terms):
        start = world.shop.now() + timedelta(minutes=int(found[1]))
        return attrs.evolve(draft, activates_at=start)
    if found := re.fullmatch(r"assigned to (\w+)", terms):
        learner = world.person(found[1]).learner
        return attrs.evolve(draft, source=Source.ASSIGNED, learners=(learner.id,))
    assert not terms, terms
    return draft


@when(parse("{who:w} enters {count:d} codes that do not exist"))
def _(world: World, who: str, count: int) -> None:
    for number in range(count):
        world.person(who).enter_code(f"GUESS-{number}")


@given(parse('the code "{code}" gives a price of {amount}'))
def _(world: World, code: str, amount: str) -> None:
    world.create_discount_code(code, "fixed-price", amount)


@given(parse('the discount "{code}" of {percent:d} percent is assigned to {who:w}'))
def _(world: World, who: str, code: str, percent: int) -> None:
    world.assign_discount(code, str(percent), world.person(who))


@given(parse('an extension gives {who:w} a personal price of ${price} for "{sku}"'))
def _(world: World, who: str, sku: str, price: str) -> None:
    world.extension.prices[world.person(who).learner.id, Sku(sku)] = Money.of(price)


@when(parse("the extension withdraws {who:w}'s personal price"))
def _(world: World, who: str) -> None:
    world.extension.prices.clear()


@when("the extension fails")
def _(world: World) -> None:
    world.extension.fails = True
