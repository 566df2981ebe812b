"""The simulator over https: only clients that trust its authority can connect."""

from datetime import UTC, datetime, timedelta

import pytest
import requests
from cryptography import x509

from coursetill_simulators.cybersource import RunningSimulator, SimulatorSettings
from coursetill_simulators.serving.loopback_tls import LASTS, loopback_tls


@pytest.fixture
def tls():
    return loopback_tls(datetime.now(UTC))


@pytest.fixture
def simulator(tls):
    with RunningSimulator(SimulatorSettings(), tls=tls, rounds_every=None) as running:
        yield running


def kept(certificate, folder):
    file = folder / "authority.pem"
    file.write_bytes(certificate)
    return str(file)


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost"])
def test_a_client_that_trusts_the_authority_connects_under_every_name(
    simulator, tls, name, tmp_path
):
    assert simulator.url.startswith("https://")
    address = simulator.url.replace("127.0.0.1", name)
    answer = requests.get(address, verify=kept(tls.authority, tmp_path), timeout=10)
    assert answer.status_code == 200


def test_a_client_that_trusts_another_authority_cannot_connect(simulator, tmp_path):
    other = loopback_tls(datetime.now(UTC))
    with pytest.raises(requests.exceptions.SSLError):
        requests.get(simulator.url, verify=kept(other.authority, tmp_path), timeout=10)


def test_the_authority_cannot_sign_another_authority_and_lasts_a_month():
    now = datetime.now(UTC)
    made = x509.load_pem_x509_certificate(loopback_tls(now).authority)
    limits = made.extensions.get_extension_for_class(x509.BasicConstraints).value
    assert (limits.ca, limits.path_length) == (True, 0)
    left = made.not_valid_after_utc - now
    assert timedelta(0) < left <= LASTS
