"""Sentences about seats, deadlines and the catalogue in a file."""

from __future__ import annotations

from datetime import timedelta

from pytest_bdd import parsers, then, when

from tests.features.world import World

parse = parsers.parse


@when(parse('staff set the seats of "{sku}" to {number:d}'))
def _(world: World, sku: str, number: int) -> None:
    world.staff.seats(sku, number)


@when(parse('staff lift the limit of seats of "{sku}"'))
def _(world: World, sku: str) -> None:
    world.staff.seats(sku, None)


@then(
    parsers.re(r'of "(?P<sku>.+)" (?P<paid>\d+) seats? is paid and (?P<reserved>\d+) is reserved')
)
def _(world: World, sku: str, paid: str, reserved: str) -> None:
    assert world.staff.seats_of(sku) == (int(paid), int(reserved))


@when(parse('staff sell "{sku}" for {minutes:d} minutes more'))
def _(world: World, sku: str, minutes: int) -> None:
    world.staff.sells_until(sku, world.shop.now() + timedelta(minutes=minutes))


@when(parse('staff sell "{sku}" without a deadline'))
def _(world: World, sku: str) -> None:
    world.staff.sells_until(sku, None)


@when("staff import what they have exported", target_fixture="imported")
def _(world: World) -> tuple[int, int, int]:
    return world.staff.imports_text(world.staff.exports())
