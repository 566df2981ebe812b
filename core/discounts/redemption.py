"""The redemption ledger: each use of a discount by an order, reserved, redeemed or released."""

from __future__ import annotations

import enum
from collections.abc import Collection
from datetime import datetime
from typing import Protocol

import attrs

from core.discounts.discount import Discount
from core.learner import LearnerId
from core.orders.line import DiscountCode
from core.payments.attempt import Reference


class RedemptionState(enum.Enum):
    RESERVED = "reserved"
    REDEEMED = "redeemed"
    RELEASED = "released"


@attrs.frozen
class Redemption:
    """One use of a discount by one order, however many lines it touches."""

    code: DiscountCode
    reference: Reference
    learner: LearnerId
    state: RedemptionState
    at: datetime


class Redemptions(Protocol):
    """The ledger. Its limits count reserved and redeemed uses and hold under any concurrency."""

    def reserve(  # noqa: PLR0917 - what a port is handed has its place, not its name
        self,
        discounts: Collection[Discount],
        reference: Reference,
        learner: LearnerId,
        at: datetime,
        /,
    ) -> None:
        """Reserve one use of each, all or none. Raises UsedUp or UsedByYou."""
        ...

    def redeem(self, reference: Reference, at: datetime, /) -> None:
        """Turn what the order reserved into redeemed uses."""
        ...

    def release(self, reference: Reference, at: datetime, /) -> None:
        """Give back every use of the order that is reserved or redeemed."""
        ...

    def of(self, reference: Reference, /) -> tuple[Redemption, ...]:
        """The order's uses, by code."""
        ...
