"""What every hosted page promises. The suite asks for a fixture `world`: a HostedPageWorld."""

from typing import Protocol

import attrs
import pytest

from core.money import Money
from core.payments.account import GatewayAccount
from core.payments.attempt import Attempt, PaymentFlow
from core.payments.gateway import Captured, Declined
from core.payments.hosted_page import (
    HostedPage,
    HostedPageLine,
    HostedPageRequest,
    HostedPages,
    PageReply,
)
from core.payments.notice import NoticeRefused
from coursetill_testing.clock import Clock
from coursetill_testing.contracts.gateway_world import DUE, an_attempt

LEARNER = HostedPageRequest(
    learner="ada", network_address="192.0.2.7", lines=(HostedPageLine("6.86x", "Data", DUE),)
)


class HostedPageWorld(Protocol):
    """A hosted page, and a learner on it. Attempts belong to `account`."""

    pages: HostedPages
    clock: Clock
    account: GatewayAccount

    def pay(self, page: HostedPage) -> PageReply:
        """Pay with a good card: the message that the shop receives."""
        ...

    def pay_without_funds(self, page: HostedPage) -> PageReply:
        """Try to pay with a card that has no money on it."""
        ...

    def forged(self, reply: PageReply) -> PageReply:
        """The message with another content under the signature of the first."""
        ...


def for_page(world: HostedPageWorld, attempt: Attempt) -> Attempt:
    return attrs.evolve(attempt, account=world.account, flow=PaymentFlow.HOSTED_PAGE)


def opened(
    world: HostedPageWorld, number: int = 1, amount: Money = DUE
) -> tuple[Attempt, HostedPage]:
    """An attempt as the shop keeps it once its page is open, and the page."""
    attempt = for_page(world, an_attempt(number, amount))
    page = world.pages.open(attempt, LEARNER, world.clock.now)
    return attempt.with_form(page.remember, page.expires_at), page


def test_a_page_can_be_reached_and_paid_for_a_while(world: HostedPageWorld) -> None:
    _, page = opened(world)
    assert world.clock.now < page.usable_until <= page.expires_at


def test_what_a_page_remembers_is_plain_text(world: HostedPageWorld) -> None:
    _, page = opened(world)
    assert all(isinstance(text, str) for pair in page.remember.items() for text in pair)


def test_the_page_that_was_opened_is_shown_again(world: HostedPageWorld) -> None:
    attempt, page = opened(world)
    world.clock.advance(seconds=90)
    assert world.pages.page(attempt, LEARNER) == page


def test_a_page_that_was_not_opened_cannot_be_shown(world: HostedPageWorld) -> None:
    with pytest.raises(ValueError, match="A-1"):
        world.pages.page(for_page(world, an_attempt()), LEARNER)


def test_a_page_that_is_opened_again_is_about_the_same_attempt(world: HostedPageWorld) -> None:
    attempt, _ = opened(world)
    world.clock.advance(seconds=90)
    again = world.pages.open(attempt, LEARNER, world.clock.now)
    assert world.pages.about(world.pay(again)) == attempt.id


def test_a_payment_on_the_page_is_a_notice_of_the_capture(world: HostedPageWorld) -> None:
    attempt, page = opened(world)
    reply = world.pay(page)
    assert world.pages.about(reply) == attempt.id
    notice = world.pages.notice(reply, attempt, world.clock.now)
    assert (notice.attempt, notice.code, notice.account) == (
        attempt.id,
        attempt.reference,
        world.account,
    )
    assert notice.heard_at == world.clock.now
    assert isinstance(notice.answer, Captured)
    assert notice.answer.amount == DUE


def test_a_card_without_funds_is_a_notice_of_the_decline(world: HostedPageWorld) -> None:
    attempt, page = opened(world)
    notice = world.pages.notice(world.pay_without_funds(page), attempt, world.clock.now)
    assert isinstance(notice.answer, Declined)


def test_a_repeated_message_has_the_same_key_and_another_payments_has_not(
    world: HostedPageWorld,
) -> None:
    first, second = opened(world, 1), opened(world, 2)
    replies = [(attempt, world.pay(page)) for attempt, page in (first, second)]
    keys = [
        world.pages.notice(reply, attempt, world.clock.now).key for attempt, reply in replies * 2
    ]
    assert keys[:2] == keys[2:]
    assert len(set(keys)) == 2


def test_a_forged_message_is_refused(world: HostedPageWorld) -> None:
    attempt, page = opened(world)
    forged = world.forged(world.pay(page))
    with pytest.raises(NoticeRefused):
        world.pages.about(forged)
    with pytest.raises(NoticeRefused):
        world.pages.notice(forged, attempt, world.clock.now)


@pytest.mark.parametrize("content", [b"", b"{}", b"attempt=A-1", b"\xff\x00=&&", b"[]"])
def test_a_message_of_somebody_else_is_refused(world: HostedPageWorld, content: bytes) -> None:
    attempt, _ = opened(world)
    with pytest.raises(NoticeRefused):
        world.pages.about(PageReply(content))
    with pytest.raises(NoticeRefused):
        world.pages.notice(PageReply(content), attempt, world.clock.now)


def test_a_message_about_another_payment_is_refused(world: HostedPageWorld) -> None:
    attempt, page = opened(world)
    reply = world.pay(page)
    for other in (
        attrs.evolve(attempt, reference=an_attempt(order="CT-2222-2222-2222").reference),
        attrs.evolve(attempt, amount=DUE + Money(1)),
    ):
        with pytest.raises(NoticeRefused):
            world.pages.notice(reply, other, world.clock.now)
