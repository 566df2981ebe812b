"""The settings of a payment page of the gateway's own: off by default, several keys, warned of."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from adapters.cybersource.secure_acceptance.form import WARNING
from adapters.cybersource.secure_acceptance.payment_pages import SecureAcceptancePages
from core.money import Money
from core.order_reference import Reference
from core.payments.account import GatewayAccount
from core.payments.attempt import Attempt, AttemptId
from core.payments.hosted_page import HostedPageRequest
from entrypoints.composition.gateways.cybersource import open_pages
from entrypoints.composition.gateways.cybersource_plugin import (
    AUTOMATIC_IN_VAIN,
    open_parts,
    setup_in,
)
from entrypoints.processes.gateways.cybersource import page_at, page_environment, running_simulator
from entrypoints.settings.gateways.secure_acceptance import HostedSettings, PageKeySettings
from entrypoints.settings.reader import SettingsAreWrong
from entrypoints.settings.shop import Settings, read_settings
from tests.entrypoints.cli.processes import inside
from tests.entrypoints.cli.servers import free_port, serving
from tests.entrypoints.settings.test_shop import GATEWAY, problems
from tests.entrypoints.web.hosted_town import HOSTED as AT_HOME

PAGE = "COURSETILL_SECURE_ACCEPTANCE_"
OLD, NEW = "a" * 32, "b" * 32
SECRET = "worthless-secret-of-the-tests"
HOSTED = {
    **GATEWAY,
    "COURSETILL_SHOP_URL": "https://shop.example.org",
    "COURSETILL_PAY_AT": "hosted-page",
    f"{PAGE}URL": "https://testsecureacceptance.cybersource.com",
    f"{PAGE}PROFILE_ID": "3f1c2a9e-7b4d-4e60-9a58-0c6d2e8f1b37",
    f"{PAGE}KEYS": f"{OLD}:{SECRET}:2026-11-01 {NEW}:{SECRET}:2028-11-01",
}
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def settings(**changed: str) -> Settings:
    told = {**HOSTED, **changed}
    return read_settings({name: text for name, text in told.items() if text})


def pages(**changed: str) -> SecureAcceptancePages:
    told = settings(**changed)
    found = open_pages(setup_in(told), told.shop_url)
    assert found is not None
    return found


def signed_with(found: SecureAcceptancePages, at: datetime) -> str:
    account = GatewayAccount("cybersource", "m", "test")
    attempt = Attempt(AttemptId("A-1"), Reference("CT-1"), Money.of("39.33"), at, account=account)
    return found.open(attempt, HostedPageRequest(learner="ada"), at).fields["access_key"]


def test_the_card_form_is_the_default() -> None:
    usual = read_settings(GATEWAY)
    setup = setup_in(usual)
    pages = open_pages(setup, usual.shop_url)
    assert (setup.page, usual.pays_at_page, pages) == (None, False, None)


def test_the_settings_configure_the_page_and_its_keys() -> None:
    told = settings(**{f"{PAGE}LOCALE": "es-mx"})
    assert told.pays_at_page
    assert setup_in(told).page == HostedSettings(
        "https://testsecureacceptance.cybersource.com",
        "3f1c2a9e-7b4d-4e60-9a58-0c6d2e8f1b37",
        (
            PageKeySettings(OLD, SECRET, datetime(2026, 11, 1, tzinfo=UTC)),
            PageKeySettings(NEW, SECRET, datetime(2028, 11, 1, tzinfo=UTC)),
        ),
        "es-mx",
    )
    assert SECRET not in repr(told)


def test_a_page_no_longer_shown_still_processes_replies() -> None:
    told = settings(COURSETILL_PAY_AT="card-form")
    assert not told.pays_at_page
    assert open_pages(setup_in(told), told.shop_url) is not None


def test_the_first_unexpired_key_signs() -> None:
    assert signed_with(pages(), datetime(2026, 10, 31, tzinfo=UTC)) == OLD
    assert signed_with(pages(), NOW) == NEW


def test_the_end_of_the_product_and_of_its_keys_gives_a_warning() -> None:
    end, key = pages().warnings(NOW)
    assert end == WARNING
    assert key.startswith(f"The Secure Acceptance key {OLD[:8]} ended on 2026-11-01")
    assert len(pages().warnings(datetime(2028, 10, 20, tzinfo=UTC))) == 3


@pytest.mark.parametrize("name", ["URL", "PROFILE_ID", "KEYS"])
def test_every_missing_setting_of_the_page_is_named(name: str) -> None:
    without = {name: text for name, text in HOSTED.items() if text}
    del without[f"{PAGE}{name}"]
    assert problems(**without) == (
        f"{PAGE}{name} is missing, and COURSETILL_PAY_AT is hosted-page",
    )
    del without["COURSETILL_PAY_AT"]
    assert problems(**without) == (f"{PAGE}{name} is missing, and the others are set",)


def test_the_page_requires_a_rest_key_too() -> None:
    alone = {name: text for name, text in HOSTED.items() if "CYBERSOURCE" not in name}
    (problem,) = problems(**alone)
    assert "looked up and refunded" in problem


@pytest.mark.parametrize(
    "keys",
    [
        "key",
        "key:",
        ":secret-secret-secret",
        "key:short",
        f"{OLD}:{SECRET}:tomorrow",
        f"{OLD}:{SECRET}:2026-13-01",
        f"{OLD}c:{SECRET}",
        f"a-b:{SECRET}",
    ],
)
def test_invalid_keys_are_named_by_position_and_not_shown(keys: str) -> None:
    (problem,) = problems(**{**HOSTED, f"{PAGE}KEYS": f"{NEW}:{SECRET} {keys}"})
    assert "has no key in place 2" in problem
    assert SECRET not in problem


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("COURSETILL_PAY_AT", "elsewhere"),
        (f"{PAGE}LOCALE", "English"),
        (f"{PAGE}URL", "testsecureacceptance.cybersource.com"),
    ],
)
def test_invalid_settings_are_named(name: str, text: str) -> None:
    (problem,) = problems(**{**HOSTED, name: text})
    assert problem.startswith(name)
    assert text in problem


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        (f"{PAGE}URL", "https://pay.example.org", f"{PAGE}URL: https://pay.example.org is none of"),
        (f"{PAGE}URL", "http://127.0.0.1:9300", f"{PAGE}URL: http://127.0.0.1:9300 is none of"),
        (f"{PAGE}PROFILE_ID", "a profile", f"{PAGE}PROFILE_ID: it is the profile's id"),
        ("COURSETILL_SHOP_URL", "http://shop.example.org", "COURSETILL_SHOP_URL: it is an https"),
    ],
)
def test_an_impossible_page_is_refused_at_the_start(name: str, text: str, says: str) -> None:
    with pytest.raises(SettingsAreWrong) as wrong:
        pages(**{name: text})
    assert says in str(wrong.value)


def test_the_demo_settings_use_the_page_of_the_simulator() -> None:
    told = page_environment(page_at("http://127.0.0.1:9300"))
    at_home = {f"COURSETILL_{name}": text for name, text in AT_HOME.items()}
    settings = read_settings({**at_home, **told})
    assert setup_in(settings).page == page_at("http://127.0.0.1:9300")
    assert open_pages(setup_in(settings), settings.shop_url) is not None


def test_every_start_and_the_doctor_warn_of_the_end_of_the_product(
    sqlite_url: str, tmp_path: Path
) -> None:
    with running_simulator(read_settings({}), 0) as account:
        told = {
            **{f"COURSETILL_{name}": text for name, text in AT_HOME.items()},
            **page_environment(page_at(account.url)),
            "COURSETILL_CYBERSOURCE_FLOW": "automatic",
            "COURSETILL_CYBERSOURCE_URL": account.url,
            "COURSETILL_CYBERSOURCE_SHARED_SECRET": account.shared_secret,
            "COURSETILL_DATABASE_URL": sqlite_url,
            "COURSETILL_SECRET_KEY": "a-key-for-tests-that-is-long-enough",
            "COURSETILL_SIGN_IN": "demo",
            "COURSETILL_SHOP_URL": "http://127.0.0.1:8000",
            "PORT": str(free_port()),
        }
        checks = json.loads(inside("doctor", "--json", **told).stdout)["checks"]
        ready = "INFO coursetill.serving serving"
        with serving("serve", ready=ready, settings=told, folder=tmp_path) as server:
            _, said, _ = server.stopped()
    for warning in (WARNING, AUTOMATIC_IN_VAIN):
        assert [c["state"] for c in checks if c["says"] == warning] == ["warning"]
        assert f"WARNING coursetill.serving {warning}" in said


@pytest.mark.parametrize(
    ("changed", "warned"),
    [
        ({}, False),
        ({"CYBERSOURCE_FLOW": "automatic"}, True),
        ({"CYBERSOURCE_FLOW": "automatic", "PAY_AT": "card-form"}, False),
        ({"PAY_AT": "card-form"}, False),
    ],
)
def test_a_flow_without_effect_beside_the_page_gives_a_warning(
    changed: dict[str, str], warned: bool
) -> None:
    page = page_environment(page_at("http://127.0.0.1:9300"))
    usual = {name.removeprefix("COURSETILL_"): text for name, text in page.items()}
    told = {f"COURSETILL_{name}": text for name, text in {**AT_HOME, **usual, **changed}.items()}
    read = read_settings(told)
    warnings = open_parts(setup_in(read), read.shop_url).warnings(NOW)
    assert (AUTOMATIC_IN_VAIN in warnings) is warned
