"""The redemption ledger, in memory."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

import attrs

from adapters.memory.records import Draft, Records
from core.discounts.discount import Discount, DiscountId, UnknownCode, UsedByYou, UsedUp
from core.discounts.redemption import Redemption, RedemptionState
from core.errors import Conflict
from core.learner import LearnerId
from core.payments.attempt import Reference


def uses_of(records: Records, discount: DiscountId) -> list[Redemption]:
    """The uses of a discount that count against its limits: reserved and redeemed."""
    return [
        use
        for used, use in records.redemptions.values()
        if used == discount and use.state is not RedemptionState.RELEASED
    ]


class MemoryRedemptions:
    def __init__(self, draft: Draft):
        self._draft = draft

    def reserve(  # noqa: PLR0917 - as the port has it
        self,
        wanted: Collection[Discount],
        reference: Reference,
        learner: LearnerId,
        at: datetime,
        /,
    ) -> None:
        with self._draft.change() as records:
            by_code = sorted(wanted, key=lambda discount: discount.code)
            for discount in by_code:
                if discount.id not in records.discounts:
                    raise UnknownCode(discount.code)
                overall = records.discounts[discount.id].limits.overall
                if overall is not None and len(uses_of(records, discount.id)) >= overall:
                    raise UsedUp(discount.code)
            for discount in by_code:
                self._draft.expect_order(reference)
                uses = uses_of(records, discount.id)
                own = sum(use.learner == learner for use in uses)
                each = records.discounts[discount.id].limits.per_learner
                if each is not None and own >= each:
                    raise UsedByYou(discount.code)
                if any(use.reference == reference for use in uses):
                    raise Conflict(f"{reference} has used the code {discount.code} already")
                records.redemptions[len(records.redemptions)] = (
                    discount.id,
                    Redemption(discount.code, reference, learner, RedemptionState.RESERVED, at),
                )

    def redeem(self, reference: Reference, at: datetime, /) -> None:
        moving = {RedemptionState.RESERVED}
        self._move(reference, moving, to=RedemptionState.REDEEMED, at=at)

    def release(self, reference: Reference, at: datetime, /) -> None:
        moving = {RedemptionState.RESERVED, RedemptionState.REDEEMED}
        self._move(reference, moving, to=RedemptionState.RELEASED, at=at)

    def of(self, reference: Reference, /) -> tuple[Redemption, ...]:
        uses = (use for _, use in self._draft.records.redemptions.values())
        own = [use for use in uses if use.reference == reference]
        return tuple(sorted(own, key=lambda use: use.code))

    def _move(
        self,
        reference: Reference,
        moving: Collection[RedemptionState],
        *,
        to: RedemptionState,
        at: datetime,
    ) -> None:
        with self._draft.change() as records:
            for number, (discount, use) in records.redemptions.items():
                if use.reference == reference and use.state in moving:
                    moved = attrs.evolve(use, state=to, at=at)
                    records.redemptions[number] = (discount, moved)
