"""Discounts, and whom they are assigned to, in memory."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from adapters.memory.records import Draft
from adapters.memory.redemptions import uses_of
from core.discounts.discount import (
    Discount,
    DiscountId,
    DiscountSearch,
    Offer,
    Source,
    UnknownCode,
)
from core.errors import Conflict
from core.learner import LearnerId
from core.orders.line import DiscountCode


class MemoryDiscounts:
    def __init__(self, draft: Draft):
        self._draft = draft

    def get(self, code: DiscountCode, /) -> Offer:
        for discount in self._all():
            if discount.code == code:
                return self._offer(discount, None)
        raise UnknownCode(code)

    def offered(
        self, codes: Collection[DiscountCode], learner: LearnerId | None, /
    ) -> tuple[Offer, ...]:
        offers = (self._offer(discount, learner) for discount in self._by_code())
        return tuple(
            offer
            for offer in offers
            if offer.assigned
            or offer.discount.code in codes
            or offer.discount.source is Source.AUTOMATIC
        )

    def search(self, wanted: DiscountSearch, /) -> tuple[Offer, ...]:
        prefix = wanted.prefix.strip().upper()
        found = [
            self._offer(discount, None)
            for discount in self._by_code()
            if discount.code.text.startswith(prefix)
            and (wanted.currency is None or discount.saving.currency in {None, wanted.currency})
            and (wanted.after is None or discount.code > wanted.after)
        ]
        return tuple(found[: wanted.limit])

    def add(self, discount: Discount, /) -> None:
        with self._draft.change() as records:
            taken = any(kept.code == discount.code for kept in self._all())
            if taken or discount.id in records.discounts:
                raise Conflict(f"There is a code {discount.code} already")
            records.discounts[discount.id] = discount

    def assign(self, discount: DiscountId, learners: Collection[LearnerId], /) -> None:
        with self._draft.change() as records:
            if learners and discount not in records.discounts:
                raise ValueError(f"there is no discount {discount}")
            have = records.assigned.get(discount, frozenset())
            records.assigned[discount] = have.union(learners)

    def _offer(self, discount: Discount, learner: LearnerId | None) -> Offer:
        records = self._draft.records
        return Offer(
            discount,
            used=len(uses_of(records, discount.id)),
            used_by_learner=sum(use.learner == learner for use in uses_of(records, discount.id)),
            assigned=learner in records.assigned.get(discount.id, frozenset()),
        )

    def _all(self) -> Iterable[Discount]:
        return self._draft.records.discounts.values()

    def _by_code(self) -> list[Discount]:
        return sorted(self._all(), key=lambda discount: discount.code)
