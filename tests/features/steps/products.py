"""Steps about the products that the shop sells."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import attrs
from pytest_bdd import given, parsers, step, when

from core.money import Currency, Money
from core.products.product import Listing
from tests.features.world import World

parse = parsers.parse


@given(
    parsers.re(
        r'the shop sells the course run "(?P<sku>[^"]+)" for [$](?P<price>[\d.]+)'
        r"( with (?P<seats>\d+) seats?)?"
    )
)
def _(world: World, sku: str, price: str, seats: str | None) -> None:
    world.add_course_run(sku, Money.of(price), int(seats) if seats else None)


@given(
    parsers.re(
        r'the shop sells the course run "(?P<sku>[^"]+)" '
        r"for (?P<price>[\d.]+) (?P<currency>[A-Z]{3})"
    )
)
def _(world: World, sku: str, price: str, currency: str) -> None:
    world.add_course_run(sku, Money.of(price, Currency.of(currency)))


@given(
    parsers.re(
        r'the shop sells the program "(?P<sku>[^"]+)" with the courses? '
        r"(?P<numbers>.+) for [$](?P<price>[\d.]+)"
    )
)
def _(world: World, sku: str, numbers: str, price: str) -> None:
    world.add_program(sku, re.findall(r'"([^"]+)"', numbers), Money.of(price))


@step(parse('"{sku}" is {listing:w}'))
def _(world: World, sku: str, listing: str) -> None:
    world.set_listing_of(sku, Listing(listing))


@given(parse('"{sku}" runs from {start} to {end}'))
def _(world: World, sku: str, start: str, end: str) -> None:
    starts_at, ends_at = (
        datetime.strptime(day, "%d %B %Y").replace(hour=12, tzinfo=UTC) for day in (start, end)
    )
    world.change_product(
        sku,
        lambda product: attrs.evolve(
            product, sells=attrs.evolve(product.sells, starts_at=starts_at, ends_at=ends_at)
        ),
    )


@given(parse('"{sku}" is on sale from {start:d} hour from now until {end:d} hours from now'))
def _(world: World, sku: str, start: int, end: int) -> None:
    now = world.shop.now()
    world.change_product(
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
    world.change_product(sku, lambda product: product.repriced(Money.of(price), now))
