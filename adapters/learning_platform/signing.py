"""How an event is signed on its way to the learning platform (Standard Webhooks)."""

from __future__ import annotations

import base64
import hmac
from datetime import datetime

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


def _signature(event: str, timestamp: str, body: bytes, *, key: bytes) -> str:
    message = f"{event}.{timestamp}.".encode() + body
    return base64.b64encode(hmac.digest(key, message, "sha256")).decode()
