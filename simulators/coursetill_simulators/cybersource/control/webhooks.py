"""The control API for webhooks: show them, send due ones, and review their URLs."""

from typing import Any

import attrs
from flask import Blueprint, Response

from coursetill_simulators.cybersource.control.requests import (
    WrongCommand,
    command_sent,
    done,
    refuse_other_pages,
)
from coursetill_simulators.cybersource.middleware import answer
from coursetill_simulators.cybersource.registry import current_registry
from coursetill_simulators.cybersource.subscriptions.requests import subscription_body
from coursetill_simulators.cybersource.subscriptions.subscriptions import approved
from coursetill_simulators.cybersource.webhooks.deliveries import Try, WebhookDelivery
from coursetill_simulators.cybersource.webhooks.subscription_store import SubscriptionStatus
from coursetill_simulators.cybersource.wire_format.moments import written

webhook_control = Blueprint("webhook_control", __name__)
webhook_control.before_request(refuse_other_pages)


@webhook_control.get("/simulator/webhooks")
def webhooks() -> Response:
    """All subscriptions and deliveries, with the bytes sent."""
    found = current_registry().webhooks
    return answer(
        {
            "subscriptions": [subscription_body(each) for each in found.subscriptions.all()],
            "deliveries": [delivery_row(each) for each in found.deliveries()],
        },
        200,
    )


@webhook_control.post("/simulator/webhooks/rounds")
def send_due() -> Response:
    """Do due health checks, and send due webhooks and merchant posts."""
    return done({"sent": current_registry().send_due()})


@webhook_control.post("/simulator/webhooks/<webhook_id>")
def judge(webhook_id: str) -> Response:
    """`{"review": "approve"}` or "block": the result of the review of a URL."""
    registry = current_registry()
    found = registry.webhooks.subscriptions.find(webhook_id)
    if found is None:
        raise WrongCommand(f"{webhook_id} is not a subscription")
    match command_sent().get("review"):
        case "approve":
            seconds = registry.settings.webhook_activation_seconds
            judged = approved(found, registry.now(), seconds)
        case "block":
            judged = attrs.evolve(found, status=SubscriptionStatus.BLOCKED, check_at=None)
        case _:
            raise WrongCommand("the review is approve or block")
    registry.webhooks.subscriptions.keep(judged)
    return done(subscription_body(judged))


def delivery_row(delivery: WebhookDelivery) -> dict[str, Any]:
    """A delivery as JSON."""
    return {
        "id": delivery.id,
        "webhookId": delivery.webhook_id,
        "eventType": delivery.event.event_type,
        "traceId": delivery.event.trace_id,
        "state": delivery.state.value,
        "fault": delivery.message_fault.kind.value if delivery.message_fault else None,
        "due_at": written(delivery.due_at),
        "tries": [_try_row(each) for each in delivery.tries],
    }


def _try_row(tried: Try) -> dict[str, Any]:
    return {
        "at": written(tried.at),
        "answer": tried.answer,
        "headers": tried.message.headers,
        "body": tried.message.body.decode("utf-8", "replace"),
    }
