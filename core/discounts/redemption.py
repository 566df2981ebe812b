"""The redemption ledger: each use of a discount by an order, reserved, redeemed or released."""

from __future__ import annotations

import enum
from collections.abc import Collection
from datetime import datetime
from typing import Protocol

import attrs

from core.discount_code import DiscountCode
from core.discounts.discount import Discount
from core.discounts.selection import Selection
from core.identity import LearnerId
from core.money import Money
from core.order_reference import Reference


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
    number: int | None = attrs.field(default=None, eq=False, kw_only=True)
    """Counted up by the ledger, once it is kept."""


@attrs.frozen
class RedemptionSearch:
    """Which uses of the discounts selected, by code, then the oldest first.

    `after` is the number of the last one seen.
    """

    selection: Selection
    state: RedemptionState | None = None
    after: int | None = None
    limit: int = attrs.field(
        default=50, validator=[attrs.validators.ge(1), attrs.validators.le(1000)]
    )


class ReportBy(enum.Enum):
    """What the uses of discounts are added up by."""

    CODE = "code"
    BATCH = "batch"
    PAYMENT_TYPE = "payment-type"


@attrs.frozen
class ReportSearch:
    """Which redeemed uses to add up: those of [start, end), of the discounts selected or of all."""

    start: datetime
    end: datetime
    by: ReportBy = ReportBy.PAYMENT_TYPE
    selection: Selection | None = None
    limit: int = attrs.field(default=50, validator=attrs.validators.ge(1))


@attrs.frozen
class DiscountTotals:
    """What discounts of one code, batch or payment type did, in one currency.

    `given_away` is what was taken off the lines that they lowered, `sold` what was due for those.
    """

    name: str
    uses: int
    given_away: Money
    sold: Money


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

    def search(self, wanted: RedemptionSearch, /) -> tuple[Redemption, ...]:
        """Uses of many discounts."""
        ...

    def added_up(self, wanted: ReportSearch, /) -> tuple[DiscountTotals, ...]:
        """What redeemed uses gave away, the most first; each name once for each currency."""
        ...

    def of(self, reference: Reference, /) -> tuple[Redemption, ...]:
        """The order's uses, by code."""
        ...
