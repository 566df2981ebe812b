"""Whether the account can be used is proved without moving money, and said in plain words."""

import base64

import pytest

from adapters.cybersource.gateway import CyberSourceGateway
from core.payments.gateway import GatewayUnavailable
from coursetill_testing.contracts.gateway_world import an_attempt, new_id, opened
from tests.adapters.cybersource.worlds import settings
from tests.adapters.http_client.stubs import free_port


def gateway(simulator, clock, **changed):
    url = changed.pop("url", simulator.url)
    return CyberSourceGateway(settings(url, **changed), now=clock, new_id=new_id)


def test_a_working_account_passes_and_no_money_moves(shop):
    shop.gateway.check()
    assert shop.browser.ledger()["payments"] == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"shared_secret": base64.b64encode(b"another-worthless-secret").decode()},
        {"key_id": "another-key"},
        {"merchant_id": "another_merchant"},
    ],
)
def test_wrong_credentials_are_reported(simulator, clock, shop, wrong):
    with pytest.raises(GatewayUnavailable) as refusal:
        gateway(simulator, clock, **wrong).check()
    assert "does not accept our key" in refusal.value.reason


def test_a_wrong_clock_is_reported_with_the_key(simulator, clock, shop):
    late = gateway(simulator, lambda: clock.now.replace(year=2025))
    with pytest.raises(GatewayUnavailable) as refusal:
        late.check()
    assert "clock" in refusal.value.reason


def test_an_unreachable_host_is_reported(simulator, clock):
    with pytest.raises(GatewayUnavailable) as refusal:
        gateway(simulator, clock, url=f"http://127.0.0.1:{free_port()}").check()
    assert "does not answer" in refusal.value.reason


def test_an_account_without_permission_for_sessions_gets_the_reason(shop):
    body = {"reason": "CAPTURE_CONTEXT_INVALID", "message": "targetOrigins: not allowed"}
    shop.browser.answers("sessions", 400, body)
    with pytest.raises(GatewayUnavailable) as refusal:
        shop.gateway.check()
    assert "targetOrigins" in refusal.value.reason


@pytest.mark.parametrize("fault", ["drop", "html", "truncated", "system-error"])
def test_the_gateway_is_unavailable_while_no_session_can_be_opened(shop, fault):
    shop.browser.fault("sessions", fault)
    with pytest.raises(GatewayUnavailable) as refusal:
        shop.gateway.open(an_attempt())
    assert refusal.value.reason.startswith("CyberSource")


def test_an_open_form_is_shown_again_without_a_call(shop, simulator, clock):
    attempt = opened(an_attempt(), shop.gateway)
    gone = gateway(simulator, clock, url=f"http://127.0.0.1:{free_port()}")
    assert gone.form(attempt).session == attempt.session["session"]
