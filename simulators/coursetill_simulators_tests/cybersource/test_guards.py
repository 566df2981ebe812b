"""The simulator refuses to run beside a real gateway or on a public address."""

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
def test_the_simulator_refuses_to_start_beside_a_real_gateway(host: str) -> None:
    with pytest.raises(BesideProduction, match="real CyberSource"):
        refuse_production(["127.0.0.1:8090", host])
    with pytest.raises(BesideProduction):
        create_simulator(SimulatorSettings(gateway_hosts=(host,)))


def test_its_own_address_and_look_alikes_do_not_count_as_real_gateways() -> None:
    refuse_production(
        ["http://127.0.0.1:8090", "localhost", "mycybersource.com", "cybersource.com.example", ""]
    )


@pytest.mark.parametrize("host", ["192.168.1.7", "10.0.0.1", "::", "shop.example.com", ""])
def test_the_simulator_listens_on_loopback_only(host: str) -> None:
    with pytest.raises(NotLoopback, match="refuses to listen"):
        RunningSimulator(SimulatorSettings(), host=host)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_the_simulator_finds_a_free_local_port(host: str) -> None:
    with RunningSimulator(SimulatorSettings(), host=host) as running:
        assert running.url.startswith(f"http://{host}:")


def test_a_remote_client_is_refused_even_if_the_server_accepts_it() -> None:
    client = create_simulator(SimulatorSettings()).test_client()
    assert client.get("/", environ_base={"REMOTE_ADDR": "192.168.1.7"}).status_code == 403
    assert client.get("/", environ_base={"REMOTE_ADDR": "127.0.0.1"}).status_code == 200


def test_an_occupied_port_is_an_error() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(OSError, match="in use"):
        RunningSimulator(SimulatorSettings(), port=taken.getsockname()[1])


def test_stopping_the_simulator_frees_its_port() -> None:
    with RunningSimulator(SimulatorSettings()) as running:
        port = int(running.url.rpartition(":")[2])
    with RunningSimulator(SimulatorSettings(), port=port) as again:
        assert again.url == running.url
