"""A notice: what a gateway tells of its own accord, once it has been seen to be genuine."""

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
    """Money that was taken: news only where the shop does not know of it yet."""
    REFUND = "refund"
    UNDOING = "undoing"
    """A payment that was voided or reversed: the money was never taken, or went back."""
    DISPUTE = "dispute"
    """A cardholder disputes a payment, or such a dispute has ended."""
    OTHER = "other"
    """Something that the adapter has no name for, about an order of ours."""


@attrs.frozen(kw_only=True)
class Notice:
    """
    One verified message about a payment or a refund of ours.

    `account` is the account whose key has signed it: it is believed about that account's payments
    alone. `key` is the same for every repetition of it, and unique within the account. `code` is
    the order's reference, the refund's id, or the id of the attempt that we undid; `attempt` the
    attempt's id where it names one, or "". `answer` is what it says where it says all that is
    needed, for that attempt or refund; without one, the gateway is to be asked. `at` is when it was
    signed, `heard_at` when it came. `event` and `form` (what exactly was signed) are words of the
    gateway; `raw` is what it said, without card data.
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
        """How long ago it was signed when it came: below zero where the clocks disagree."""
        return self.heard_at - self.at


@attrs.frozen
class NotForUs:
    """A message to be thanked for and left alone: a health check, or about something else."""

    why: str


@attrs.frozen
class NoticeRefused(Refused):
    """A message that is not believed, and why: for the log, never for whoever sent it."""

    why: str


class NoticeReader(Protocol):
    """Whoever can tell a genuine message of the gateway from a forged one."""

    def read(self, headers: Mapping[str, str], body: bytes, at: datetime, /) -> Notice | NotForUs:
        """What a message that came at this moment says.

        Raises NoticeRefused; whatever was sent, nothing else.
        """
        ...
