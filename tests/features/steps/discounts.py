"""Steps about discounts, and about personal prices of an extension."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from pytest_bdd import given, parsers, when

from core.discounts.discount import RedemptionType
from core.money import Money
from core.products.product import Sku
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
