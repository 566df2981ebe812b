"""What CyberSource tells us of its own accord, in the shop's words."""

from __future__ import annotations

import enum
import hashlib
from datetime import datetime, timedelta

import attrs

from core.payments.gateway import Answer, RefundAnswer


class Form(enum.Enum):
    """What exactly was signed: documents and plugins of the vendor disagree."""

    RAW = "raw"
    """The body, byte for byte."""
    DECRYPTED = "decrypted"
    """What the encrypted body says."""
    PAYLOAD = "payload"
    """The payload alone: whatever stands around it was signed by nobody."""
    FIELDS = "fields"
    """The fields that a Secure Acceptance post names as signed."""


class About(enum.Enum):
    PAYMENT = "payment"
    REFUND = "refund"


@attrs.frozen(kw_only=True)
class Notice:
    """
    One verified message about a payment or a refund of ours.

    `key` is the same for every repetition of it. `code` is the order's reference, or the refund's
    id; `attempt` the attempt's id where it names one, or "". `answer` is what it says where it says
    all that is needed, for that attempt or refund; without one, the gateway is to be asked. `at` is
    when it was signed, `age` how long ago that is (below zero where the clocks disagree).
    """

    key: str
    about: About
    code: str
    attempt: str = ""
    answer: Answer | RefundAnswer | None = None
    at: datetime
    age: timedelta
    form: Form
    event: str = ""


@attrs.frozen
class NotForUs:
    """A message to be answered 200 and left alone: a health check, or about something else."""

    why: str


@attrs.frozen
class NoticeRefused(Exception):
    """A message that is not believed, and why: for the log, never for whoever sent it."""

    why: str

    def __str__(self) -> str:
        return self.why


def key_of(*parts: str) -> str:
    """A short text that is the same for the same parts, whatever they hold."""
    joined = "\x00".join(parts).encode("utf-8", "backslashreplace")
    return hashlib.sha256(joined).hexdigest()[:40]
