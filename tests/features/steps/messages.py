"""Sentences about what the gateway tells of its own accord, and who pretends to be it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytest_bdd import given, parsers, then, when

from core.messaging.inbox import InboxMessage, InboxSearch
from core.order_reference import Reference
from core.payments.refund import Refund
from tests.features.gateway_messages import Line, Sent, line_of
from tests.features.world import World

parse = parsers.parse


@pytest.fixture
def gateway_line(world: World) -> Iterator[Line]:
    with line_of(world.counter) as line:
        yield line


def sent(world: World, line: Line) -> list[Sent]:
    """Every message so far, about anybody's orders."""
    references = [each for person in world.people.values() for each in person.orders()]
    with world.shop.read() as work:
        attempts = [each for reference in references for each in work.attempts.of(reference)]
        refunds = [each for reference in references for each in work.refunds.of(reference)]
    return line.sent(attempts, refunds)


def inbox(world: World) -> tuple[InboxMessage, ...]:
    with world.shop.read() as work:
        return work.inbox.search(InboxSearch())


def latest_refund(world: World, reference: Reference) -> Refund:
    with world.shop.read() as work:
        return work.refunds.of(reference)[-1]


@given("the gateway sends word of what happens")
def _(world: World, gateway_line: Line) -> None:
    world.listens(gateway_line.key)


@when("the gateway's messages come")
def _(world: World, gateway_line: Line) -> None:
    new = sent(world, gateway_line)[len(world.delivered) :]
    assert new
    assert all(world.is_told(each) for each in new)
    world.delivered += new


@when("the gateway's messages come again")
def _(world: World) -> None:
    assert all(world.is_told(each) for each in world.delivered)


@when("somebody forges the gateway's messages")
def _(world: World, gateway_line: Line) -> None:
    world.believed = [world.is_told(each.forged()) for each in sent(world, gateway_line)]


@when("somebody changes the gateway's messages on their way")
def _(world: World, gateway_line: Line) -> None:
    world.believed = [world.is_told(each.changed()) for each in sent(world, gateway_line)]


@when("the gateway's day ends")
def _(world: World) -> None:
    world.counter.settle()


@when(parse("{who:w}'s bank sends the money back"))
def _(world: World, who: str, gateway_line: Line) -> None:
    gateway_line.fails(latest_refund(world, world.person(who).orders()[0]))


@when(parse("somebody voids {who:w}'s payment at the gateway"))
def _(world: World, who: str, gateway_line: Line) -> None:
    reference = world.person(who).orders()[0]
    with world.shop.read() as work:
        [payment] = work.transactions.of(reference)
    gateway_line.voids(world.latest_attempt(world.person(who)), payment.gateway_id)


@then("no message was believed")
def _(world: World) -> None:
    assert world.believed
    assert not any(world.believed)
    assert inbox(world) == ()


@then("each message was kept once")
def _(world: World) -> None:
    assert len(inbox(world)) == len(world.delivered)
