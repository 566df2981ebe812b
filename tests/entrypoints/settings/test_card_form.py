"""The settings of the card form: who charges the card, and what the form looks like."""

import pytest

from entrypoints.composition.gateways.cybersource import open_cybersource
from entrypoints.composition.gateways.cybersource_plugin import setup_in
from entrypoints.settings.gateways.cybersource import CardFormSettings
from entrypoints.settings.reader import SettingsAreWrong
from entrypoints.settings.shop import read_settings
from tests.entrypoints.settings.test_shop import GATEWAY, problems

ACCOUNT = "COURSETILL_CYBERSOURCE_"
SHOP = {"COURSETILL_SHOP_URL": "https://shop.example.org"}


def form(**settings: str) -> CardFormSettings:
    told = read_settings({**GATEWAY, **{ACCOUNT + n: t for n, t in settings.items()}})
    return setup_in(told).account.form


def refused(**settings: str) -> str:
    """What is said of settings that the adapter does not take."""
    told = read_settings({**GATEWAY, **SHOP, **{ACCOUNT + n: t for n, t in settings.items()}})
    with pytest.raises(SettingsAreWrong) as wrong:
        open_cybersource(setup_in(told).account, told.shop_url)
    return str(wrong.value)


def test_the_manual_flow_is_the_default() -> None:
    assert form() == CardFormSettings()
    assert not form(FLOW="manual").automatic
    assert form(FLOW="automatic").automatic


def test_an_unknown_flow_is_named() -> None:
    [told] = problems(**GATEWAY, **{f"{ACCOUNT}FLOW": "auto"})
    assert told == f'{ACCOUNT}FLOW is "auto": use manual or automatic'


@pytest.mark.parametrize("name, text", [("AUTHENTICATION", "3DS"), ("DECISION_MANAGER", "yes")])
def test_settings_of_the_automatic_flow_require_that_flow(name: str, text: str) -> None:
    [told] = problems(**GATEWAY, **{ACCOUNT + name: text})
    assert told == f"{ACCOUNT}{name} goes with {ACCOUNT}FLOW=automatic alone"


def test_every_setting_of_the_form_reaches_the_gateway() -> None:
    told = {
        "FLOW": "automatic",
        "AUTHENTICATION": "PASSKEY",
        "DECISION_MANAGER": "no",
        "LOCALE": "fr_CA",
        "COUNTRY": "CA",
        "CARDS": "VISA  MAESTRO VISA",
    }
    found = form(**told)
    assert found == CardFormSettings(
        automatic=True,
        authentication="PASSKEY",
        decision_manager=False,
        locale="fr_CA",
        country="CA",
        cards=("VISA", "MAESTRO"),
    )
    settings = read_settings({**GATEWAY, **SHOP, **{ACCOUNT + n: t for n, t in told.items()}})
    open_cybersource(setup_in(settings).account, settings.shop_url)


@pytest.mark.parametrize(
    "settings, why",
    [
        ({"LOCALE": "french"}, 'LOCALE: "french" is not a locale such as en_US'),
        ({"COUNTRY": "Canada"}, 'COUNTRY: "Canada" is not a country such as US'),
        ({"CARDS": "VISA TARJETA"}, "CARDS: TARJETA: choose among AMEX, CARNET"),
        (
            {"FLOW": "automatic", "AUTHENTICATION": "SMS"},
            "AUTHENTICATION: choose among 3DS, NONE, PASSKEY",
        ),
    ],
)
def test_a_value_unknown_to_cybersource_is_refused_and_its_setting_named(
    settings: dict[str, str], why: str
) -> None:
    assert f"{ACCOUNT}{why}" in refused(**settings)
