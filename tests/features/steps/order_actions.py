"""Steps about what staff do with an order."""

from __future__ import annotations

from pytest_bdd import parsers, then, when

from tests.features.world import World

parse = parsers.parse


@when(parse('staff add the note "{text}" to {who:w}\'s order'))
def _(world: World, text: str, who: str) -> None:
    world.staff.add_note(world.order_of(who), text)


@when(parse('staff resolve the attention flag of {who:w}\'s order with the reason "{why}"'))
def _(world: World, who: str, why: str) -> None:
    world.staff.resolve_attention_flag(world.order_of(who), why)


@when(parse('staff cancel {who:w}\'s order with the reason "{why}"'))
def _(world: World, who: str, why: str) -> None:
    world.staff.cancel_unpaid_order(world.order_of(who), why)


@then(parse('staff find the orders of {people} by {field:w} "{value}"'))
def _(world: World, people: str, field: str, value: str) -> None:
    expected = {world.order_of(who) for who in people.split(" and ")}
    assert set(world.staff.find_orders(**{field: value})) == expected


@then(parse('staff find no order by {field:w} "{value}"'))
def _(world: World, field: str, value: str) -> None:
    assert world.staff.find_orders(**{field: value}) == []


@then(parse('the history of {who:w}\'s order ends with "{text}" by {staff:w}'))
def _(world: World, who: str, text: str, staff: str) -> None:
    by, why = world.staff.history(world.order_of(who))[-1]
    assert by == f"staff {staff.lower()}"
    assert text in why
