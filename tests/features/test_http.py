"""The features over HTTP: web pages, CyberSource's adapter, and staff at the command line."""

from collections.abc import Iterator

import pytest
from pytest_bdd import scenarios

from adapters.sql.engine import open_engine
from adapters.sql.unit_of_work import SqlShop
from coursetill_simulators.cybersource import RunningSimulator, SimulatorSettings
from coursetill_testing.clock import Clock
from coursetill_testing.contracts.gateway_world import START
from tests.contracts.gateways import CyberSourceWorld
from tests.features.browser_shopper import BrowserShopper, deliver_over_http
from tests.features.command_line_staff import CommandLineStaff
from tests.features.doors import HTTP, features_of
from tests.features.world import World

DOOR = HTTP
scenarios(*features_of(DOOR))


@pytest.fixture(scope="module")
def clock() -> Clock:
    return Clock(START)


@pytest.fixture(scope="module")
def simulator(clock: Clock) -> Iterator[RunningSimulator]:
    options = SimulatorSettings(index_lag_seconds=5)
    with RunningSimulator(options, now=lambda: clock.now, rounds_every=None) as running:
        yield running


@pytest.fixture
def world(simulator: RunningSimulator, clock: Clock, sqlite_url: str) -> Iterator[World]:
    clock.now = START
    engine = open_engine(sqlite_url)
    yield World(
        SqlShop(engine),
        CyberSourceWorld.at(simulator.url, clock),
        make_shopper=BrowserShopper,
        make_staff=CommandLineStaff,
        deliver_webhook=deliver_over_http,
    )
    engine.dispose()
