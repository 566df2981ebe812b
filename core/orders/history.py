"""What happened to an order, entry by entry: when, who, from where to where, and why."""

from __future__ import annotations

import enum
from datetime import datetime

import attrs

from core.identity import Actor


class State(enum.Enum):
    """Where an order stands. Paid is not fulfilled: see Fulfilment for that."""

    PENDING = "pending"
    REVIEW = "review"
    PAID = "paid"
    PARTIALLY_REFUNDED = "partially_refunded"
    REFUNDED = "refunded"
    DECLINED = "declined"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


@attrs.frozen
class HistoryEntry:
    """One change of an order. `moved_from` equals `moved_to` where the state stayed."""

    at: datetime
    by: Actor
    moved_from: State | None
    moved_to: State
    why: str
