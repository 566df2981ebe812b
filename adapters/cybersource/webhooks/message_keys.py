"""What CyberSource signs of its messages, and how one is told from another."""

from __future__ import annotations

import enum
import hashlib


class MessageForm(enum.StrEnum):
    """What exactly was signed: documents and plugins of the vendor disagree."""

    RAW = "raw"
    """The body, byte for byte."""
    DECRYPTED = "decrypted"
    """What the encrypted body says."""
    PAYLOAD = "payload"
    """The payload alone: whatever stands around it was signed by nobody."""
    FIELDS = "fields"
    """The fields that a Secure Acceptance post names as signed."""


def key_of(*parts: str) -> str:
    """A short text that is the same for the same parts, whatever they hold."""
    joined = "\x00".join(parts).encode("utf-8", "backslashreplace")
    return hashlib.sha256(joined).hexdigest()[:40]
