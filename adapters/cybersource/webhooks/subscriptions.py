"""Webhook subscriptions at CyberSource: create, list and delete them."""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping
from typing import Any
from urllib.parse import quote, urlsplit

import attrs

from adapters.cybersource.rest.json_fields import JsonFields
from adapters.cybersource.rest.keys import SharedKey
from adapters.cybersource.rest.settings import CyberSourceSettings
from adapters.cybersource.rest.transport import ApiCall, ApiRefusal, Transport
from core.errors import Refused

_log = logging.getLogger("coursetill.cybersource")

PATH = "/notification-subscriptions/v2/webhooks"
PRODUCTS_PATH = "/notification-subscriptions/v2/products"
KEYS_PATH = "/kms/egress/v2/keys-sym"
_OURS = "WEBHOOKS"

PRODUCTS: Mapping[str, tuple[str, ...]] = {
    "payments": (
        "payments.authorization.status.accepted",
        "payments.authorization.status.reviewed",
        "payments.authorization.status.rejected",
        "payments.authorization.status.partiallyApproved",
        "payments.capture.status.accepted",
        "payments.capture.status.updated",
        "payments.refund.status.accepted",
        "payments.refund.status.updated",
        "payments.void.status.accepted",
        "payments.reversal.status.accepted",
    ),
    "unifiedCheckout": ("uc.orders.transactionresults",),
}
"""The products and events that a shop subscribes to."""


@attrs.frozen
class NotOffered(Refused):
    """An event that this merchant cannot subscribe to."""

    event: str


def event_types(
    offered: Mapping[str, tuple[str, ...]], more: Collection[str] = ()
) -> dict[str, tuple[str, ...]]:
    """The offered events of `PRODUCTS`, and the events named in `more`.

    CyberSource refuses a whole subscription if it names one event that is not offered, so this
    raises NotOffered first.
    """
    for event in more:
        if not any(event in events for events in offered.values()):
            raise NotOffered(event)
    both = {
        product: tuple(
            event for event in events if event in PRODUCTS.get(product, ()) or event in more
        )
        for product, events in offered.items()
    }
    return {product: events for product, events in both.items() if events}


@attrs.frozen
class NotAnAddress(ValueError):
    """A URL that cannot receive webhooks."""

    url: str

    def __str__(self) -> str:
        return f'"{self.url}" is not an https address without user, query and fragment'


@attrs.frozen(kw_only=True)
class WebhookSubscription:
    """One subscription. `status` is CyberSource's, such as ACTIVE or PENDING_REVIEW."""

    id: str
    name: str
    url: str
    status: str
    products: Mapping[str, tuple[str, ...]]


@attrs.frozen
class WebhookSubscriptions:
    """The webhooks of one merchant. Every call raises NotSent, ApiRefusal or Lost."""

    _transport: Transport
    _settings: CyberSourceSettings

    def subscribe(self, url: str, products: Mapping[str, tuple[str, ...]]) -> WebhookSubscription:
        """
        Subscribe to the events of these products, sent to an https URL of the shop.

        CyberSource reviews a new URL first, which takes a day or two. Raises NotAnAddress.
        """
        if not self._can_be_sent_to(url):
            raise NotAnAddress(url)
        call = ApiCall(
            operation="subscribe",
            ours=_OURS,
            path=PATH,
            body=_body(self._settings.merchant_id, url, products),
        )
        return _subscription(self._transport.ask(call))

    def offered(self) -> dict[str, tuple[str, ...]]:
        """The products that this merchant may subscribe to, and the events of each."""
        merchant_id = quote(self._settings.merchant_id, safe="")
        call = ApiCall(operation="offered", ours=_OURS, path=f"{PRODUCTS_PATH}/{merchant_id}")
        return {
            each.text("productId"): tuple(
                event.text("eventName") for event in each.parts("eventTypes")
            )
            for each in self._transport.listed(call)
        }

    def event_types(self, more: Collection[str] = ()) -> dict[str, tuple[str, ...]]:
        """The events for a subscription: the offered events of `PRODUCTS`, and `more`.

        Raises NotOffered.
        """
        return event_types(self.offered(), more)

    def all(self) -> tuple[WebhookSubscription, ...]:
        """All subscriptions, in CyberSource's order."""
        # This is the only call with a query. Like the vendor's client, sign it with the path.
        path = f"{PATH}?organizationId={quote(self._settings.merchant_id, safe='')}"
        call = ApiCall(operation="subscriptions", ours=_OURS, path=path)
        try:
            return tuple(map(_subscription, self._transport.listed(call)))
        except ApiRefusal as why:
            if why.status == 404:  # it means that there are none
                return ()
            raise

    def delete(self, subscription_id: str) -> None:
        """Delete a subscription. Its past messages stay in CyberSource's history."""
        path = f"{PATH}/{quote(subscription_id, safe='')}"
        self._transport.done(
            ApiCall(operation="unsubscribe", ours=_OURS, path=path, method="DELETE")
        )

    def new_key(self) -> SharedKey:
        """
        Create a new key, which signs webhooks from now on. CyberSource shows it only once.

        It replaces the key before it. Keep both until the last message signed with the old key
        has arrived.
        """
        merchant_id = self._settings.merchant_id
        body = {
            "clientRequestAction": "CREATE",
            "keyInformation": {
                "provider": "nrtd",
                "tenant": merchant_id,
                "keyType": "sharedSecret",
                "organizationId": merchant_id,
            },
        }
        key = self._transport.ask(
            ApiCall(operation="webhook-key", ours=_OURS, path=KEYS_PATH, body=body)
        ).part("keyInformation")
        return SharedKey(key_id=key.text("keyId"), secret=key.text("key"))

    def _can_be_sent_to(self, url: str) -> bool:
        try:
            parts = urlsplit(url)
            parts.port  # noqa: B018 (urllib checks the port when it is read)
        except ValueError:
            return False
        is_local = self._settings.simulator and parts.hostname in ("127.0.0.1", "localhost")
        plain = not (parts.query or parts.fragment or parts.username)
        return bool(parts.hostname) and plain and (parts.scheme == "https" or is_local)


def _body(merchant_id: str, url: str, products: Mapping[str, tuple[str, ...]]) -> dict[str, Any]:
    return {
        "name": "Coursetill",
        "description": "Payments and refunds of the course shop",
        "organizationId": merchant_id,
        "products": [
            {"productId": product, "eventTypes": list(events)}
            for product, events in products.items()
        ],
        "webhookUrl": url,
        "healthCheckUrl": url,
        "notificationScope": "SELF",
        "retryPolicy": {
            "algorithm": "ARITHMETIC",
            "firstRetry": 1,
            "interval": 1,
            "numberOfRetries": 3,
            "deactivateFlag": "false",
            "repeatSequenceCount": 0,
            "repeatSequenceWaitTime": 0,
        },
        "securityPolicy": {"securityType": "KEY", "proxyType": "external"},
    }


def _subscription(fields: JsonFields) -> WebhookSubscription:
    return WebhookSubscription(
        id=fields.text("webhookId"),
        name=fields.text("name"),
        url=fields.text("webhookUrl"),
        status=fields.text("status"),
        products={
            each.text("productId"): each.texts("eventTypes") for each in fields.parts("products")
        },
    )
