"""Webhook subscriptions: creation, health check, review, change and deletion."""

import json
from typing import Any

import pytest
import requests

from coursetill_simulators.cybersource import DEMO_MERCHANT_ID
from coursetill_simulators_tests.cybersource.merchant import Clock, Merchant
from coursetill_simulators_tests.cybersource.subscriber import ALL, EVENTS, Subscriber, one_event


def test_a_subscription_is_active_after_its_health_check(
    subscriber: Subscriber,
) -> None:
    subscriber.makes_key()
    made = subscriber.asks().json()
    assert made["status"] == "INACTIVE"
    assert made["retryPolicy"]["interval"] == 1
    subscriber.round()
    assert subscriber.status(made["webhookId"]) == "ACTIVE"
    (check,) = subscriber.receiver.received
    assert (check.path, check.body) == ("/health", b"")


def test_activation_takes_time_and_a_failed_health_check_is_repeated(
    subscriber: Subscriber, clock: Clock
) -> None:
    subscriber.merchant.commands("switches", webhook_activation_seconds=300)
    subscriber.receiver.healthy = False
    webhook = subscriber.subscribes()
    assert subscriber.receiver.received == []
    clock.advance(300)
    subscriber.round()
    assert subscriber.status(webhook) == "INACTIVE"
    subscriber.receiver.healthy = True
    subscriber.round()
    assert subscriber.status(webhook) == "INACTIVE"
    clock.advance(300)
    subscriber.round()
    assert subscriber.status(webhook) == "ACTIVE"


def test_a_subscription_without_health_check_is_activated_by_the_merchant(
    subscriber: Subscriber,
) -> None:
    webhook = subscriber.subscribes(healthCheckUrl=None)
    assert subscriber.status(webhook) == "INACTIVE"
    merchant = subscriber.merchant
    body = json.dumps({"status": "ACTIVE"}).encode()
    claims = merchant.claims("PUT", f"{ALL}/{webhook}/status") | {
        key: value
        for key, value in merchant.claims("POST", "/", body).items()
        if key.startswith("digest")
    }
    token = merchant.signed(claims)
    reply = merchant.send("PUT", f"{ALL}/{webhook}/status", body=body, token=token)
    assert reply.status_code == 200
    assert subscriber.status(webhook) == "ACTIVE"


def test_an_address_under_review_is_not_used_until_approved(subscriber: Subscriber) -> None:
    subscriber.merchant.commands("switches", webhook_review=True)
    webhook = subscriber.subscribes()
    assert subscriber.status(webhook) == "PENDING_REVIEW"
    assert subscriber.receiver.received == []
    subscriber.merchant.commands(f"webhooks/{webhook}", review="block")
    assert subscriber.status(webhook) == "BLOCKED"
    subscriber.merchant.commands(f"webhooks/{webhook}", review="approve")
    subscriber.round()
    assert subscriber.status(webhook) == "ACTIVE"


@pytest.mark.parametrize(
    "changed",
    [
        {"webhookUrl": "https://shop.example.com/hooks"},
        {"webhookUrl": "https://127.0.0.1.example.com/hooks"},
        {"webhookUrl": "ftp://127.0.0.1/hooks"},
        {"webhookUrl": None},
        {"healthCheckUrl": "https://shop.example.com/health"},
        {"products": []},
        {"products": [{"productId": "payments", "eventTypes": ["payments.made.up"]}]},
        {"products": [{"productId": "made-up", "eventTypes": ["x"]}]},
        {"products": [{"productId": "payments", "eventTypes": []}]},
        {"organizationId": "somebody_else"},
        {"retryPolicy": {"algorithm": "RANDOM"}},
        {"retryPolicy": {"numberOfRetries": -1}},
        {"retryPolicy": {"firstRetry": "1"}},
        {"securityPolicy": {"securityType": "none"}},
        {"securityPolicy": {"securityType": "oAuth"}},
    ],
)
def test_an_invalid_subscription_is_refused(
    subscriber: Subscriber, changed: dict[str, Any]
) -> None:
    subscriber.makes_key()
    assert subscriber.asks(**changed).status_code == 400
    assert subscriber.merchant.get(ALL).json() == []


def test_a_subscription_without_signing_key_is_refused(subscriber: Subscriber) -> None:
    assert subscriber.asks().status_code == 400


@pytest.mark.parametrize(
    "path",
    [ALL, "/kms/egress/v2/keys-sym", "/nrtf/v1/webhooks/1/replays"],
)
def test_an_unsigned_request_changes_no_subscription(merchant: Merchant, path: str) -> None:
    assert requests.post(merchant.url + path, json={}, timeout=5).status_code == 401


def test_subscriptions_are_listed_changed_and_deleted(subscriber: Subscriber) -> None:
    webhook = subscriber.subscribes()
    merchant = subscriber.merchant
    assert [each["webhookId"] for each in merchant.get(ALL).json()] == [webhook]
    assert merchant.get(f"{ALL}?productId=cardProcessing").json() == []
    event = EVENTS["payments"][0]
    assert len(merchant.get(f"{ALL}?productId=payments&eventType={event}").json()) == 1

    body = json.dumps({"webhookUrl": f"{subscriber.receiver.url}/elsewhere"}).encode()
    claims = merchant.claims("POST", f"{ALL}/{webhook}", body) | {"request-method": "PATCH"}
    reply = merchant.send("PATCH", f"{ALL}/{webhook}", body=body, token=merchant.signed(claims))
    assert reply.json()["webhookUrl"].endswith("/elsewhere")
    assert subscriber.status(webhook) == "INACTIVE"

    assert merchant.call("DELETE", f"{ALL}/{webhook}").status_code == 204
    assert merchant.get(f"{ALL}/{webhook}").status_code == 404
    assert merchant.call("DELETE", f"{ALL}/{webhook}").status_code == 404


def test_the_products_list_both_event_families(merchant: Merchant) -> None:
    path = f"/notification-subscriptions/v2/products/{DEMO_MERCHANT_ID}"
    told = {each["productId"]: each["eventTypes"] for each in merchant.get(path).json()}
    assert {"payments", "cardProcessing", "unifiedCheckout"} <= set(told)
    names = {each["eventName"] for each in told["cardProcessing"]}
    assert "payments.payments.accept" in names
    assert merchant.get("/notification-subscriptions/v2/products/other").status_code == 404


def test_a_new_key_replaces_the_old_one(subscriber: Subscriber) -> None:
    one_event(subscriber)
    old = subscriber.key
    told = subscriber.makes_key()
    assert told["key"] != old
    subscriber.merchant.pays()
    subscriber.round()
    (received,) = subscriber.receiver.webhooks()
    assert f"keyId={told['keyId']};" in received.headers["v-c-signature"]
    assert subscriber.verified(received)
