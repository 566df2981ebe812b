"""The features in memory: verbs are called, and nothing else takes part."""

import pytest
from pytest_bdd import scenarios

from adapters.memory import MemoryShop
from coursetill_testing.contracts.gateway_world import MemoryWorld
from tests.features.by_core import CoreShopper, CoreStaff, told_directly
from tests.features.world import World

scenarios(".")


@pytest.fixture
def world() -> World:
    return World(
        MemoryShop(),
        MemoryWorld(),
        arrives=CoreShopper,
        employs=CoreStaff,
        delivers=told_directly,
    )
