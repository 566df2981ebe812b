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
from core.errors import Conflict
from core.identity import LearnerId
from core.money import Money
from core.order_reference import Reference


class RedemptionState(enum.Enum):
    RESERVED = "reserved"
    REDEEMED = "redeemed"
    RELEASED = "released"


@attrs.frozen
class Redemption:
    """One use of a discount by one order, for any number of lines."""

    code: DiscountCode
    reference: Reference
    learner: LearnerId
    state: RedemptionState
    at: datetime
    number: int | None = attrs.field(default=None, eq=False, kw_only=True)
    """Assigned by the ledger, in ascending order."""


@attrs.frozen
class UsedByThisOrder(Conflict):
    """The order has reserved or redeemed one of these discounts already."""

    reference: Reference
    codes: tuple[DiscountCode, ...]


@attrs.frozen
class RedemptionSearch:
    """A query for uses of the selected discounts, sorted by code, then oldest first.

    `after` is the number of the last use already seen.
    """

    selection: Selection
    state: RedemptionState | None = None
    after: int | None = None
    limit: int = attrs.field(
        default=50, validator=[attrs.validators.ge(1), attrs.validators.le(1000)]
    )


class ReportBy(enum.Enum):
    """The key of a discount report."""

    CODE = "code"
    BATCH = "batch"
    PAYMENT_TYPE = "payment-type"


@attrs.frozen
class ReportSearch:
    """A report on redeemed uses in [start, end), of the selected discounts or of all."""

    start: datetime
    end: datetime
    by: ReportBy = ReportBy.PAYMENT_TYPE
    selection: Selection | None = None
    limit: int = attrs.field(default=50, validator=attrs.validators.ge(1))


@attrs.frozen
class DiscountTotals:
    """The totals of one code, batch or payment type in one currency.

    `given_away` is the sum of the reductions of the lowered lines, `sold` the sum of their prices.
    """

    name: str
    uses: int
    given_away: Money
    sold: Money


class Redemptions(Protocol):
    """The port to the ledger. Limits count reserved and redeemed uses, safely under concurrency."""

    def reserve(  # noqa: PLR0917 - ports take positional arguments
        self,
        discounts: Collection[Discount],
        reference: Reference,
        learner: LearnerId,
        at: datetime,
        /,
    ) -> None:
        """Reserve one use of each, all or none. Raises UsedUp, UsedByYou or UsedByThisOrder."""
        ...

    def redeem(self, reference: Reference, at: datetime, /) -> None:
        """Redeem all uses that the order reserved."""
        ...

    def release(self, reference: Reference, at: datetime, /) -> None:
        """Release all reserved and redeemed uses of the order."""
        ...

    def search(self, query: RedemptionSearch, /) -> tuple[Redemption, ...]:
        """The uses that match."""
        ...

    def added_up(self, query: ReportSearch, /) -> tuple[DiscountTotals, ...]:
        """Totals of redeemed uses for each name and currency, the largest reduction first."""
        ...

    def of(self, reference: Reference, /) -> tuple[Redemption, ...]:
        """The order's uses, sorted by code."""
        ...
