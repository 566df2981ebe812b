"""A merchant who subscribes to webhooks, and the messages the merchant receives."""

import base64
import hmac
import json
from typing import Any

import attrs
import requests

from coursetill_simulators.cybersource import DEMO_MERCHANT_ID
from coursetill_simulators.testing.merchant_server import MerchantServer, ReceivedRequest
from coursetill_simulators_tests.cybersource.merchant import Merchant

ALL = "/notification-subscriptions/v2/webhooks"
EVENTS = {
    "payments": [
        "payments.authorization.status.accepted",
        "payments.authorization.status.rejected",
        "payments.authorization.status.reviewed",
        "payments.capture.status.accepted",
        "payments.capture.status.updated",
        "payments.refund.status.accepted",
        "payments.refund.status.updated",
        "payments.void.status.accepted",
        "payments.reversal.status.accepted",
    ]
}


@attrs.define
class Subscriber:
    """A merchant who subscribes to webhooks and receives them."""

    merchant: Merchant
    receiver: MerchantServer
    key: str = ""

    def makes_key(self) -> dict[str, Any]:
        content = {
            "clientRequestAction": "CREATE",
            "keyInformation": {
                "provider": "nrtd",
                "tenant": DEMO_MERCHANT_ID,
                "keyType": "sharedSecret",
                "organizationId": DEMO_MERCHANT_ID,
            },
        }
        reply = self.merchant.post("/kms/egress/v2/keys-sym", content)
        assert reply.status_code == 201, reply.text
        told = reply.json()["keyInformation"]
        self.key = told["key"]
        return told

    def asks(self, **changed: object) -> requests.Response:
        wanted = {
            "name": "the shop",
            "description": "a test",
            "organizationId": DEMO_MERCHANT_ID,
            "products": [{"productId": p, "eventTypes": e} for p, e in EVENTS.items()],
            "webhookUrl": f"{self.receiver.url}/hooks",
            "healthCheckUrl": f"{self.receiver.url}/health",
            "notificationScope": "SELF",
            "retryPolicy": {"algorithm": "ARITHMETIC", "firstRetry": 1, "numberOfRetries": 3},
            "securityPolicy": {"securityType": "KEY", "proxyType": "external"},
            **changed,
        }
        content = {name: value for name, value in wanted.items() if value is not None}
        return self.merchant.post(ALL, content)

    def subscribes(self, **changed: object) -> str:
        """The id of a subscription whose health check was answered."""
        if not self.key:
            self.makes_key()
        reply = self.asks(**changed)
        assert reply.status_code == 201, reply.text
        self.round()
        return reply.json()["webhookId"]

    def round(self) -> int:
        return self.merchant.commands("webhooks/rounds").json()["sent"]

    def status(self, webhook_id: str) -> str:
        return self.merchant.get(f"{ALL}/{webhook_id}").json()["status"]

    def deliveries(self) -> list[dict[str, Any]]:
        url = f"{self.merchant.url}/simulator/webhooks"
        return requests.get(url, timeout=5).json()["deliveries"]

    def told(self) -> list[dict[str, Any]]:
        """The received events, decoded."""
        return [json.loads(each.body) for each in self.receiver.webhooks()]

    def verified(self, received: ReceivedRequest, signed: bytes | None = None) -> bool:
        parts = dict(each.split("=", 1) for each in received.headers["v-c-signature"].split(";"))
        text = parts["t"].encode() + b"." + (received.body if signed is None else signed)
        right = hmac.digest(base64.b64decode(self.key), text, "sha256")
        return base64.b64encode(right).decode() == parts["sig"]


def one_event(subscriber: Subscriber, **changed: object) -> str:
    wanted = [{"productId": "payments", "eventTypes": ["payments.authorization.status.accepted"]}]
    return subscriber.subscribes(products=wanted, **changed)
