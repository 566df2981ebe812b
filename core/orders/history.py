"""The history of an order: when, who, from which state to which, and why."""

from __future__ import annotations

from datetime import datetime

import attrs

from core.identity import Actor
from core.orders.order_state import OrderState


@attrs.frozen
class HistoryEntry:
    """One change of an order. `moved_from` equals `moved_to` if the state did not change."""

    at: datetime
    by: Actor
    moved_from: OrderState | None
    moved_to: OrderState
    why: str
