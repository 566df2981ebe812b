"""
/notification-subscriptions/v2: webhook subscriptions.

A subscription is INACTIVE until its health check is answered with 200 (five to ten minutes at
CyberSource). If URLs are reviewed, it is PENDING_REVIEW before that. Assumed: that a signature key
must exist first, and the HTTP statuses.
"""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import attrs
from flask import Blueprint, Response, make_response, request

from coursetill_simulators.cybersource.faults.reply_faults import Operation
from coursetill_simulators.cybersource.middleware import (
    answer,
    delivered,
    require_authentication,
    sent,
)
from coursetill_simulators.cybersource.registry import current_registry
from coursetill_simulators.cybersource.subscriptions.requests import (
    address_in,
    products_in,
    retry_policy_in,
    security_in,
    subscription_body,
)
from coursetill_simulators.cybersource.webhooks.deliveries import WebhookDelivery
from coursetill_simulators.cybersource.webhooks.events import WebhookEvent, products
from coursetill_simulators.cybersource.webhooks.receiver_authentication import (
    ReceiverAuthentication,
)
from coursetill_simulators.cybersource.webhooks.subscription_store import (
    StoredSubscription,
    SubscriptionStatus,
)
from coursetill_simulators.cybersource.wire_format.bodies import Body
from coursetill_simulators.cybersource.wire_format.moments import written
from coursetill_simulators.cybersource.wire_format.refusals import Refusal, wrong

webhook_subscriptions = Blueprint("webhook_subscriptions", __name__)
webhook_subscriptions.before_request(require_authentication)

_ALL = "/notification-subscriptions/v2/webhooks"
_ONE = f"{_ALL}/<webhook_id>"


@webhook_subscriptions.get("/notification-subscriptions/v2/products/<organization_id>")
def subscribable(organization_id: str) -> Response:
    """All products and events for subscriptions."""
    if organization_id != current_registry().settings.merchant_id:
        return _unknown()
    encrypted = current_registry().settings.webhook_shape.startswith("jwe")
    body = [
        {
            "productId": product_id,
            "productName": product_id,
            "eventTypes": [
                {"eventName": event_type, "frequency": 1, "payloadEncryption": encrypted}
                for event_type in events
            ],
        }
        for product_id, events in products().items()
    ]
    return answer(body, 200)


@webhook_subscriptions.post(_ALL)
def subscribe() -> Response:
    """Create a subscription: 201 with its id."""
    return delivered(current_registry().faults.take(Operation.SUBSCRIPTIONS), _subscribed)


def _subscribed() -> Response:
    registry, body = current_registry(), sent()
    if registry.webhooks.subscriptions.key is None:
        raise Refusal("INVALID_DATA", "Declined - Make a signature key first (keys-sym)")
    if body.text("organizationId") != registry.settings.merchant_id:
        raise wrong("organizationId")
    checked = body.at("healthCheckUrl") is not None
    subscription = StoredSubscription(
        id=str(uuid4()),
        organization_id=registry.settings.merchant_id,
        name=body.optional_text("name") or "",
        description=body.optional_text("description") or "",
        webhook_url=address_in(body, "webhookUrl"),
        health_check_url=address_in(body, "healthCheckUrl") if checked else None,
        products=products_in(body),
        retry_policy=retry_policy_in(body),
        security=_security(body),
        scope=body.optional_text("notificationScope") or "SELF",
        created_at=registry.now(),
        status=SubscriptionStatus.INACTIVE,
    )
    registry.webhooks.subscriptions.keep(begun(subscription))
    return answer(subscription_body(begun(subscription)))


@webhook_subscriptions.get(_ALL)
def subscriptions() -> Response:
    """List subscriptions, optionally of one product or event."""
    return delivered(current_registry().faults.take(Operation.SUBSCRIPTIONS), _listed)


def _listed() -> Response:
    product_id, event_type = request.args.get("productId"), request.args.get("eventType")
    found = [
        subscription_body(each)
        for each in current_registry().webhooks.subscriptions.all()
        if (product_id is None or product_id in each.products)
        and (event_type is None or any(event_type in names for names in each.products.values()))
    ]
    return answer(found, 200)


@webhook_subscriptions.get(_ONE)
def subscription(webhook_id: str) -> Response:
    """One subscription."""
    found = current_registry().webhooks.subscriptions.find(webhook_id)
    return answer(subscription_body(found), 200) if found else _unknown()


@webhook_subscriptions.patch(_ONE)
def change(webhook_id: str) -> Response:
    """Change URLs, products or texts. A changed URL is checked again."""
    found, body = current_registry().webhooks.subscriptions.find(webhook_id), sent()
    if found is None:
        return _unknown()
    changed = attrs.evolve(
        found,
        name=body.optional_text("name") or found.name,
        description=body.optional_text("description") or found.description,
        products=products_in(body) if body.at("products") is not None else found.products,
    )
    if body.at("webhookUrl") is not None or body.at("healthCheckUrl") is not None:
        moved = attrs.evolve(
            changed,
            webhook_url=_other(body, "webhookUrl") or found.webhook_url,
            health_check_url=_other(body, "healthCheckUrl") or found.health_check_url,
        )
        changed = begun(moved)
    current_registry().webhooks.subscriptions.keep(changed)
    return answer(
        {**subscription_body(changed), "updatedOn": written(current_registry().now())}, 200
    )


