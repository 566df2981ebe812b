"""The promises of the port to a hosted page, kept by Secure Acceptance and the page in memory."""

import pytest

from core.payments.gateway import GatewayUnavailable
from coursetill_testing.contracts.gateway_world import DUE, an_attempt
from coursetill_testing.contracts.hosted_pages import *  # noqa: F403
from coursetill_testing.contracts.hosted_pages import LEARNER, HostedPageWorld, for_page, opened
from tests.contracts.hosted_pages import MemoryPageWorld, SecureAcceptanceWorld


@pytest.fixture(params=[MemoryPageWorld, SecureAcceptanceWorld])
def world(request: pytest.FixtureRequest) -> HostedPageWorld:
    made: HostedPageWorld = request.param()
    return made


@pytest.fixture
def memory() -> MemoryPageWorld:
    return MemoryPageWorld()


def test_a_page_with_a_session_is_reached_by_get_and_paid_once(memory: MemoryPageWorld) -> None:
    attempt, page = opened(memory)
    again = memory.pages.open(attempt, LEARNER, memory.clock.now)
    assert page.fields is None
    assert again == page
    for each in (page, again):
        memory.pay(each)
    assert memory.gateway.captured() == DUE


def test_out_of_reach_no_page_with_a_session_is_opened_and_an_open_one_is_shown(
    memory: MemoryPageWorld,
) -> None:
    attempt, page = opened(memory)
    memory.gateway.goes_away()
    with pytest.raises(GatewayUnavailable):
        memory.pages.open(for_page(memory, an_attempt(2)), LEARNER, memory.clock.now)
    assert memory.pages.page(attempt, LEARNER) == page
