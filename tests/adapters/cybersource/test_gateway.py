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


def test_an_account_that_works_passes_and_nothing_was_moved(shop):
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
def test_wrong_credentials_are_told_as_such(simulator, clock, shop, wrong):
    with pytest.raises(GatewayUnavailable) as refusal:
        gateway(simulator, clock, **wrong).check()
    assert "does not accept our key" in refusal.value.reason


def test_a_clock_that_is_wrong_is_told_with_the_key(simulator, clock, shop):
    late = gateway(simulator, lambda: clock.now.replace(year=2025))
    with pytest.raises(GatewayUnavailable) as refusal:
        late.check()
    assert "clock" in refusal.value.reason


def test_a_host_that_does_not_answer_is_told_as_such(simulator, clock):
    with pytest.raises(GatewayUnavailable) as refusal:
        gateway(simulator, clock, url=f"http://127.0.0.1:{free_port()}").check()
    assert "does not answer" in refusal.value.reason


def test_an_account_that_may_open_no_session_is_told_why(shop):
    body = {"reason": "CAPTURE_CONTEXT_INVALID", "message": "targetOrigins: not allowed"}
    shop.browser.answers("sessions", 400, body)
    with pytest.raises(GatewayUnavailable) as refusal:
        shop.gateway.check()
    assert "targetOrigins" in refusal.value.reason


@pytest.mark.parametrize("fault", ["drop", "html", "truncated", "system-error"])
def test_while_no_session_can_be_opened_the_gateway_is_unavailable(shop, fault):
    shop.browser.fault("sessions", fault)
    with pytest.raises(GatewayUnavailable) as refusal:
        shop.gateway.open(an_attempt())
    assert refusal.value.reason.startswith("CyberSource")


def test_a_form_that_was_opened_is_shown_again_without_a_call(shop, simulator, clock):
    attempt = opened(an_attempt(), shop.gateway)
    gone = gateway(simulator, clock, url=f"http://127.0.0.1:{free_port()}")
    assert gone.form(attempt).session == attempt.session["session"]
