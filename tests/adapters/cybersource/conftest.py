"""One simulator for all the tests here, emptied before each of them."""

from collections.abc import Iterator

import pytest

from adapters.cybersource.gateway import CyberSourceGateway
from coursetill_simulators.cybersource import RunningSimulator, SimulatorSettings
from coursetill_testing.clock import Clock
from coursetill_testing.contracts.gateway_world import START, new_id
from tests.adapters.cybersource.worlds import Browser, CyberSourceShop, settings


@pytest.fixture(scope="module")
def clock() -> Clock:
    return Clock(START)


@pytest.fixture(scope="module")
def simulator(clock: Clock) -> Iterator[RunningSimulator]:
    told = SimulatorSettings(index_lag_seconds=5)
    with RunningSimulator(told, now=lambda: clock.now) as running:
        yield running


@pytest.fixture
def shop(simulator: RunningSimulator, clock: Clock) -> CyberSourceShop:
    browser = Browser(simulator.url)
    browser.reset()
    gateway = CyberSourceGateway(settings(simulator.url), now=clock, new_id=new_id)
    return CyberSourceShop(gateway, browser, clock)
