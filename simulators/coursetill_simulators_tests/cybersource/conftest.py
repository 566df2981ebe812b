"""One simulator for all tests of this folder, reset before each test."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from coursetill_simulators.cybersource import RunningSimulator, SimulatorSettings
from coursetill_simulators.testing.merchant_server import MerchantServer, running_merchant_server
from coursetill_simulators_tests.cybersource.hosted_shop import HostedShop
from coursetill_simulators_tests.cybersource.merchant import CardForm, Clock, Merchant
from coursetill_simulators_tests.cybersource.subscriber import Subscriber


class Waits:
    """Records the requested waits and does not wait."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)


@pytest.fixture(scope="session")
def clock() -> Clock:
    return Clock(datetime(2026, 11, 22, 12, 0, tzinfo=UTC))


@pytest.fixture(scope="session")
def waits() -> Waits:
    return Waits()


@pytest.fixture(scope="session")
def simulator(clock: Clock, waits: Waits) -> Iterator[RunningSimulator]:
    with RunningSimulator(
        SimulatorSettings(), now=clock, pause=waits, rounds_every=None
    ) as running:
        yield running


@pytest.fixture
def merchant(simulator: RunningSimulator, clock: Clock, waits: Waits) -> Merchant:
    clock.now = clock.start
    waits.seconds.clear()
    merchant = Merchant(simulator.url, clock)
    assert merchant.commands("reset").status_code == 200
    return merchant


@pytest.fixture
def card_form(simulator: RunningSimulator) -> CardForm:
    return CardForm(simulator.url)


@pytest.fixture(scope="session")
def running_receiver() -> Iterator[MerchantServer]:
    with running_merchant_server() as receiver:
        yield receiver


@pytest.fixture
def receiver(running_receiver: MerchantServer) -> MerchantServer:
    """The merchant's server, which has received nothing yet."""
    running_receiver.received.clear()
    running_receiver.answers.clear()
    running_receiver.healthy = True
    running_receiver.grant = b""
    return running_receiver


@pytest.fixture
def subscriber(merchant: Merchant, receiver: MerchantServer) -> Subscriber:
    return Subscriber(merchant, receiver)


@pytest.fixture
def shop(merchant: Merchant, receiver: MerchantServer) -> HostedShop:
    """A shop that sends its buyers to the hosted page; browser tests use another one."""
    return HostedShop(merchant, receiver)
