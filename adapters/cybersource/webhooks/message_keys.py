"""Which part of a message CyberSource signs, and the key that identifies a message."""

from __future__ import annotations

import enum
import hashlib


class MessageForm(enum.StrEnum):
    """The part of a message that is signed. The vendor's documents and plugins disagree on it."""

    RAW = "raw"
    """The body, byte for byte."""
    DECRYPTED = "decrypted"
    """The body after decryption."""
    PAYLOAD = "payload"
    """Only the payload: the fields around it are not signed."""
    FIELDS = "fields"
    """The fields that a Secure Acceptance post lists as signed."""


def key_of(*parts: str) -> str:
    """A short digest of the parts, which may hold any text."""
    joined = "\x00".join(parts).encode("utf-8", "backslashreplace")
    return hashlib.sha256(joined).hexdigest()[:40]
