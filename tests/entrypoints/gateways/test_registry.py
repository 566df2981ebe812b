"""How payment gateways are found, and which are refused."""

import pytest

from entrypoints.composition.gateways.cybersource_plugin import PLUGIN
from entrypoints.gateways.registry import (
    GatewayCannotBeUsed,
    gateway_named,
    installed_gateways,
    load_gateways,
    part_at,
)
from entrypoints.plugins import Installed
from tests.entrypoints.gateways.played import PLAYED, installed, played


def boom() -> object:
    raise ImportError("no module named requests")


def test_cybersource_is_found_by_its_entry_point() -> None:
    assert PLUGIN in installed_gateways()


def test_every_gateway_of_the_group_is_loaded() -> None:
    other = played(name="other", settings=("OTHER_KEY",))
    assert load_gateways([installed(PLAYED), installed(other, "other")]) == (PLAYED, other)


@pytest.mark.parametrize(
    ("found", "why"),
    [
        (Installed("played", "1.0", "", boom), "it cannot be imported: ImportError: no module"),
        (installed("a text"), "its entry point is a str"),
        (installed(played(api=99)), "version 99 of the shop's API, and this is version 1"),
        (installed(played(name="else")), "it calls itself else"),
    ],
)
def test_an_invalid_gateway_is_named_with_the_reason(found: Installed, why: str) -> None:
    with pytest.raises(GatewayCannotBeUsed) as refused:
        load_gateways([found])
    assert refused.value.name == "played"
    assert why in refused.value.why


def test_two_gateways_cannot_share_a_setting() -> None:
    twin = played(name="twin")
    with pytest.raises(GatewayCannotBeUsed, match="another gateway has PLAYED_MERCHANT too"):
        load_gateways([installed(PLAYED), installed(twin, "twin")])


def test_an_uninstalled_gateway_is_reported_with_the_installed_ones() -> None:
    assert gateway_named("played", [PLAYED]) is PLAYED
    with pytest.raises(GatewayCannotBeUsed, match=r"not installed[.] Installed are: played"):
        gateway_named("stripe", [PLAYED])


def test_a_missing_part_of_a_gateway_is_reported() -> None:
    assert part_at("played", "tests.entrypoints.gateways.played:PLAYED") is PLAYED
    with pytest.raises(GatewayCannotBeUsed, match=r"played:nothing cannot be imported"):
        part_at("played", "tests.entrypoints.gateways.played:nothing")


@pytest.mark.parametrize("setting", ["played_key", "COURSETILL-KEY", ""])
def test_a_setting_name_is_upper_case(setting: str) -> None:
    with pytest.raises(ValueError, match="settings"):
        played(settings=(setting,))
