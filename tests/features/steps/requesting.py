"""Sentences about refund requests: asking, and being answered."""

from __future__ import annotations

from pytest_bdd import parsers, then, when

from core.orders.refund_request import RefundRequest
from tests.features.world import World

parse = parsers.parse


def requests(world: World, who: str) -> tuple[RefundRequest, ...]:
    with world.shop.read() as work:
        return work.refund_requests.of(world.person(who).orders()[0])


@when(parse("{who:w} asks for a refund of everything"))
def _(world: World, who: str) -> None:
    world.person(who).asks_back((1, 2))


@when(parse("{who:w} asks for a refund of line {position:d}"))
def _(world: World, who: str, position: int) -> None:
    world.person(who).asks_back((position,))


@when(parse("{who:w} asks for a refund without a reason"))
def _(world: World, who: str) -> None:
    world.person(who).asks_back((1, 2), reason=" ")


@when(parse("{who:w} asks for a refund without consent"))
def _(world: World, who: str) -> None:
    world.person(who).asks_back((1, 2), consent=False)


@when(parse("staff approve {who:w}'s request"))
def _(world: World, who: str) -> None:
    world.staff.approves(world.person(who).orders()[0])


@when(parse('staff deny {who:w}\'s request, because "{why}"'))
def _(world: World, who: str, why: str) -> None:
    world.staff.denies(world.person(who).orders()[0], why)


@then(parse("{who:w} waits for an answer"))
def _(world: World, who: str) -> None:
    assert requests(world, who)[-1].state.value == "open"
    assert "we are looking at it" in world.person(who).request_standing()


@then(parse("{who:w}'s request is {state:w}"))
def _(world: World, who: str, state: str) -> None:
    answered = requests(world, who)[-1]
    assert (answered.state.value, str(answered.answered_by)) == (state, "staff eve")


@then(parse('{who:w} reads "{words}" about it'))
def _(world: World, who: str, words: str) -> None:
    assert words in world.person(who).request_standing()


@then(parse("{who:w} has asked for nothing"))
def _(world: World, who: str) -> None:
    assert requests(world, who) == ()
