"""
Webhooks on the wire: headers, forms of the payload, and the signature.

The signature covers the raw body. One of the vendor's own plugins checks only the payload, so this
form can be sent too. Encrypted content is signed before encryption, as the guide says. It is
assumed that an encrypted payload is signed as the payload alone.
"""

import base64
import hmac
import json
from collections.abc import Callable
from datetime import datetime
from secrets import token_bytes
from typing import Any

import attrs

from coursetill_simulators.cybersource.faults.message_faults import MessageFault, MessageFaultKind
from coursetill_simulators.cybersource.webhooks.events import WebhookEvent
from coursetill_simulators.cybersource.webhooks.subscription_store import SignatureKey

SHAPES = ("object", "string", "jwe-payload", "jwe-body")
SIGNED_FORMS = ("raw", "payload")

Encrypt = Callable[[bytes], str]


@attrs.frozen(kw_only=True)
class SignedMessage:
    """An event for one subscription, and the number of the try."""

    event: WebhookEvent
    webhook_id: str
    organization_id: str
    attempt: int
    message_fault: MessageFault | None = None


@attrs.frozen(kw_only=True)
class WebhookMessage:
    """Headers and body of a POST."""

    headers: dict[str, str]
    body: bytes


@attrs.frozen(kw_only=True)
class Style:
    """The form set by the switches."""

    shape: str
    signed_form: str


def message(
    letter: SignedMessage, *, key: SignatureKey, style: Style, encrypt: Encrypt, now: datetime
) -> WebhookMessage:
    """The message for `letter`. Raises LookupError if there is no encryption key."""
    payload = _json(letter.event.payload)
    content = _content(letter)
    plain = _json({**content, "payload": letter.event.payload})
    match style.shape:
        case "string":
            plain = body = _json({**content, "payload": payload.decode()})
        case "jwe-payload":
            plain, body = payload, _json({**content, "payload": encrypt(payload)})
        case "jwe-body":
            body = _json({"encryptedPayload": encrypt(plain)})
        case _:
            body = plain
    signed = payload if style.signed_form == "payload" else plain
    headers = _headers(letter, content)
    headers["v-c-signature"] = signature(
        signed, key=key, message_fault=letter.message_fault, now=now
    )
    return WebhookMessage(headers=headers, body=body)


def signature(
    signed: bytes, *, key: SignatureKey, message_fault: MessageFault | None, now: datetime
) -> str:
    """The value of v-c-signature over `signed`."""
    kind = message_fault.kind if message_fault else None
    secret = (
        token_bytes(32)
        if kind is MessageFaultKind.WRONG_SIGNATURE
        else base64.b64decode(key.secret)
    )
    skew = message_fault.seconds if message_fault and kind is MessageFaultKind.CLOCK_SKEW else 0.0
    milliseconds = int((now.timestamp() + skew) * 1000)
    right = hmac.digest(secret, f"{milliseconds}.".encode() + signed, "sha256")
    return f"t={milliseconds};keyId={key.id};sig={base64.b64encode(right).decode()}"


def _content(letter: SignedMessage) -> dict[str, Any]:
    event = letter.event
    return {
        "eventType": event.event_type,
        "webhookId": letter.webhook_id,
        "productId": event.product_id,
        "organizationId": letter.organization_id,
        "eventDate": event.happened_at.strftime("%Y-%m-%dT%H:%M:%S"),
        "transactionTraceId": event.trace_id,
        "retryNumber": letter.attempt,
        "requestType": "RETRY" if letter.attempt else "NEW",
    }


def _headers(letter: SignedMessage, content: dict[str, Any]) -> dict[str, str]:
    return {
        "Content-Type": "application/json",
        "v-c-event-type": content["eventType"],
        "v-c-organization-id": letter.organization_id,
        "v-c-product-name": content["productId"],
        "v-c-request-type": content["requestType"],
        "v-c-retry-count": str(letter.attempt),
        "v-c-transaction-trace-id": content["transactionTraceId"],
        "v-c-webhook-id": letter.webhook_id,
    }


def _json(content: object) -> bytes:
    # The form of JSON.stringify, so that the payload can be signed alone and verified.
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
