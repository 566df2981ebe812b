"""Verification of signed events, as any receiver of Standard Webhooks does it."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime

MAX_CLOCK_SKEW_SECONDS = 300


def key_of(secret: str) -> bytes:
    """The signing key: the base64 after "whsec_", or the secret itself as UTF-8.

    Raises ValueError if the part after "whsec_" is not base64.
    """
    encoded = secret.removeprefix("whsec_")
    if encoded == secret:
        return secret.encode("utf-8")
    return base64.b64decode(encoded, validate=True)


def is_genuine(headers: Mapping[str, str], body: bytes, *, key: bytes, at: datetime) -> bool:
    """Whether one of the `v1` signatures matches and the timestamp is recent."""
    message_id = headers.get("webhook-id")
    timestamp = headers.get("webhook-timestamp", "")
    sent_at = unix_time(timestamp)
    if not message_id or sent_at is None:
        return False
    if abs(int(at.timestamp()) - sent_at) > MAX_CLOCK_SKEW_SECONDS:
        return False
    mac = hmac.new(key, f"{message_id}.{timestamp}.".encode() + body, hashlib.sha256)
    expected = base64.b64encode(mac.digest()).decode("ascii")
    candidates = (entry.partition(",") for entry in headers.get("webhook-signature", "").split())
    return any(
        version == "v1" and hmac.compare_digest(expected.encode(), signature.encode())
        for version, _, signature in candidates
    )


def unix_time(text: str) -> int | None:
    """The Unix time in text, or None if text is not a plain number of seconds."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 12 else None
