"""Steps about time, the scheduled jobs and the learning platform."""

from __future__ import annotations

from pytest_bdd import parsers, step, then, when

from tests.features.world import World

parse = parsers.parse


@when(parsers.re(r"(?P<number>\d+) (?P<unit>minute|day)s? pass(es)?"))
def _(world: World, number: str, unit: str) -> None:
    world.gateway_world.clock.advance(**{f"{unit}s": int(number)})


@when("the scheduled payment check runs")
def _(world: World) -> None:
    world.staff.run_scheduled_check()


@when("the scheduled delivery runs")
def _(world: World) -> None:
    world.staff.run_scheduled_delivery()


@step("the learning platform is down")
def _(world: World) -> None:
    world.platform.down = True


@step("the learning platform rejects every event")
def _(world: World) -> None:
    world.platform.rejects_every_event = True


@when("the learning platform is up again")
def _(world: World) -> None:
    world.platform.down = world.platform.rejects_every_event = False


@then("the learning platform has received these events")
def _(world: World, datatable: list[list[str]]) -> None:
    names = [event.name.value for event in world.platform.received]
    assert names == [row[0] for row in datatable]


@then("the learning platform has received no event")
def _(world: World) -> None:
    assert world.platform.received == []


@then("the learning platform received no event twice")
def _(world: World) -> None:
    ids = [event.id for event in world.platform.received]
    assert len(set(ids)) == len(ids)


@then(parse('{who:w} is enrolled in "{sku}"'))
def _(world: World, who: str, sku: str) -> None:
    assert fulfilment(world, who, sku) == "fulfilled"


@then(parse('{who:w}\'s enrolment in "{sku}" is requested'))
def _(world: World, who: str, sku: str) -> None:
    assert fulfilment(world, who, sku) == "awaiting"


@then(parse('{who:w}\'s enrolment in "{sku}" is revoked'))
def _(world: World, who: str, sku: str) -> None:
    assert fulfilment(world, who, sku) == "revoked"


@then(parse('{who:w}\'s enrolment in "{sku}" has failed'))
def _(world: World, who: str, sku: str) -> None:
    assert fulfilment(world, who, sku) == "failed"


def fulfilment(world: World, who: str, sku: str) -> str:
    return world.staff.fulfilment(world.order_of(who), world.line_of(who, sku))


@when(parse('staff request {who:w}\'s enrolment in "{sku}" again'))
def _(world: World, who: str, sku: str) -> None:
    world.staff.request_enrolment_again(world.order_of(who), world.line_of(who, sku))


@when(parse("staff request the enrolment for line {line:d} of {who:w}'s order again"))
def _(world: World, line: int, who: str) -> None:
    world.staff.request_enrolment_again(world.order_of(who), line)
