"""The features in which staff act, through the command line, with the records in SQLite."""

from collections.abc import Iterator

import pytest
from pytest_bdd import scenarios

from adapters.sql.engine import open_engine
from adapters.sql.unit_of_work import SqlShop
from coursetill_testing.contracts.gateway_world import MemoryWorld
from tests.entrypoints.web.hosted_town import ACCOUNT
from tests.features.command_line_staff import CommandLineStaff
from tests.features.core_shopper import CoreShopper, deliver_directly
from tests.features.doors import COMMAND_LINE, features_of
from tests.features.world import World

DOOR = COMMAND_LINE
scenarios(*features_of(DOOR))


@pytest.fixture
def world(sqlite_url: str) -> Iterator[World]:
    engine = open_engine(sqlite_url)
    yield World(
        SqlShop(engine),
        MemoryWorld(ACCOUNT),
        make_shopper=CoreShopper,
        make_staff=CommandLineStaff,
        deliver_webhook=deliver_directly,
    )
    engine.dispose()