@webhook_subscriptions.put(f"{_ONE}/status")
def set_status(webhook_id: str) -> Response:
    """Set a subscription ACTIVE or INACTIVE."""
    found = current_registry().webhooks.subscriptions.find(webhook_id)
    status = sent().text("status")
    if found is None:
        return _unknown()
    if status not in ("ACTIVE", "INACTIVE"):
        raise wrong("status")
    if found.status in (SubscriptionStatus.PENDING_REVIEW, SubscriptionStatus.BLOCKED):
        raise Refusal("INVALID_DATA", "Declined - The address is not approved")
    current_registry().webhooks.subscriptions.keep(
        attrs.evolve(found, status=SubscriptionStatus(status), check_at=None)
    )
    return make_response("", 200)


@webhook_subscriptions.delete(_ONE)
def unsubscribe(webhook_id: str) -> Response:
    """Delete a subscription: 204."""
    fault = current_registry().faults.take(Operation.SUBSCRIPTIONS)
    return delivered(fault, lambda: _unsubscribed(webhook_id))


def _unsubscribed(webhook_id: str) -> Response:
    if current_registry().webhooks.subscriptions.find(webhook_id) is None:
        return _unknown()
    current_registry().webhooks.subscriptions.drop(webhook_id)
    return make_response("", 204)


@webhook_subscriptions.post("/notification-subscriptions/v1/webhooks/<webhook_id>")
def try_out(webhook_id: str) -> Response:
    """Send a sample of the first subscribed event: 201 with the sample."""
    registry = current_registry()
    found = registry.webhooks.subscriptions.find(webhook_id)
    if found is None:
        return _unknown()
    product_id, events = next(iter(found.products.items()))
    payload = {"testPayload": {"message": "This is a test of your webhook."}}
    event = WebhookEvent(
        product_id=product_id,
        event_type=events[0],
        trace_id=str(uuid4()),
        happened_at=registry.now(),
        payload=payload,
    )
    registry.webhooks.try_out(found, event)
    body = {
        "eventType": event.event_type,
        "eventDate": written(event.happened_at),
        "productId": product_id,
        "organizationId": found.organization_id,
        "webhookId": found.id,
        "transactionTraceId": event.trace_id,
        "requestType": "NEW",
        "retryNumber": 0,
        "payloads": payload,
    }
    return answer(body)


@webhook_subscriptions.post("/nrtf/v1/webhooks/<webhook_id>/replays")
def replay(webhook_id: str) -> Response:
    """Send failed deliveries again, by time and event, or by transaction trace ids."""
    body = sent()
    if current_registry().webhooks.subscriptions.find(webhook_id) is None:
        return _unknown()
    current_registry().webhooks.replay(webhook_id, lambda each: _chosen(body, each))
    return make_response("", 202)


def _security(body: Body) -> ReceiverAuthentication:
    security = security_in(body)
    if security.type == "oAuth" and current_registry().webhooks.subscriptions.credentials is None:
        raise Refusal("INVALID_DATA", "Declined - Store the OAuth credentials first (keys-sym)")
    return security


def begun(subscription: StoredSubscription) -> StoredSubscription:
    """The subscription after a new URL: to be reviewed, or to be checked."""
    registry = current_registry()
    if registry.settings.webhook_review:
        return attrs.evolve(subscription, status=SubscriptionStatus.PENDING_REVIEW, check_at=None)
    return approved(subscription, registry.now(), registry.settings.webhook_activation_seconds)


def approved(subscription: StoredSubscription, now: datetime, seconds: float) -> StoredSubscription:
    """The subscription waiting for its health check."""
    check_at = now + timedelta(seconds=seconds)
    return attrs.evolve(subscription, status=SubscriptionStatus.INACTIVE, check_at=check_at)


def _other(body: Body, path: str) -> str | None:
    return None if body.at(path) is None else address_in(body, path)


def _chosen(body: Body, delivery: WebhookDelivery) -> bool:
    traces: Any = body.at("byTransactionTraceIdentifiers")
    if isinstance(traces, list):
        return delivery.event.trace_id in traces
    asked = Body(body.at("byDeliveryStatus") or {})
    happened = written(delivery.event.happened_at)
    return (
        asked.text("status") == "FAILED"
        and (asked.optional_text("startTime") or "")
        <= happened
        <= (asked.optional_text("endTime") or "9")
        and asked.optional_text("productId") in (None, delivery.event.product_id)
        and asked.optional_text("eventType") in (None, delivery.event.event_type)
    )


def _unknown() -> Response:
    return answer({"message": "The requested resource does not exist"}, 404)
