"""Sentences about the gateway, the clock and the platform."""

from __future__ import annotations

from pytest_bdd import given, parsers, step, then, when

from tests.features.world import World

parse = parsers.parse


@step("the gateway is out of reach")
def _(world: World) -> None:
    world.gateway.out_of_reach = True


@when("the gateway cannot be reached")
def _(world: World) -> None:
    world.gateway.out_of_reach = True


@given("card forms charge the card by themselves")
def _(world: World) -> None:
    world.counter.let_forms_pay()


@when("the gateway can be reached again")
def _(world: World) -> None:
    world.gateway.out_of_reach = False


@when(parse("the gateway accepts {who:w}'s payment"))
def _(world: World, who: str) -> None:
    world.decides(world.person(who), good=True)


@when(parse("the gateway rejects {who:w}'s payment"))
def _(world: World, who: str) -> None:
    world.decides(world.person(who), good=False)


@when("the gateway forgets what it knows")
def _(world: World) -> None:
    world.gateway.forgetful = True


@when(parse("the gateway remembers that {who:w} has paid"))
def _(world: World, who: str) -> None:
    world.speaks_at_last(world.person(who))


@step("the gateway refuses the next refund")
def _(world: World) -> None:
    world.gateway.refuses_next_refund = True


@given("the answer to the next refund gets lost")
def _(world: World) -> None:
    world.gateway.loses_next_refund = True


@when(parsers.re(r"(?P<minutes>\d+) minutes? pass(es)?"))
def _(world: World, minutes: str) -> None:
    world.counter.clock.advance(minutes=int(minutes))


@when("the clock does its work")
def _(world: World) -> None:
    world.staff.keeps_up()


@when("the platform is told")
def _(world: World) -> None:
    world.staff.delivers()


@given("the platform is in trouble")
def _(world: World) -> None:
    world.platform.in_trouble = True


@when("the platform is well again")
def _(world: World) -> None:
    world.platform.in_trouble = world.platform.refuses_for_good = False


@then("the platform has heard")
def _(world: World, datatable: list[list[str]]) -> None:
    assert [event.name.value for event in world.platform.heard] == [row[0] for row in datatable]


@then("the platform has heard nothing")
def _(world: World) -> None:
    assert world.platform.heard == []


@then(parse("line {position:d} of {who:w}'s order is {fulfilment:w}"))
def _(world: World, position: int, who: str, fulfilment: str) -> None:
    reference = world.person(who).orders()[0]
    assert world.staff.fulfilment(reference, position) == fulfilment
