"""What the shop reads from its environment, and how it answers what makes no sense there."""

from datetime import timedelta

import pytest

from entrypoints.settings.reader import SettingsAreWrong
from entrypoints.settings.shop import read_settings

GATEWAY = {
    "COURSETILL_CYBERSOURCE_URL": "https://apitest.cybersource.com",
    "COURSETILL_CYBERSOURCE_MERCHANT_ID": "school",
    "COURSETILL_CYBERSOURCE_KEY_ID": "12345678-1234-1234-1234-123456789012",
    "COURSETILL_CYBERSOURCE_SHARED_SECRET": "c2VjcmV0LXRoYXQtb3BlbnMtbm90aGluZw==",
}
EVENTS = {
    "COURSETILL_EVENTS_URL": "https://platform.example.org/events",
    "COURSETILL_EVENTS_SECRET": "worthless-secret-of-the-tests-only",
}


def problems(**environ: str) -> tuple[str, ...]:
    with pytest.raises(SettingsAreWrong) as wrong:
        read_settings(environ)
    return wrong.value.problems


def test_no_setting_is_required() -> None:
    settings = read_settings({"PATH": "/bin", "HOME": "/"})
    assert settings.database_url == "sqlite:///coursetill.db"
    assert settings.hold == timedelta(minutes=30)
    assert (settings.gateway, settings.events, settings.staff) == (None, None, None)
    assert not (settings.demo_sign_in)
    assert not (settings.debug)


def test_every_invalid_setting_is_named() -> None:
    assert problems(
        COURSETILL_HOLD_MINUTES="0",
        COURSETILL_TIME_ZONE="CEST+2",
        COURSETILL_THREADS="many",
        COURSETILL_SHOP_URL="shop.example.org",
        COURSETILL_SUPPORT_EMAIL="nobody",
        COURSETILL_REFERENCE_TAG="lower",
        COURSETILL_SECRET_KEY="short",
        COURSETILL_WORKER="maybe",
        COURSETILL_DEBUG="1",
        COURSETILL_SIGN_IN="anybody",
    ) == (
        'COURSETILL_SHOP_URL is "shop.example.org": use an address that starts with https://',
        'COURSETILL_SUPPORT_EMAIL is "nobody", which is not an e-mail address',
        "COURSETILL_SECRET_KEY is shorter than 32 characters: use a long random text",
        'COURSETILL_REFERENCE_TAG is "lower": use 1 to 12 capital letters and digits',
        'COURSETILL_TIME_ZONE is "CEST+2": use a name such as Europe/Berlin',
        'COURSETILL_HOLD_MINUTES is "0": use whole minutes from 5 to 1440',
        'COURSETILL_THREADS is "many": use a number from 1 to 200',
        'COURSETILL_WORKER is "maybe": use yes or no',
        'COURSETILL_SIGN_IN is "anybody": use demo or none',
        'COURSETILL_DEBUG is "1": use yes or no',
    )


def test_a_misspelt_setting_gets_a_suggestion() -> None:
    assert problems(COURSETILL_CYBERSORCE_URL="x", COURSETILL_QQQ="x") == (
        "COURSETILL_CYBERSORCE_URL is not a setting; did you mean COURSETILL_CYBERSOURCE_URL?",
        "COURSETILL_QQQ is not a setting",
    )


def test_the_port_of_the_hosting_platform_is_the_default() -> None:
    assert read_settings({"PORT": "8123"}).port == 8123
    assert read_settings({"PORT": "8123"}).shop_url == "http://127.0.0.1:8123"
    assert read_settings({"PORT": "8123", "COURSETILL_PORT": "8124"}).port == 8124


def test_an_invalid_port_is_named_by_its_variable() -> None:
    assert problems(PORT="http") == ('PORT is "http": use a number from 1 to 65535',)
    assert problems(COURSETILL_PORT="0", PORT="80") == (
        'COURSETILL_PORT is "0": use a number from 1 to 65535',
    )


def test_an_incomplete_gateway_is_not_configured() -> None:
    del_one = {name: text for name, text in GATEWAY.items() if not name.endswith("KEY_ID")}
    assert problems(**del_one) == (
        "COURSETILL_CYBERSOURCE_KEY_ID is missing, and the others are set",
    )


@pytest.mark.parametrize(
    "url, simulator",
    [
        ("https://apitest.cybersource.com", "yes"),
        ("http://127.0.0.1:9000", "no"),
        ("https://cybersource.com.example.org", "no"),
        ("https://payments.example.org", "yes"),
    ],
)
def test_a_simulator_runs_on_this_machine_and_a_gateway_does_not(url: str, simulator: str) -> None:
    settings = {**GATEWAY, "COURSETILL_CYBERSOURCE_URL": url}
    assert problems(**settings, COURSETILL_CYBERSOURCE_SIMULATOR=simulator)


def test_the_demo_sign_in_is_refused_beside_a_real_gateway() -> None:
    assert (
        "cannot stand beside a real payment gateway"
        in problems(**GATEWAY, COURSETILL_SIGN_IN="demo")[0]
    )


@pytest.mark.parametrize("name", list(EVENTS))
def test_a_webhook_receiver_requires_an_address_and_a_secret(name: str) -> None:
    assert problems(**{name: EVENTS[name]}) == (
        "COURSETILL_EVENTS_URL and COURSETILL_EVENTS_SECRET are set together or not at all",
    )


def test_printed_settings_show_no_secret() -> None:
    secret = "a-key-for-tests-that-is-long-enough"
    settings = read_settings(
        {
            **GATEWAY,
            **EVENTS,
            "COURSETILL_SECRET_KEY": secret,
            "COURSETILL_DATABASE_URL": "postgresql://eve:hunter2@db/shop",
        }
    )
    for hidden in (secret, "hunter2", *(v for k, v in (GATEWAY | EVENTS).items() if "SECRET" in k)):
        assert hidden not in repr(settings)
