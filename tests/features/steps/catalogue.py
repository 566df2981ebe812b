"""Steps about how staff change the catalogue."""

from __future__ import annotations

from datetime import timedelta

from pytest_bdd import parsers, then, when

from core.products.catalogue_rows import COLUMNS
from core.products.product import Sku
from tests.features.world import World

parse = parsers.parse


@when("staff import the catalogue", target_fixture="imported")
def _(world: World, datatable: list[list[str]]) -> tuple[int, int, int]:
    names, *rows = datatable
    filled = [_filled(dict(zip(names, row, strict=True))) for row in rows]
    return world.staff.import_catalogue_rows(filled)


def _filled(cells: dict[str, str]) -> dict[str, str]:
    """A whole row of a catalogue file from the cells that a scenario names."""
    number, _, term = cells["sku"].rpartition("-")
    usual = {
        "kind": "course-run",
        "readable_id": f"course-v1:MITxT+{number}+{term}",
        "title": f"Course {number}",
        "currency": "USD",
        "course": f"course-v1:MITxT+{number}",
    }
    return {name: {**usual, **cells}.get(name, "") for name in COLUMNS}


@when("staff export the catalogue and import it again", target_fixture="imported")
def _(world: World) -> tuple[int, int, int]:
    return world.staff.import_catalogue_file(world.staff.export_catalogue())


@then(parse("the import added {added:d}, changed {changed:d} and left {left:d} unchanged"))
def _(imported: tuple[int, int, int], added: int, changed: int, left: int) -> None:
    assert imported == (added, changed, left)


@then(parse('the price history of "{sku}" is {prices}'))
def _(world: World, sku: str, prices: str) -> None:
    assert [f"${price}" for price in world.staff.price_history(sku)] == prices.split(", ")


@then(parse('the audit log of "{sku}" shows'))
def _(world: World, sku: str, datatable: list[list[str]]) -> None:
    assert world.staff.audit_log_of(sku) == datatable[1:]


@then(parse('the shop has no product "{sku}"'))
def _(world: World, sku: str) -> None:
    with world.shop.read() as work:
        assert work.products.among([Sku(sku)]) == {}


@when(parse('staff change the price of "{sku}" to ${price}'))
def _(world: World, sku: str, price: str) -> None:
    world.staff.change_price(sku, price)


@when(parse('staff withdraw "{sku}"'))
def _(world: World, sku: str) -> None:
    world.staff.withdraw(sku)


@when(parse('staff put "{sku}" back on sale'))
def _(world: World, sku: str) -> None:
    world.staff.put_back_on_sale(sku)


@when(parse('staff set the capacity of "{sku}" to {number:d}'))
def _(world: World, sku: str, number: int) -> None:
    world.staff.set_capacity(sku, number)


@when(parse('staff remove the capacity limit of "{sku}"'))
def _(world: World, sku: str) -> None:
    world.staff.set_capacity(sku, None)


@then(parse('"{sku}" has {paid:d} paid seat and {reserved:d} reserved seat'))
def _(world: World, sku: str, paid: int, reserved: int) -> None:
    assert world.staff.paid_and_reserved_seats(sku) == (paid, reserved)


@when(parse('staff set the payment deadline of "{sku}" to {minutes:d} minutes from now'))
def _(world: World, sku: str, minutes: int) -> None:
    world.staff.set_payment_deadline(sku, world.shop.now() + timedelta(minutes=minutes))


@when(parse('staff remove the payment deadline of "{sku}"'))
def _(world: World, sku: str) -> None:
    world.staff.set_payment_deadline(sku, None)
