"""Steps about refund requests of learners, and how staff answer them."""

from __future__ import annotations

from pytest_bdd import parsers, then, when

from core.orders.refund_request import RefundRequest
from tests.features.world import World

parse = parsers.parse


def requests_of(world: World, who: str) -> tuple[RefundRequest, ...]:
    with world.shop.read() as work:
        return work.refund_requests.of(world.order_of(who))


@when(parse("{who:w} requests a refund of the whole order"))
def _(world: World, who: str) -> None:
    world.person(who).request_refund((1, 2))


@when(parse('{who:w} requests a refund of "{sku}"'))
def _(world: World, who: str, sku: str) -> None:
    world.person(who).request_refund((world.line_of(who, sku),))


@when(parse("{who:w} requests a refund without a reason"))
def _(world: World, who: str) -> None:
    world.person(who).request_refund((1, 2), reason=" ")


@when(parse("{who:w} requests a refund without consent"))
def _(world: World, who: str) -> None:
    world.person(who).request_refund((1, 2), consent=False)


@when(parse("staff approve {who:w}'s refund request"))
def _(world: World, who: str) -> None:
    world.staff.approve_refund_request(world.order_of(who))


@when(parse('staff deny {who:w}\'s refund request with the reason "{why}"'))
def _(world: World, who: str, why: str) -> None:
    world.staff.deny_refund_request(world.order_of(who), why)


@then(parse("{who:w}'s refund request is open"))
def _(world: World, who: str) -> None:
    assert requests_of(world, who)[-1].state.value == "open"
    assert "we are looking at it" in world.person(who).refund_request_text()


@then(parsers.re(r"(?P<who>\w+)'s refund request is (?P<state>approved|denied)"))
def _(world: World, who: str, state: str) -> None:
    answered = requests_of(world, who)[-1]
    assert (answered.state.value, str(answered.answered_by)) == (state, "staff eve")


@then(parse('{who:w} reads the answer "{words}"'))
def _(world: World, who: str, words: str) -> None:
    assert words in world.person(who).refund_request_text()


@then(parse("{who:w} has no refund request"))
def _(world: World, who: str) -> None:
    assert requests_of(world, who) == ()
