"""Which webhooks CyberSource sends us: subscriptions made, listed and taken away."""

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
"""The products that a shop wants to hear of, and the events of each."""


@attrs.frozen
class NotOffered(Refused):
    """An event that this merchant cannot subscribe to."""

    event: str


def event_types(
    offered: Mapping[str, tuple[str, ...]], more: Collection[str] = ()
) -> dict[str, tuple[str, ...]]:
    """What of `PRODUCTS` is offered, and `more` events by name.

    To ask for what is not offered would refuse the whole subscription. Raises NotOffered.
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
    """An address that no webhook can be sent to."""

    url: str

    def __str__(self) -> str:
        return f'"{self.url}" is not an https address without user, query and fragment'


@attrs.frozen(kw_only=True)
class WebhookSubscription:
    """One subscription. `status` is CyberSource's word, such as ACTIVE or PENDING_REVIEW."""

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
        Ask for the events of these products, sent to an https address of the shop.

        A new address is reviewed first, which takes a day or two. Raises NotAnAddress.
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
        """What a shop wants to hear of, as far as this merchant may subscribe to it, and `more`.

        Raises NotOffered.
        """
        return event_types(self.offered(), more)

    def all(self) -> tuple[WebhookSubscription, ...]:
        """Every subscription there is, in CyberSource's order."""
        # The only call of ours with a query: the vendor's client signs it as part of the path.
        path = f"{PATH}?organizationId={quote(self._settings.merchant_id, safe='')}"
        call = ApiCall(operation="subscriptions", ours=_OURS, path=path)
        try:
            return tuple(map(_subscription, self._transport.listed(call)))
        except ApiRefusal as why:
            if why.status == 404:  # its way to say that there is none
                return ()
            raise

    def delete(self, subscription_id: str) -> None:
        """Take a subscription away; what it sent stays in CyberSource's history."""
        path = f"{PATH}/{quote(subscription_id, safe='')}"
        self._transport.done(
            ApiCall(operation="unsubscribe", ours=_OURS, path=path, method="DELETE")
        )

    def new_key(self) -> SharedKey:
        """
        A new key that webhooks are signed with from now on. It is shown this once.

        CyberSource takes it in place of the one before it: keep both until the last message that
        the old one signed has come.
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
        told = self._transport.ask(
            ApiCall(operation="webhook-key", ours=_OURS, path=KEYS_PATH, body=body)
        ).part("keyInformation")
        return SharedKey(key_id=told.text("keyId"), secret=told.text("key"))

    def _can_be_sent_to(self, url: str) -> bool:
        try:
            parts = urlsplit(url)
            parts.port  # noqa: B018 (reading it is how urllib checks it)
        except ValueError:
            return False
        at_home = self._settings.simulator and parts.hostname in ("127.0.0.1", "localhost")
        plain = not (parts.query or parts.fragment or parts.username)
        return bool(parts.hostname) and plain and (parts.scheme == "https" or at_home)


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


def _subscription(told: JsonFields) -> WebhookSubscription:
    return WebhookSubscription(
        id=told.text("webhookId"),
        name=told.text("name"),
        url=told.text("webhookUrl"),
        status=told.text("status"),
        products={
            each.text("productId"): each.texts("eventTypes") for each in told.parts("products")
        },
    )
