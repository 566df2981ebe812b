"""The promises of the port to a gateway, kept by CyberSource and by the gateway in memory."""

from collections.abc import Iterator

import pytest

from coursetill_simulators.cybersource import RunningSimulator, SimulatorSettings
from coursetill_testing.clock import Clock
from coursetill_testing.contracts.gateway_world import START, GatewayWorld, MemoryWorld
from coursetill_testing.contracts.payment_gateway import *  # noqa: F403
from tests.contracts.gateways import CyberSourceWorld


@pytest.fixture(scope="module")
def clock() -> Clock:
    return Clock(START)


@pytest.fixture(scope="module")
def simulator(clock: Clock) -> Iterator[RunningSimulator]:
    with RunningSimulator(SimulatorSettings(), now=lambda: clock.now) as running:
        yield running


@pytest.fixture(params=["memory", "cybersource"])
def world(request: pytest.FixtureRequest) -> GatewayWorld:
    """Every gateway in turn, with nothing in its books."""
    if request.param == "memory":
        memory = MemoryWorld()
        memory.gateway.closes_forms = True
        return memory
    running: RunningSimulator = request.getfixturevalue("simulator")
    clock: Clock = request.getfixturevalue("clock")
    clock.now = START
    return CyberSourceWorld.at(running.url, clock)
