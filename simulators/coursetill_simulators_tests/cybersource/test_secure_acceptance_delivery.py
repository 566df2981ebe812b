"""The result of the hosted page: by server post, by browser, and with faults."""

from typing import Any
from urllib.parse import parse_qsl

import pytest
import requests

from coursetill_simulators.cybersource import (
    DEMO_ACCESS_KEY,
    DEMO_PROFILE_ID,
    DEMO_PROFILE_SECRET,
    Profile,
    RunningSimulator,
    SimulatorSettings,
)
from coursetill_simulators.cybersource.secure_acceptance.signatures import signature_of, verifies
from coursetill_simulators.testing.forms import hidden_fields
from coursetill_simulators.testing.merchant_server import MerchantServer
from coursetill_simulators_tests.cybersource.hosted_shop import (
    HostedShop,
    address_of,
    returned,
    signed,
)
from coursetill_simulators_tests.cybersource.merchant import Clock, Merchant


def test_each_channel_signs_its_reply_when_it_is_sent(shop: HostedShop, clock: Clock) -> None:
    back = returned(shop.pays(shop.opens()))
    clock.advance(5)
    shop.round()
    (server,) = shop.told()
    assert server["signed_date_time"] != back["signed_date_time"]
    assert server["signature"] != back["signature"]
    assert verifies(server, DEMO_PROFILE_SECRET)


def test_a_profile_without_receipt_page_shows_the_result_itself(shop: HostedShop) -> None:
    page = shop.opens(override_custom_receipt_page="left out")
    reply = shop.pays(page)
    assert "<h1>ACCEPT</h1>" in reply.text
    assert shop.round() == 1


def test_a_profile_without_notification_address_posts_nothing(shop: HostedShop) -> None:
    page = shop.opens(override_backoffice_post_url="left out")
    assert returned(shop.pays(page))["decision"] == "ACCEPT"
    assert shop.round() == 0


def test_a_post_to_another_machine_is_refused(shop: HostedShop) -> None:
    shop.pays(shop.opens(override_backoffice_post_url="https://shop.example.com/notify"))
    shop.round()
    (post,) = requests.get(f"{shop.merchant.url}/simulator/merchant-posts", timeout=5).json()
    assert (post["state"], post["answers"]) == ("failed", [None])


def test_a_post_is_sent_to_no_address_but_loopback(
    shop: HostedShop,
) -> None:
    elsewhere = shop.receiver.url.replace("127.0.0.1", "0.0.0.0")  # noqa: S104 (to be refused)
    shop.pays(shop.opens(override_backoffice_post_url=f"{elsewhere}/hooks"))
    assert shop.round() == 1
    assert shop.told() == []


def test_a_failed_post_is_not_retried_by_default(shop: HostedShop, clock: Clock) -> None:
    shop.receiver.answers.append(500)
    shop.pays(shop.opens())
    shop.round()
    clock.advance(3600)
    assert shop.round() == 0


def test_retries_can_be_enabled(shop: HostedShop, clock: Clock) -> None:
    shop.merchant.commands("switches", merchant_post_retries=1)
    shop.receiver.answers.append(500)
    shop.pays(shop.opens())
    shop.round()
    assert shop.round() == 0
    clock.advance(60)
    assert shop.round() == 1


def test_the_server_post_can_precede_the_browser_return(shop: HostedShop) -> None:
    shop.merchant.commands("switches", merchant_post_first=True)
    shop.pays(shop.opens())
    assert len(shop.told()) == 1


@pytest.mark.parametrize(
    ("fault", "seen"),
    [
        ({"fault": "drop"}, ["B"]),
        ({"fault": "delay", "seconds": 30}, ["B"]),
        ({"fault": "duplicate"}, ["A", "A", "B"]),
        ({"fault": "duplicate", "copies": 4}, ["A", "A", "A", "A", "B"]),
        ({"fault": "reorder"}, ["B", "A"]),
        ({"fault": "drop", "about": "B"}, ["A"]),
    ],
)
def test_a_post_can_be_lost_late_doubled_or_out_of_order(
    shop: HostedShop, fault: dict[str, Any], seen: list[str]
) -> None:
    shop.merchant.commands("mishaps", channel="merchant-post", **fault)
    for code in ("A", "B"):
        shop.pays(shop.opens(reference_number=code, transaction_uuid=code))
    shop.round()
    assert [each["req_reference_number"] for each in shop.told()] == seen


def spoilt(shop: HostedShop, channel: str, **fault: object) -> list[tuple[str, str]]:
    shop.merchant.commands("mishaps", channel=channel, **fault)
    reply = shop.pays(shop.opens(bill_to_address_line1="Rue de l'Été 1"))
    if channel == "browser-return":
        return hidden_fields(reply)
    shop.round()
    body = shop.receiver.webhooks()[0].body.decode()
    return parse_qsl(body, keep_blank_values=True, errors="replace")


