"""The redemption ledger in memory."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

import attrs

from adapters.memory.records import Draft, Records
from core.discount_code import DiscountCode
from core.discounts.discount import Discount, DiscountId, UnknownCode, UsedByYou, UsedUp
from core.discounts.redemption import (
    DiscountTotals,
    Redemption,
    RedemptionSearch,
    RedemptionState,
    ReportBy,
    ReportSearch,
    UsedByThisOrder,
)
from core.discounts.selection import Selection
from core.identity import LearnerId
from core.money import Currency, total
from core.order_reference import Reference
from core.orders.order import Order


def uses_of(records: Records, discount: DiscountId) -> list[Redemption]:
    """The uses that count against a discount's limits: reserved and redeemed."""
    return [
        use
        for used, use in records.redemptions.values()
        if used == discount and use.state is not RedemptionState.RELEASED
    ]


def selected(records: Records, selection: Selection) -> list[Discount]:
    """The selected discounts."""
    every = records.discounts.values()
    if selection.code is not None:
        return [each for each in every if each.code == selection.code]
    if selection.batch is not None:
        return [each for each in every if each.batch == selection.batch]
    return [each for each in every if each.code.text.startswith(selection.prefix)]


def _place(use: Redemption) -> tuple[DiscountCode, int]:
    return use.code, use.number or 0


def _totals(discount: Discount, order: Order, by: ReportBy) -> DiscountTotals:
    lines = [
        line for line in order.lines if line.reduction and line.reduction.code == discount.code
    ]
    names = {
        ReportBy.CODE: discount.code.text,
        ReportBy.BATCH: discount.batch or "",
        ReportBy.PAYMENT_TYPE: discount.payment_type.value,
    }
    return DiscountTotals(
        names[by],
        1,
        total((line.taken_off for line in lines), order.currency),
        total((line.due for line in lines), order.currency),
    )


def _sum(one: DiscountTotals, other: DiscountTotals) -> DiscountTotals:
    return DiscountTotals(
        one.name,
        one.uses + other.uses,
        one.given_away + other.given_away,
        one.sold + other.sold,
    )


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
                    raise UsedByThisOrder(reference, tuple(discount.code for discount in by_code))
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

    def search(self, wanted: RedemptionSearch, /) -> tuple[Redemption, ...]:
        records = self._draft.records
        chosen = {discount.id for discount in selected(records, wanted.selection)}
        found = sorted(
            (
                attrs.evolve(use, number=number + 1)
                for number, (discount, use) in records.redemptions.items()
                if discount in chosen and wanted.state in {None, use.state}
            ),
            key=_place,
        )
        if wanted.after is not None:
            _, seen = records.redemptions[wanted.after - 1]
            last = _place(attrs.evolve(seen, number=wanted.after))
            found = [use for use in found if _place(use) > last]
        return tuple(found[: wanted.limit])

    def added_up(self, wanted: ReportSearch, /) -> tuple[DiscountTotals, ...]:
        records = self._draft.records
        everything = list(records.discounts.values())
        chosen = selected(records, wanted.selection) if wanted.selection else everything
        kept = {discount.id: discount for discount in chosen}
        sums: dict[tuple[str, Currency], DiscountTotals] = {}
        for discount, use in records.redemptions.values():
            within = wanted.start <= use.at < wanted.end
            if discount in kept and within and use.state is RedemptionState.REDEEMED:
                given = _totals(kept[discount], records.orders[use.reference], wanted.by)
                key = (given.name, given.sold.currency)
                before = sums.get(key)
                sums[key] = given if before is None else _sum(before, given)
        most_first = sorted(sums.values(), key=lambda given: (-given.given_away.minor, given.name))
        return tuple(most_first[: wanted.limit])

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
