"""Cardhouse keeps the promises of every gateway."""

from collections.abc import Iterator

import pytest
from coursetill_cardhouse.testing import a_world

from coursetill_testing.contracts.gateway_world import GatewayWorld
from coursetill_testing.contracts.payment_gateway import *  # noqa: F403


@pytest.fixture
def world() -> Iterator[GatewayWorld]:
    with a_world() as there:
        yield there
