"""The features through the core: use cases are called directly, with the records in memory."""

import pytest
from pytest_bdd import scenarios

from adapters.memory import MemoryShop
from coursetill_testing.contracts.gateway_world import MemoryWorld
from tests.entrypoints.web.hosted_town import ACCOUNT
from tests.features.core_shopper import CoreShopper, deliver_directly
from tests.features.core_staff import CoreStaff
from tests.features.doors import CORE, features_of
from tests.features.world import World

DOOR = CORE
scenarios(*features_of(DOOR))


@pytest.fixture
def world() -> World:
    return World(
        MemoryShop(),
        MemoryWorld(ACCOUNT),
        make_shopper=CoreShopper,
        make_staff=CoreStaff,
        deliver_webhook=deliver_directly,
    )
