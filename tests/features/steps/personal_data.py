"""Steps about the export and the erasure of personal data."""

from __future__ import annotations

from pytest_bdd import parsers, then, when

from core.money import Money
from core.orders.order import OrderSearch
from tests.features.world import World

parse = parsers.parse


@when(parse("staff erase {who:w}'s personal data"))
def _(world: World, who: str) -> None:
    world.staff.erase_personal_data(world.person(who).learner)


@then(parsers.re(r"(?P<who>\w+)'s data export contains (?P<count>\d+) orders?"))
def _(world: World, who: str, count: str) -> None:
    assert world.staff.orders_in_data_export(world.person(who).learner) == int(count)


@then(parse("the shop still holds 1 order of ${total} without any name"))
def _(world: World, total: str) -> None:
    with world.shop.read() as work:
        [order] = work.orders.search(OrderSearch())
        history = work.orders.history(order.reference)
    assert order.total == Money.of(total)
    assert (order.learner.email, order.learner.name) == ("", "")
    assert not any("ada" in f"{entry.by} {entry.why}".casefold() for entry in history)
