"""Sentences about how staff look after one order."""

from __future__ import annotations

from pytest_bdd import parsers, step, then, when

from core.order_reference import Reference
from tests.features.world import World

parse = parsers.parse


def order_of(world: World, who: str) -> Reference:
    return world.person(who).orders()[0]


@when(parse('staff note "{text}" on {who:w}\'s order'))
def _(world: World, text: str, who: str) -> None:
    world.staff.notes(order_of(world, who), text)


@when(parse('staff attend to {who:w}\'s order, because "{why}"'))
def _(world: World, who: str, why: str) -> None:
    world.staff.attends(order_of(world, who), why)


@when(parse('staff cancel {who:w}\'s order, because "{why}"'))
def _(world: World, who: str, why: str) -> None:
    world.staff.calls_off(order_of(world, who), why)


@when(parse("staff fulfil line {line:d} of {who:w}'s order"))
def _(world: World, line: int, who: str) -> None:
    world.staff.fulfils(order_of(world, who), line)


@when(parse("staff give back what {who:w} paid too much"))
def _(world: World, who: str) -> None:
    world.staff.refunds(order_of(world, who), overpayment=True)


@then(parse('staff find the orders of {people} by {what:w} "{value}"'))
def _(world: World, people: str, what: str, value: str) -> None:
    wanted = {order_of(world, who) for who in people.split(" and ")}
    assert set(world.staff.finds(**{what: value})) == wanted


@then(parse('staff find no order by {what:w} "{value}"'))
def _(world: World, what: str, value: str) -> None:
    assert world.staff.finds(**{what: value}) == []


@then(parse('the history of {who:w}\'s order ends with "{what}" by {staff:w}'))
def _(world: World, who: str, what: str, staff: str) -> None:
    by, why = world.staff.history(order_of(world, who))[-1]
    assert by == f"staff {staff}"
    assert what in why


@then(parse("{who:w}'s order needs no attention"))
def _(world: World, who: str) -> None:
    assert not world.staff.needs_attention(order_of(world, who))


@step("the platform refuses for good")
def _(world: World) -> None:
    world.platform.refuses_for_good = True


@then("the platform was never told the same twice")
def _(world: World) -> None:
    ids = [event.id for event in world.platform.heard]
    assert len(set(ids)) == len(ids)
