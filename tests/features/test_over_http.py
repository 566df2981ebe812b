"""The features over HTTP: pages on SQLite, CyberSource's adapter, and staff at a terminal."""

from collections.abc import Iterator

import pytest
from pytest_bdd import scenarios

from adapters.sql.engine import open_engine
from adapters.sql.unit_of_work import SqlShop
from coursetill_simulators.cybersource import RunningSimulator, SimulatorSettings
from coursetill_testing.clock import Clock
from coursetill_testing.contracts.gateway_world import START
from tests.contracts.gateways import CyberSourceWorld
from tests.features.by_command import CommandLine
from tests.features.by_http import Browser, told_by_post
from tests.features.world import World

scenarios(".")


@pytest.fixture(scope="module")
def clock() -> Clock:
    return Clock(START)


@pytest.fixture(scope="module")
def simulator(clock: Clock) -> Iterator[RunningSimulator]:
    told = SimulatorSettings(index_lag_seconds=5)
    with RunningSimulator(told, now=lambda: clock.now, rounds_every=None) as running:
        yield running


@pytest.fixture
def world(simulator: RunningSimulator, clock: Clock, sqlite_url: str) -> Iterator[World]:
    clock.now = START
    engine = open_engine(sqlite_url)
    counter = CyberSourceWorld.at(simulator.url, clock)
    yield World(
        SqlShop(engine), counter, arrives=Browser, employs=CommandLine, delivers=told_by_post
    )
    engine.dispose()
