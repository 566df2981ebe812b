"""Sentences about what staff do and are told."""

from __future__ import annotations

from pytest_bdd import parsers, then, when

from core.products.catalogue_rows import COLUMNS
from core.products.product import Sku
from tests.features.world import World

parse = parsers.parse


@when("staff import", target_fixture="imported")
def _(world: World, datatable: list[list[str]]) -> tuple[int, int, int]:
    names, *rows = datatable
    return world.staff.imports([_written(dict(zip(names, row, strict=True))) for row in rows])


def _written(cells: dict[str, str]) -> dict[str, str]:
    """A whole row of a catalogue from what a feature says of it."""
    number, _, term = cells["sku"].rpartition("-")
    usual = {
        "kind": "course-run",
        "readable_id": f"course-v1:MITxT+{number}+{term}",
        "title": f"Course {number}",
        "currency": "USD",
        "course": f"course-v1:MITxT+{number}",
    }
    return {name: {**usual, **cells}.get(name, "") for name in COLUMNS}


@then(parse("the import added {added:d}, changed {changed:d} and left {left:d}"))
def _(imported: tuple[int, int, int], added: int, changed: int, left: int) -> None:
    assert imported == (added, changed, left)


@then(parse('the price of "{sku}" was {prices}'))
def _(world: World, sku: str, prices: str) -> None:
    assert [f"${price}" for price in world.staff.prices(sku)] == prices.split(", ")


@then(parse('the journal of "{sku}" says'))
def _(world: World, sku: str, datatable: list[list[str]]) -> None:
    assert world.staff.journal(sku) == datatable[1:]


@then(parse('there is no "{sku}" in the shop'))
def _(world: World, sku: str) -> None:
    with world.shop.read() as work:
        assert work.products.among([Sku(sku)]) == {}


@when(parse('staff change the price of "{sku}" to ${price}'))
def _(world: World, sku: str, price: str) -> None:
    world.staff.reprices(sku, price)


@when(parse('staff withdraw "{sku}"'))
def _(world: World, sku: str) -> None:
    world.staff.withdraws(sku)


@when(parse('staff put "{sku}" back on sale'))
def _(world: World, sku: str) -> None:
    world.staff.restores(sku)


@when(parse("staff refund {who:w}'s order"))
def _(world: World, who: str) -> None:
    world.staff.refunds(world.person(who).orders()[0])


@when(parse("staff refund ${amount} of {who:w}'s order"))
def _(world: World, amount: str, who: str) -> None:
    world.staff.refunds(world.person(who).orders()[0], amount=amount)


@when(parse("staff refund line {line:d} of {who:w}'s order"))
def _(world: World, line: int, who: str) -> None:
    world.staff.refunds(world.person(who).orders()[0], line=line)
