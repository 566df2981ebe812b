"""The features for staff, told by command with the records in SQLite."""

from collections.abc import Iterator

import pytest
from pytest_bdd import scenarios

from adapters.sql.engine import open_engine
from adapters.sql.unit_of_work import SqlShop
from coursetill_testing.contracts.gateway_world import MemoryWorld
from tests.features.by_command import CommandLine
from tests.features.by_core import CoreShopper, told_directly
from tests.features.world import World

scenarios(
    "shelf.feature",
    "stock.feature",
    "refunds.feature",
    "fulfilment.feature",
    "orders.feature",
    "forgetting.feature",
)
scenarios("refund_requests.feature", "letters.feature")


@pytest.fixture
def world(sqlite_url: str) -> Iterator[World]:
    engine = open_engine(sqlite_url)
    yield World(
        SqlShop(engine),
        MemoryWorld(),
        arrives=CoreShopper,
        employs=CommandLine,
        delivers=told_directly,
    )
    engine.dispose()


scenarios("many_codes.feature")
