"""Sentences about what the shop sells, and for how much."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import attrs
from pytest_bdd import given, parsers, step, when

from core.discounts.discount import RedemptionType
from core.money import Currency, Money
from core.products.product import Listing, Sku
from tests.features.world import World

parse = parsers.parse


@given(
    parsers.re(
        r'the shop sells the run "(?P<sku>[^"]+)" for [$](?P<price>[\d.]+)'
        r"( with (?P<seats>\d+) seats?)?"
    )
)
def _(world: World, sku: str, price: str, seats: str | None) -> None:
    world.sells_run(sku, Money.of(price), int(seats) if seats else None)


@given(
    parsers.re(
        r'the shop sells the run "(?P<sku>[^"]+)" for (?P<price>[\d.]+) (?P<currency>[A-Z]{3})'
    )
)
def _(world: World, sku: str, price: str, currency: str) -> None:
    world.sells_run(sku, Money.of(price, Currency.of(currency)))


@given(parse('the shop sells the program "{sku}" of {numbers} for ${price}'))
def _(world: World, sku: str, numbers: str, price: str) -> None:
    world.sells_program(sku, re.findall(r'"([^"]+)"', numbers), Money.of(price))


@step(parse('"{sku}" is {listing:w}'))
def _(world: World, sku: str, listing: str) -> None:
    world.lists(sku, Listing(listing))


@given(parse('"{sku}" is sold from in {start:d} hour until in {end:d} hours'))
def _(world: World, sku: str, start: int, end: int) -> None:
    now = world.shop.now()
    world.changes(
        sku,
        lambda product: attrs.evolve(
            product,
            enrollment_opens_at=now + timedelta(hours=start),
            payment_deadline_at=now + timedelta(hours=end),
        ),
    )


@when(parse('the price of "{sku}" changes to ${price}'))
def _(world: World, sku: str, price: str) -> None:
    now = world.shop.now()
    world.changes(sku, lambda product: product.repriced(Money.of(price), now))


@given(
    parsers.re(
        r'the code "(?P<code>\w+)" takes (?P<amount>[\d.]+) (?P<unit>percent|dollars) off'
        r'( "(?P<sku>[^"]+)")?( (?P<limit>once|for 1 hour))?$'
    )
)
def _(world: World, code: str, amount: str, unit: str, sku: str | None, limit: str | None) -> None:
    more: dict[str, Any] = {"skus": (sku,) if sku else ()}
    if limit == "once":
        more["redemption_type"] = RedemptionType.ONE_TIME
    elif limit:
        more["expires_at"] = world.shop.now() + timedelta(hours=1)
    world.discounts(code, f"{unit}-off", amount, **more)


@given(parse('the code "{code}" takes the price to {amount}'))
def _(world: World, code: str, amount: str) -> None:
    world.discounts(code, "fixed-price", amount)


@given(parse('{who:w} has a discount "{code}" of {percent:d} percent'))
def _(world: World, who: str, code: str, percent: int) -> None:
    world.assigns(code, str(percent), world.person(who))


@given(parse('an extension lets {who:w} have "{sku}" for ${price}'))
def _(world: World, who: str, sku: str, price: str) -> None:
    world.extension.prices[world.person(who).learner.id, Sku(sku)] = Money.of(price)


@when(parse("the extension takes its price back from {who:w}"))
def _(world: World, who: str) -> None:
    world.extension.prices.clear()


@when("the extension fails")
def _(world: World) -> None:
    world.extension.fails = True
