"""Where the simulator refuses to stand."""

import socket

import pytest

from coursetill_simulators.cybersource import (
    BesideProduction,
    NotLoopback,
    RunningSimulator,
    SimulatorSettings,
    create_simulator,
    refuse_production,
)


@pytest.mark.parametrize(
    "host",
    [
        "api.cybersource.com",
        "apitest.cybersource.com",
        "API.CyberSource.com.",
        "api.cybersource.com:443",
        "https://api.cybersource.com/pts/v2/payments",
        "secureacceptance.cybersource.com",
        "cybersource.com",
    ],
)
def test_the_simulator_stands_beside_no_real_gateway(host: str) -> None:
    with pytest.raises(BesideProduction, match="real CyberSource"):
        refuse_production(["127.0.0.1:8090", host])
    with pytest.raises(BesideProduction):
        create_simulator(SimulatorSettings(gateway_hosts=(host,)))


def test_its_own_address_and_look_alikes_are_no_real_gateway() -> None:
    refuse_production(
        ["http://127.0.0.1:8090", "localhost", "mycybersource.com", "cybersource.com.example", ""]
    )


@pytest.mark.parametrize("host", ["192.168.1.7", "10.0.0.1", "::", "shop.example.com", ""])
def test_the_simulator_listens_to_no_other_machine(host: str) -> None:
    with pytest.raises(NotLoopback, match="refuses to listen"):
        RunningSimulator(SimulatorSettings(), host=host)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_the_simulator_takes_a_free_port_of_this_machine(host: str) -> None:
    with RunningSimulator(SimulatorSettings(), host=host) as running:
        assert running.url.startswith(f"http://{host}:")


def test_a_stranger_is_turned_away_even_if_the_server_let_one_in() -> None:
    client = create_simulator(SimulatorSettings()).test_client()
    assert client.get("/", environ_base={"REMOTE_ADDR": "192.168.1.7"}).status_code == 403
    assert client.get("/", environ_base={"REMOTE_ADDR": "127.0.0.1"}).status_code == 200


def test_a_port_in_use_is_an_error_and_not_another_port() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(OSError, match="in use"):
        RunningSimulator(SimulatorSettings(), port=taken.getsockname()[1])


def test_the_port_is_free_again_after_the_simulator_has_stopped() -> None:
    with RunningSimulator(SimulatorSettings()) as running:
        port = int(running.url.rpartition(":")[2])
    with RunningSimulator(SimulatorSettings(), port=port) as again:
        assert again.url == running.url
