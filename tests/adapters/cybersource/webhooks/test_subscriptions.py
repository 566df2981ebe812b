"""Subscriptions to webhooks: asked for as the guide says, listed, and taken away."""

import json

import pytest

from adapters.cybersource.rest.signing import RequestSigners
from adapters.cybersource.rest.transport import ApiRefusal, Transport
from adapters.cybersource.webhooks.events import EVENTS
from adapters.cybersource.webhooks.subscriptions import (
    PRODUCTS,
    NotAnAddress,
    WebhookSubscription,
    WebhookSubscriptions,
    event_types,
)
from adapters.http_client import HttpClient, Lost, Timeouts
from coursetill_testing.clock import Clock
from coursetill_testing.contracts.gateway_world import START, new_id
from tests.adapters.cybersource.worlds import settings
from tests.adapters.http_client.stubs import Stub, http

TOLD = {
    "webhookId": "wh-1",
    "name": "Coursetill",
    "webhookUrl": "https://shop.example.org/webhooks/cybersource",
    "status": "PENDING_REVIEW",
    "products": [{"productId": "payments", "eventTypes": ["payments.refund.status.accepted"]}],
}
ONE = WebhookSubscription(
    id="wh-1",
    name="Coursetill",
    url="https://shop.example.org/webhooks/cybersource",
    status="PENDING_REVIEW",
    products={"payments": ("payments.refund.status.accepted",)},
)


def subscriptions(url):
    told = settings(url, timeouts=Timeouts(connect=2, read=1))
    signers = RequestSigners.of(told, new_id)
    return WebhookSubscriptions(
        Transport(told, signers, HttpClient(told.timeouts), now=Clock(START)), told
    )


def first_line(stub):
    return stub.requests[0].split(b"\r\n")[0].decode()


def test_a_subscription_request_has_every_documented_field():
    with Stub(http("201 Created", json.dumps(TOLD).encode())) as stub:
        made = subscriptions(stub.url).subscribe(ONE.url, PRODUCTS)
    assert made == ONE
    assert first_line(stub) == "POST /notification-subscriptions/v2/webhooks HTTP/1.1"
    body = json.loads(stub.requests[0].partition(b"\r\n\r\n")[2])
    assert body["organizationId"] == "simulated_merchant"
    assert body["webhookUrl"] == body["healthCheckUrl"] == ONE.url
    assert body["securityPolicy"]["securityType"] == "KEY"
    assert {each["productId"] for each in body["products"]} == set(PRODUCTS)


def test_every_subscribed_event_is_supported():
    assert {event for events in PRODUCTS.values() for event in events} <= EVENTS.keys()


def test_only_available_events_are_requested():
    offered = [
        {
            "productId": "payments",
            "eventTypes": [
                {"eventName": "payments.refund.status.accepted", "payloadEncryption": True},
                {"eventName": "payments.something.else"},
            ],
        },
        {"productId": "terminalManagement", "eventTypes": [{"eventName": "terminal.update"}]},
    ]
    with Stub(http("200 OK", json.dumps(offered).encode())) as stub:
        told = subscriptions(stub.url).offered()
    assert first_line(stub).split()[1].endswith("/v2/products/simulated_merchant")
    assert told["payments"] == ("payments.refund.status.accepted", "payments.something.else")
    assert event_types(told) == {"payments": ("payments.refund.status.accepted",)}


@pytest.mark.parametrize(
    "url",
    [
        "",
        "shop.example.org",
        "http://shop.example.org/hook",
        "https://",
        "https://a@shop.example.org/",
        "https://shop.example.org/?a=1",
        "https://shop.example.org:port/",
        "ftp://shop.example.org/",
    ],
)
def test_an_unreachable_kind_of_address_is_refused_by_us(url):
    with pytest.raises(NotAnAddress):
        subscriptions("http://127.0.0.1:9").subscribe(url, PRODUCTS)


def test_subscriptions_are_listed():
    with Stub(http("200 OK", json.dumps([TOLD, TOLD]).encode())) as stub:
        assert subscriptions(stub.url).all() == (ONE, ONE)
    assert first_line(stub).split()[1] == (
        "/notification-subscriptions/v2/webhooks?organizationId=simulated_merchant"
    )


def test_no_subscriptions_give_an_empty_list():
    with Stub(http("404 Not Found", b"{}")) as stub:
        assert subscriptions(stub.url).all() == ()


def test_a_refused_list_is_not_an_empty_list():
    with Stub(http("403 Forbidden", b"{}")) as stub, pytest.raises(ApiRefusal):
        subscriptions(stub.url).all()


@pytest.mark.parametrize("body", [b"<html>", b"[", b""])
def test_an_unreadable_list_is_not_an_empty_list(body):
    with Stub(http("200 OK", body)) as stub, pytest.raises(Lost):
        subscriptions(stub.url).all()


def test_a_subscription_is_deleted_by_its_id():
    with Stub(b"HTTP/1.1 204 No Content\r\n\r\n") as stub:
        subscriptions(stub.url).delete("wh/1")
    assert first_line(stub) == "DELETE /notification-subscriptions/v2/webhooks/wh%2F1 HTTP/1.1"


def test_deleting_an_unknown_subscription_is_refused():
    with Stub(http("404 Not Found", b"{}")) as stub, pytest.raises(ApiRefusal):
        subscriptions(stub.url).delete("wh-1")


def test_a_new_key_is_returned_once_and_never_logged():
    told = {"status": "SUCCESS", "keyInformation": {"keyId": "k-1", "key": "d29ydGhsZXNzLWtleQ=="}}
    with Stub(http("201 Created", json.dumps(told).encode())) as stub:
        key = subscriptions(stub.url).new_key()
    assert (key.key_id, key.content) == ("k-1", b"worthless-key")
    assert "d29y" not in repr(key)


@pytest.mark.parametrize(
    ("status", "told", "call", "operation"),
    [
        ("201 Created", TOLD, lambda made: made.subscribe(ONE.url, PRODUCTS), "subscribe"),
        ("200 OK", [], lambda made: made.offered(), "offered"),
        ("200 OK", [TOLD], lambda made: made.all(), "subscriptions"),
        (
            "201 Created",
            {"keyInformation": {"keyId": "k-1", "key": "d29ydGhsZXNzLWtleS1mb3ItdGhlLWxvZw=="}},
            lambda made: made.new_key(),
            "webhook-key",
        ),
    ],
)
def test_each_call_logs_one_line_without_a_secret(caplog, status, told, call, operation):
    reply = http(status, json.dumps(told).encode(), "v-c-correlation-id: 0d1e-22\r\n")
    with caplog.at_level("DEBUG"), Stub(reply) as stub:
        call(subscriptions(stub.url))
    [line] = [each.getMessage() for each in caplog.records if "coursetill" in each.name]
    assert line.startswith(f"operation={operation} ours=WEBHOOKS theirs=0d1e-22 ms=")
    assert "d29ydGhsZXNz" not in caplog.text
