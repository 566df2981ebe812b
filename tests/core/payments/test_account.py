"""A gateway account: what it may be called, and how it is told."""

import pytest

from core.payments.account import GatewayAccount


def test_an_account_is_shown_with_its_gateway_and_environment():
    told = str(GatewayAccount("cybersource", "mitx_shop", "production"))
    assert told == "mitx_shop at cybersource (production)"


@pytest.mark.parametrize("name", ["", "Cyber", "cyber source", "7up", "-a", "a" * 41, "é"])
def test_gateways_and_environments_have_plain_names(name):
    with pytest.raises(ValueError, match="gateway"):
        GatewayAccount(name, "m", "test")
    with pytest.raises(ValueError, match="environment"):
        GatewayAccount("cybersource", "m", name)


@pytest.mark.parametrize("account", ["", " m", "m ", "m\n", "m" * 101, "a\u200bb"])
def test_an_invalid_account_is_refused(account):
    with pytest.raises(ValueError, match="account"):
        GatewayAccount("cybersource", account, "test")
