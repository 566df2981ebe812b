"""Settings are refused in sentences, and only hosts of CyberSource are trusted."""

import pytest

from adapters.cybersource.rest.settings import CyberSourceSettings, WrongSettings, account_at
from adapters.http_client import Timeouts
from core.payments.account import GatewayAccount

GOOD = {
    "url": "https://apitest.cybersource.com",
    "merchant_id": "sim_merchant_001",
    "key_id": "11111111-2222-4333-8444-555555555555",
    "shared_secret": "d29ydGhsZXNzLXdvcnRobGVzcw==",
    "target_origins": ("https://shop.example.org",),
}
AT_HOME = {
    **GOOD,
    "url": "http://127.0.0.1:8090",
    "target_origins": ("http://127.0.0.1:8000",),
    "simulator": True,
}


def made(**changed):
    return CyberSourceSettings(**GOOD | changed)


def test_valid_settings_are_accepted():
    assert made().host == "apitest.cybersource.com"
    assert [key.content for key in made().signing_keys] == [b"worthless-worthless"]
    assert CyberSourceSettings(**AT_HOME).host == "127.0.0.1:8090"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("url", "http://apitest.cybersource.com"),
        ("url", "https://apitest.cybersource.com.example.org"),
        ("url", "https://cybersource.com@example.org"),
        ("url", "https://apitest.cybersource.com/pts"),
        ("url", "https://apitest.cybersource.com:8443"),
        ("url", "http://127.0.0.1:8090"),
        ("url", "https://["),
        ("url", ""),
        ("merchant_id", ""),
        ("merchant_id", "a merchant"),
        ("key_id", "key\nid"),
        ("shared_secret", "not base64!"),
        ("shared_secret", "c2hvcnQ="),
        ("target_origins", ()),
        ("target_origins", tuple(f"https://shop{n}.example.org" for n in range(8))),
        ("target_origins", ("http://shop.example.org",)),
        ("target_origins", ("https://shop.example.org/",)),
        ("target_origins", ("https://*.example.org",)),
        ("locale", "en-US"),
        ("country", "USA"),
        ("networks", ()),
        ("networks", ("VISA", "VIZA")),
    ],
)
def test_an_invalid_setting_is_named(name, value):
    with pytest.raises(WrongSettings) as refusal:
        made(**{name: value})
    assert {problem[0] for problem in refusal.value.problems} == {name}


@pytest.mark.parametrize("url", ["https://api.cybersource.com", "http://192.168.1.7:8090"])
def test_a_simulator_on_another_machine_is_refused(url):
    with pytest.raises(WrongSettings, match="this machine"):
        CyberSourceSettings(**AT_HOME | {"url": url})


def test_every_problem_is_reported():
    with pytest.raises(WrongSettings) as refusal:
        made(url="", merchant_id="", country="")
    assert [name for name, _ in refusal.value.problems] == ["url", "merchant_id", "country"]


def test_neither_settings_nor_errors_show_the_secret():
    assert "d29y" not in repr(made())
    with pytest.raises(WrongSettings) as refusal:
        made(shared_secret="hush, not base64")
    assert "hush" not in str(refusal.value)


@pytest.mark.parametrize("seconds", [0, -1])
def test_a_timeout_must_be_positive(seconds):
    with pytest.raises(ValueError, match="connect"):
        Timeouts(connect=seconds)


@pytest.mark.parametrize(
    ("url", "trusted"),
    [
        ("https://apitest.cybersource.com/uc/v1/assets/1.0.0/UnifiedCheckout.js", True),
        ("https://testup.cybersource.com", True),
        ("http://apitest.cybersource.com/uc.js", False),
        ("https://apitest.cybersource.com:8443/uc.js", False),
        ("https://cybersource.com/uc.js", False),
        ("https://evilcybersource.com/uc.js", False),
        ("https://apitest.cybersource.com.evil.example/uc.js", False),
        ("https://user@apitest.cybersource.com/uc.js", False),
        ("https://evil.example/?.cybersource.com", False),
        ("http://127.0.0.1:8090/uc.js", False),
        ("javascript:alert(1)//.cybersource.com", False),
        ("/uc.js", False),
        ("", False),
    ],
)
def test_scripts_are_loaded_from_cybersource_only(url, trusted):
    assert made().trusts(url) is trusted


@pytest.mark.parametrize(
    ("url", "trusted"),
    [
        ("http://127.0.0.1:8090/uc/v1/assets/1.0.0/UnifiedCheckout.js", True),
        ("http://127.0.0.1:8091/uc.js", False),
        ("https://127.0.0.1:8090/uc.js", False),
        ("http://localhost:8090/uc.js", False),
        ("https://apitest.cybersource.com/uc.js", False),
    ],
)
def test_a_simulator_serves_its_own_scripts(url, trusted):
    assert CyberSourceSettings(**AT_HOME).trusts(url) is trusted


@pytest.mark.parametrize(
    ("settings", "environment"),
    [
        (GOOD, "test"),
        (GOOD | {"url": "https://apitest.in.cybersource.com"}, "test"),
        (GOOD | {"url": "https://api.cybersource.com"}, "production"),
        (AT_HOME, "simulator"),
    ],
)
def test_the_account_is_the_merchant_id_and_the_environment_of_the_address(settings, environment):
    account = GatewayAccount("cybersource", "sim_merchant_001", environment)
    assert CyberSourceSettings(**settings).account == account


def test_an_invalid_merchant_id_makes_no_account():
    with pytest.raises(WrongSettings, match="merchant_id"):
        account_at(GOOD["url"], "a merchant")
