"""A notice: a verified message that a gateway sends by itself (webhook)."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Protocol

import attrs

from core.errors import Refused
from core.payments.account import GatewayAccount
from core.payments.dispute import Dispute
from core.payments.gateway import Answer, RefundAnswer


class About(enum.Enum):
    PAYMENT = "payment"
    CAPTURE = "capture"
    """A captured payment, which is news only if the shop does not know of it yet."""
    REFUND = "refund"
    UNDOING = "undoing"
    """A voided or reversed payment: the money was never captured, or was returned."""
    DISPUTE = "dispute"
    """A cardholder disputes a payment, or such a dispute has ended."""
    OTHER = "other"
    """An event that the adapter does not know, about one of the shop's orders."""


@attrs.frozen(kw_only=True)
class Notice:
    """One verified message about a payment or refund of the shop.

    `account` is the account whose key signed it: the message counts only for payments of that
    account. `key` is the same for every repetition, and unique within the account. `code` is the
    order's reference, the refund's id, or the id of the attempt that was undone. `attempt` is the
    id of the attempt, or "". `answer` is the complete result for that attempt or refund; None means
    that the gateway must be asked. `at` is the time of the signature, `heard_at` the time of
    arrival. `event` and `form` (what exactly was signed) are words of the gateway; `raw` is the
    message without card data.
    """

    key: str = attrs.field(validator=attrs.validators.min_len(1))
    about: About
    code: str
    attempt: str = ""
    answer: Answer | RefundAnswer | Dispute | None = None
    at: datetime
    heard_at: datetime
    event: str = ""
    form: str = ""
    raw: Mapping[str, str] = attrs.field(factory=dict)
    account: GatewayAccount

    @property
    def age(self) -> timedelta:
        """The time from signature to arrival; below zero if the clocks differ."""
        return self.heard_at - self.at


@attrs.frozen
class NotForUs:
    """The message needs no processing: a health check, or about something else."""

    why: str


@attrs.frozen
class NoticeRefused(Refused):
    """The message is not genuine. The reason is for the log, never for the sender."""

    why: str


class NoticeReader(Protocol):
    """The port that verifies messages of a gateway."""

    def read(self, headers: Mapping[str, str], body: bytes, at: datetime, /) -> Notice | NotForUs:
        """Verify a message that arrived at this time.

        Raises NoticeRefused, whatever was sent, and no other error.
        """
        ...
