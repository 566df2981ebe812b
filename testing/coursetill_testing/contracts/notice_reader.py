"""What every reader of webhooks promises. The suite asks for a fixture `world`: a NoticeWorld."""

import contextlib
from collections.abc import Mapping
from typing import Protocol

import attrs
import pytest

from core.payments.account import GatewayAccount
from core.payments.attempt import Attempt
from core.payments.gateway import Captured, Declined
from core.payments.notice import About, NotForUs, Notice, NoticeReader, NoticeRefused
from coursetill_testing.clock import Clock
from coursetill_testing.contracts.gateway_world import DUE, an_attempt

Message = tuple[Mapping[str, str], bytes]
"""The headers and the body of a webhook."""


class NoticeWorld(Protocol):
    """A reader of webhooks, and the gateway that sends them. Attempts belong to `account`."""

    reader: NoticeReader
    clock: Clock
    account: GatewayAccount

    def sent(self, attempt: Attempt, *, good: bool = True) -> Message:
        """A new payment for the attempt, captured or declined: the webhook about it."""
        ...


def read(world: NoticeWorld, message: Message) -> Notice:
    notice = world.reader.read(*message, world.clock.now)
    assert isinstance(notice, Notice)
    return notice


def of(world: NoticeWorld, number: int = 1) -> Attempt:
    return attrs.evolve(an_attempt(number), account=world.account)


@pytest.mark.parametrize(("good", "answer"), [(True, Captured), (False, Declined)])
def test_a_webhook_about_a_payment_names_it_and_its_account(
    world: NoticeWorld, good: bool, answer: type
) -> None:
    attempt = of(world)
    notice = read(world, world.sent(attempt, good=good))
    assert (notice.about, notice.account) == (About.PAYMENT, world.account)
    assert notice.code == attempt.reference
    assert notice.attempt == attempt.id
    # Without an answer of its own the gateway is asked.
    assert notice.answer is None or isinstance(notice.answer, answer)
    if isinstance(notice.answer, Captured):
        assert notice.answer.amount == DUE


def test_a_repeated_webhook_has_the_same_key_and_another_payments_has_not(
    world: NoticeWorld,
) -> None:
    first, second = (world.sent(of(world, number)) for number in (1, 2))
    keys = [read(world, message).key for message in (first, second, first, second)]
    assert keys[:2] == keys[2:]
    assert len(set(keys)) == 2


def test_the_names_of_headers_are_read_in_any_case(world: NoticeWorld) -> None:
    headers, body = world.sent(of(world))
    for change in (str.upper, str.lower):
        changed = {change(name): text for name, text in headers.items()}
        assert read(world, (changed, body)) == read(world, (headers, body))


def test_a_webhook_that_was_changed_on_its_way_is_refused(world: NoticeWorld) -> None:
    headers, body = world.sent(of(world))
    changed = body.replace(b"A-1", b"A-2")
    assert changed != body
    with pytest.raises(NoticeRefused):
        world.reader.read(headers, changed, world.clock.now)


def test_a_signature_is_good_for_its_own_webhook_alone(world: NoticeWorld) -> None:
    (headers, _), (_, body) = (world.sent(of(world, number)) for number in (1, 2))
    with pytest.raises(NoticeRefused):
        world.reader.read(headers, body, world.clock.now)


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b"null", b"\xff\x00", b"a=b"])
def test_nothing_is_believed_without_a_signature_of_its_own(
    world: NoticeWorld, body: bytes
) -> None:
    headers, _ = world.sent(of(world))
    for given in ({}, dict.fromkeys(headers, ""), headers):
        # A health check, which some gateways send without a signature, is NotForUs.
        with contextlib.suppress(NoticeRefused):
            assert isinstance(world.reader.read(given, body, world.clock.now), NotForUs)
