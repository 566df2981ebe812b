"""Discounts and their assignees in memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

import attrs

from adapters.memory.records import Draft
from adapters.memory.redemptions import selected, uses_of
from core.discount_code import DiscountCode
from core.discounts.discount import (
    Assignees,
    CodesWereTaken,
    Discount,
    DiscountExists,
    DiscountId,
    DiscountSearch,
    Offer,
    Source,
    UnknownCode,
)
from core.discounts.selection import Selection
from core.discounts.window import Rescheduling
from core.errors import Conflict
from core.identity import Assignee, Learner


class MemoryDiscounts:
    def __init__(self, draft: Draft):
        self._draft = draft

    def get(self, code: DiscountCode, /) -> Offer:
        for discount in self._all():
            if discount.code == code:
                return self._offer(discount, None)
        raise UnknownCode(code)

    def among(self, codes: Collection[DiscountCode], /) -> Mapping[DiscountCode, Offer]:
        wanted = set(codes)
        return {each.code: self._offer(each, None) for each in self._all() if each.code in wanted}

    def offered(
        self, codes: Collection[DiscountCode], learner: Learner | None, at: datetime, /
    ) -> tuple[Offer, ...]:
        offers = (self._offer(discount, learner) for discount in self._by_code())
        return tuple(
            offer
            for offer in offers
            if offer.discount.code in codes
            or (
                (offer.assigned or offer.discount.source is Source.AUTOMATIC)
                and not offer.discount.window.over(at)
            )
        )

    def search(self, wanted: DiscountSearch, /) -> tuple[Offer, ...]:
        prefix = wanted.prefix.strip().upper()
        found = [
            self._offer(discount, None)
            for discount in self._by_code()
            if discount.code.text.startswith(prefix)
            and wanted.batch in {None, discount.batch}
            and (wanted.currency is None or discount.saving.currency in {None, wanted.currency})
            and (wanted.after is None or discount.code > wanted.after)
        ]
        return tuple(found[: wanted.limit])

    def add(self, discount: Discount, /) -> None:
        self._add([discount], taken=DiscountExists(discount.code))

    def add_many(self, discounts: Collection[Discount], /) -> None:
        self._add(discounts, taken=CodesWereTaken())

    def _add(self, discounts: Collection[Discount], *, taken: Conflict) -> None:
        with self._draft.change() as records:
            codes = {kept.code for kept in self._all()}
            for discount in discounts:
                if discount.code in codes or discount.id in records.discounts:
                    raise taken
                codes.add(discount.code)
                records.discounts[discount.id] = discount

    def assign(self, discount: DiscountId, to: Collection[Assignee], /) -> None:
        self.assign_many([(discount, assignee) for assignee in to])

    def assign_many(self, given: Collection[tuple[DiscountId, Assignee]], /) -> int:
        added = 0
        with self._draft.change() as records:
            for discount, assignee in given:
                if discount not in records.discounts:
                    raise ValueError(f"there is no discount {discount}")
                have = records.assigned.get(discount, frozenset())
                added += assignee not in have
                records.assigned[discount] = have | {assignee}
        return added

    def assignees(self, discounts: Collection[DiscountId], /) -> Mapping[DiscountId, Assignees]:
        assigned = self._draft.records.assigned
        return {each: assigned[each] for each in discounts if assigned.get(each)}

    def tally(self, selection: Selection, /) -> Mapping[Source, int]:
        return Counter(discount.source for discount in selected(self._draft.records, selection))

    def reschedule(self, selection: Selection, change: Rescheduling, /) -> int:
        moved = [
            attrs.evolve(discount, window=window, version=discount.version + 1)
            for discount in selected(self._draft.records, selection)
            if (window := change.applied_to(discount.window)) != discount.window
        ]
        with self._draft.change() as records:
            records.discounts.update({discount.id: discount for discount in moved})
        return len(moved)

    def _offer(self, discount: Discount, learner: Learner | None) -> Offer:
        records = self._draft.records
        uses = uses_of(records, discount.id)
        known_as = learner.known_as if learner else ()
        return Offer(
            discount,
            used=len(uses),
            used_by_learner=sum(use.learner in known_as for use in uses),
            assigned=not records.assigned.get(discount.id, frozenset()).isdisjoint(known_as),
        )

    def _all(self) -> Iterable[Discount]:
        return self._draft.records.discounts.values()

    def _by_code(self) -> list[Discount]:
        return sorted(self._all(), key=lambda discount: discount.code)