CHANNELS = pytest.mark.parametrize("channel", ["merchant-post", "browser-return"])


@CHANNELS
def test_a_wrong_signature_can_be_requested(shop: HostedShop, channel: str) -> None:
    pairs = spoilt(shop, channel, fault="wrong-signature")
    assert not verifies(dict(pairs), DEMO_PROFILE_SECRET)


@CHANNELS
def test_an_unsigned_decision_can_be_requested(shop: HostedShop, channel: str) -> None:
    fields = dict(spoilt(shop, channel, fault="unsigned-decision"))
    assert verifies(fields, DEMO_PROFILE_SECRET)
    assert fields["decision"] == "ACCEPT"
    assert "decision" not in fields["signed_field_names"].split(",")


@CHANNELS
def test_a_stale_date_can_be_requested(shop: HostedShop, channel: str) -> None:
    fields = dict(spoilt(shop, channel, fault="clock-skew", seconds=-86400))
    assert fields["signed_date_time"] == "2026-11-21T12:00:00Z"
    assert verifies(fields, DEMO_PROFILE_SECRET)


@CHANNELS
def test_a_repeated_parameter_can_be_requested(shop: HostedShop, channel: str) -> None:
    pairs = spoilt(shop, channel, fault="repeated-field")
    assert [name for name, _ in pairs].count("decision") == 2


def test_a_latin_1_body_can_be_requested(shop: HostedShop) -> None:
    shop.merchant.commands("mishaps", channel="merchant-post", fault="latin-1")
    shop.pays(shop.opens(bill_to_address_line1="Rue de l'Été 1"))
    shop.round()
    assert b"l%27%C9t%E9" in shop.receiver.webhooks()[0].body


def test_a_held_browser_does_not_return(shop: HostedShop) -> None:
    shop.merchant.commands("mishaps", channel="browser-return", fault="drop")
    reply = shop.pays(shop.opens())
    assert 'id="return"' not in reply.text
    assert shop.round() == 1


@pytest.mark.parametrize(
    "told",
    [
        {"channel": "browser-return", "fault": "delay"},
        {"channel": "webhooks", "fault": "latin-1"},
        {"channel": "mail", "fault": "drop"},
        {"channel": "merchant-post", "fault": "fire"},
        {"channel": "merchant-post"},
    ],
)
def test_an_invalid_fault_is_refused(merchant: Merchant, told: dict[str, str]) -> None:
    assert merchant.commands("mishaps", **told).status_code == 400


def test_several_keys_of_a_profile_can_be_active(receiver: MerchantServer, clock: Clock) -> None:
    keys = {"old": "old secret", DEMO_ACCESS_KEY: DEMO_PROFILE_SECRET}
    settings = SimulatorSettings(
        profiles=(
            Profile(
                id=DEMO_PROFILE_ID,
                keys=keys,
                receipt_page="http://127.0.0.1:5000/profile",
                cancel_page="http://127.0.0.1:5000/gone",
                merchant_post_url=f"{receiver.url}/hooks",
            ),
        )
    )
    with RunningSimulator(settings, now=clock, rounds_every=None) as running:
        shop = HostedShop(Merchant(running.url, clock), receiver)
        own = dict.fromkeys(
            (
                "override_custom_receipt_page",
                "override_custom_cancel_page",
                "override_backoffice_post_url",
            ),
            "left out",
        )
        fields = shop.fields(access_key="old", **own)
        form = signed(fields)
        form["signature"] = signature_of(form, "old secret")
        page = running.url + shop.posts(form).headers["Location"]
        assert address_of(requests.post(f"{page}/cancel", timeout=5)).endswith("/gone")
        reply = shop.pays(page)
        assert address_of(reply).endswith("/profile")
        assert verifies(returned(reply), "old secret")
        shop.round()
        assert verifies(shop.told()[1], "old secret")


def test_a_receiver_that_hangs_delays_the_next_posts(shop: HostedShop, clock: Clock) -> None:
    shop.merchant.commands("switches", merchant_post_pause_seconds=60)
    nobody = "http://127.0.0.1:9/notify"
    shop.pays(shop.opens(transaction_uuid="A", override_backoffice_post_url=nobody))
    shop.pays(shop.opens(transaction_uuid="B"))
    assert shop.round() == 1
    assert shop.told() == []
    clock.advance(60)
    assert shop.round() == 1
    assert len(shop.told()) == 1


def test_a_held_browser_is_released_for_another_order(shop: HostedShop) -> None:
    shop.merchant.commands("mishaps", channel="browser-return", fault="drop", about="B")
    kept = []
    for code in ("A", "B"):
        reply = shop.pays(shop.opens(reference_number=code, transaction_uuid=code))
        kept.append('id="return"' not in reply.text)
    assert kept == [False, True]
