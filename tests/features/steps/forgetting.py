"""Sentences about what is held about somebody, and about forgetting them."""

from __future__ import annotations

from pytest_bdd import parsers, then, when

from core.money import Money
from core.orders.order import OrderSearch
from tests.features.world import World

parse = parsers.parse


@when(parse("staff forget {who:w}"))
def _(world: World, who: str) -> None:
    world.staff.forgets(world.person(who).learner)


@then(parsers.re(r"(?P<who>\w+)'s export tells of (?P<count>\d+) orders?"))
def _(world: World, who: str, count: str) -> None:
    assert world.staff.held(world.person(who).learner) == int(count)


@then(parsers.re(r"the books still hold 1 order of [$](?P<total>[\d.]+), and nobody's name"))
def _(world: World, total: str) -> None:
    with world.shop.read() as work:
        [order] = work.orders.search(OrderSearch())
        history = work.orders.history(order.reference)
    assert order.total == Money.of(total)
    assert (order.learner.email, order.learner.name) == ("", "")
    assert not any("ada" in f"{entry.by} {entry.why}".casefold() for entry in history)
