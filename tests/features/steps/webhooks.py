"""Steps about webhooks of the payment gateway, genuine and forged."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytest_bdd import given, parsers, then, when

from core.messaging.inbox import InboxMessage, InboxSearch
from core.order_reference import Reference
from core.payments.refund import Refund
from tests.features.webhooks import Sent, WebhookSource, webhook_source
from tests.features.world import World

parse = parsers.parse


@pytest.fixture
def source(world: World) -> Iterator[WebhookSource]:
    with webhook_source(world.gateway_world) as opened:
        yield opened


def sent(world: World, source: WebhookSource) -> list[Sent]:
    """Every webhook so far, about every order."""
    references = [each for person in world.people.values() for each in person.orders()]
    with world.shop.read() as work:
        attempts = [each for reference in references for each in work.attempts.of(reference)]
        refunds = [each for reference in references for each in work.refunds.of(reference)]
    return source.sent(attempts, refunds)


def inbox(world: World) -> tuple[InboxMessage, ...]:
    with world.shop.read() as work:
        return work.inbox.search(InboxSearch())


def latest_refund(world: World, reference: Reference) -> Refund:
    with world.shop.read() as work:
        return work.refunds.of(reference)[-1]


@given("the payment gateway sends webhooks")
def _(world: World, source: WebhookSource) -> None:
    world.accept_webhooks(source.key)


@when("the payment gateway's webhooks arrive")
def _(world: World, source: WebhookSource) -> None:
    new = sent(world, source)[len(world.webhooks) :]
    assert new
    assert all(world.deliver(each) for each in new)
    world.webhooks += new


@when("the payment gateway's webhooks arrive again")
def _(world: World) -> None:
    assert all(world.deliver(each) for each in world.webhooks)


@when("webhooks arrive that somebody else signed")
def _(world: World, source: WebhookSource) -> None:
    world.accepted = [world.deliver(each.forged()) for each in sent(world, source)]


@when("webhooks arrive that were altered on the way")
def _(world: World, source: WebhookSource) -> None:
    world.accepted = [world.deliver(each.changed()) for each in sent(world, source)]


@when("the payment gateway settles the day's payments")
def _(world: World) -> None:
    world.gateway_world.settle()


@when(parse("{who:w}'s bank returns the refund"))
def _(world: World, who: str, source: WebhookSource) -> None:
    source.fail_refund(latest_refund(world, world.order_of(who)))


@when(parse("{who:w}'s payment is voided at the payment gateway"))
def _(world: World, who: str, source: WebhookSource) -> None:
    reference = world.order_of(who)
    with world.shop.read() as work:
        [payment] = work.transactions.of(reference)
    source.void(world.latest_attempt(world.person(who)), payment.gateway_id)


@then("every webhook was rejected")
def _(world: World) -> None:
    assert world.accepted
    assert not any(world.accepted)
    assert inbox(world) == ()


@then("each webhook was stored once")
def _(world: World) -> None:
    assert len(inbox(world)) == len(world.webhooks)
