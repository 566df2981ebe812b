"""How an event is signed on its way to the learning platform (Standard Webhooks)."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Mapping
from datetime import datetime, timedelta

TOLERANCE = timedelta(minutes=5)
"""How old a message may be, or how far ahead: an older one is somebody's recording."""

_PREFIX = "whsec_"


def key_of(secret: str) -> bytes:
    """
    The key in a shared secret: base64 after "whsec_", else the text itself.

    Raises ValueError where what follows "whsec_" is not base64.
    """
    if not secret.startswith(_PREFIX):
        return secret.encode()
    try:
        return base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except ValueError:
        raise ValueError(f"what follows {_PREFIX} in the secret is not base64") from None


def signature_headers(event: str, body: bytes, *, key: bytes, at: datetime) -> dict[str, str]:
    """The headers that vouch for body."""
    timestamp = str(int(at.timestamp()))
    return {
        "webhook-id": event,
        "webhook-timestamp": timestamp,
        "webhook-signature": f"v1,{_signature(event, timestamp, body, key=key)}",
    }


def is_genuine(headers: Mapping[str, str], body: bytes, *, key: bytes, at: datetime) -> bool:
    """Whether body was signed with key, and lately."""
    event, timestamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not event or not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
        return False
    if abs(int(at.timestamp()) - int(timestamp)) > TOLERANCE.total_seconds():
        return False
    right = f"v1,{_signature(event, timestamp, body, key=key)}".encode()
    # Several signatures stand side by side while a secret is being replaced.
    given = headers.get("webhook-signature", "").split()
    return any(hmac.compare_digest(right, each.encode()) for each in given)


def _signature(event: str, timestamp: str, body: bytes, *, key: bytes) -> str:
    message = f"{event}.{timestamp}.".encode() + body
    return base64.b64encode(hmac.digest(key, message, "sha256")).decode()
