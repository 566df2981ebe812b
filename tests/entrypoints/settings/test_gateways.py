"""Which payment gateways the settings configure, and which of them takes new payments."""

from __future__ import annotations

from typing import Any

import pytest

from core.payments.account import GatewayAccount
from coursetill_testing.clock import Clock
from entrypoints.composition.gateways.cybersource_plugin import PLUGIN
from entrypoints.composition.payment_gateways import gateway_of, open_gateways
from entrypoints.gateways.api import GatewayPlugin, OpenGateway
from entrypoints.gateways.registry import GatewayCannotBeUsed
from entrypoints.settings.reader import SettingsAreWrong, wrong
from entrypoints.settings.shop import Settings, read_settings
from tests.entrypoints.gateways.played import PLAYED, played
from tests.entrypoints.settings.test_shop import GATEWAY

BOTH = {**GATEWAY, "COURSETILL_PLAYED_MERCHANT": "us"}


def read(settings: dict[str, str], *plugins: GatewayPlugin[Any]) -> Settings:
    return read_settings(settings, plugins or (PLUGIN, PLAYED))


def problems(settings: dict[str, str], *plugins: GatewayPlugin[Any]) -> tuple[str, ...]:
    with pytest.raises(SettingsAreWrong) as wrong:
        read(settings, *plugins)
    return wrong.value.problems


def names(settings: Settings) -> list[str]:
    return [each.name for each in settings.gateways]


def test_the_only_configured_gateway_takes_new_payments() -> None:
    assert names(read(GATEWAY)) == ["cybersource"]
    assert names(read({"COURSETILL_PLAYED_MERCHANT": "us"})) == ["played"]
    assert read({}).gateway is None


def test_one_of_several_gateways_must_be_chosen() -> None:
    assert problems(BOTH) == (
        "COURSETILL_GATEWAY is missing: say which takes new payments, cybersource or played",
    )
    assert names(read({**BOTH, "COURSETILL_GATEWAY": "played"})) == ["played", "cybersource"]
    assert names(read({**BOTH, "COURSETILL_GATEWAY": "cybersource"})) == ["cybersource", "played"]


def test_a_chosen_gateway_must_be_configured() -> None:
    assert problems({**GATEWAY, "COURSETILL_GATEWAY": "played"}) == (
        'COURSETILL_GATEWAY is "played", which is not configured: use cybersource',
    )


def test_every_invalid_setting_of_gateways_and_shop_is_named() -> None:
    told = problems(
        {
            **BOTH,
            "COURSETILL_GATEWAY": "played",
            "COURSETILL_PORT": "none",
            "COURSETILL_PLAYED_TEST": "perhaps",
            "COURSETILL_CYBERSOURCE_SIGNATURE": "wax",
        }
    )
    for name in ("PORT", "PLAYED_TEST", "CYBERSOURCE_SIGNATURE"):
        assert any(problem.startswith(f"COURSETILL_{name} ") for problem in told), name
    assert len(told) == 3


def test_a_setting_of_an_uninstalled_gateway_is_an_unknown_setting() -> None:
    assert problems({"COURSETILL_PLAYED_MERCHANT": "us"}, PLUGIN) == (
        "COURSETILL_PLAYED_MERCHANT is not a setting",
    )
    (told,) = problems({"COURSETILL_PLAYED_MERCHAND": "us"})
    assert told.endswith("did you mean COURSETILL_PLAYED_MERCHANT?")


def test_the_demo_sign_in_is_refused_beside_any_real_gateway() -> None:
    told = problems(
        {
            "COURSETILL_PLAYED_MERCHANT": "us",
            "COURSETILL_PLAYED_TEST": "no",
            "COURSETILL_GATEWAY": "cybersource",
            "COURSETILL_SIGN_IN": "demo",
            **GATEWAY,
        }
    )
    assert any("SIGN_IN=demo lets anybody in" in problem for problem in told)


def test_the_hosted_page_setting_requires_a_gateway_with_a_page() -> None:
    assert problems({"COURSETILL_PAY_AT": "hosted-page"}) == (
        "COURSETILL_PAY_AT is hosted-page, and no payment gateway is set up",
    )
    settings = read({"COURSETILL_PAY_AT": "hosted-page", "COURSETILL_PLAYED_MERCHANT": "us"})
    with pytest.raises(SettingsAreWrong, match="played has no payment page of its own"):
        open_gateways(settings, now=Clock())


def closing(plugin: GatewayPlugin[str], closed: list[str]) -> GatewayPlugin[str]:
    def opened(merchant: str, host: Any) -> OpenGateway:
        gateway = plugin.open(merchant, host).gateway
        return OpenGateway(gateway=gateway, close=lambda: closed.append(plugin.name))

    return played(name=plugin.name, settings=plugin.settings, read=plugin.read, open=opened)


def test_a_gateway_that_fails_to_open_closes_the_others_and_every_problem_is_reported() -> None:
    closed: list[str] = []

    def refuses(merchant: str, host: Any) -> OpenGateway:
        raise wrong([("PLAYED_MERCHANT", "nobody knows it")])

    bad = played(name="bad", settings=("BAD",), read=PLAYED.read, open=refuses)
    good = closing(PLAYED, closed)
    told = {"COURSETILL_PLAYED_MERCHANT": "us", "COURSETILL_BAD": "x", "COURSETILL_GATEWAY": "bad"}
    with pytest.raises(SettingsAreWrong) as refused:
        open_gateways(read(told, bad, good), now=Clock())
    assert refused.value.problems == ("COURSETILL_PLAYED_MERCHANT: nobody knows it",)
    assert closed == ["played"]


@pytest.mark.parametrize(
    ("opened", "why"),
    [
        (lambda *_: 1 / 0, "it cannot be opened: ZeroDivisionError"),
        (lambda *_: "a gateway", "it opens to a str"),
    ],
)
def test_a_gateway_that_fails_to_open_is_named(opened: Any, why: str) -> None:
    settings = read({"COURSETILL_PLAYED_MERCHANT": "us"}, played(open=opened))
    with pytest.raises(GatewayCannotBeUsed, match=why):
        open_gateways(settings, now=Clock())


def test_new_payments_use_the_chosen_gateway_and_old_ones_keep_theirs() -> None:
    shop = {"COURSETILL_SHOP_URL": "https://shop.example.org", "COURSETILL_GATEWAY": "played"}
    settings = read({**BOTH, **shop})
    gateways = open_gateways(settings, now=Clock())
    gateway, old = gateway_of(gateways), gateways[1].opened.gateway.account
    assert gateway.account == GatewayAccount("played", "us", "test")
    assert (old.gateway, gateway.serves(old)) == ("cybersource", True)


def test_two_gateways_of_one_account_are_refused() -> None:
    twin = played(name="twin", settings=("TWIN",), read=PLAYED.read)
    told = {
        "COURSETILL_PLAYED_MERCHANT": "us",
        "COURSETILL_TWIN": "x",
        "COURSETILL_GATEWAY": "twin",
    }
    gateways = open_gateways(read(told, PLAYED, twin), now=Clock())
    with pytest.raises(SettingsAreWrong, match="configured for one account"):
        gateway_of(gateways)
