"""Discounts in SQL, with their assignees and use counts."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from adapters.sql.columns import TEXT, UtcDateTime, json_gathered
from adapters.sql.discount_rows import assignee_of, columns_of, key_of, offer_of, values_of
from adapters.sql.statements import AnyRow, Statements
from adapters.sql.tables import (
    AUTOMATIC,
    HELD,
    discount_assignments,
    discount_scope,
    discounts,
    redemptions,
)
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
from core.discounts.saving import Kinds
from core.discounts.selection import Selection
from core.discounts.window import EndAt, ExtendUntil, Rescheduling
from core.errors import Conflict
from core.identity import Assignee, Learner
from core.lookup import after_all_with

_LEARNER = sa.bindparam("learner", type_=TEXT)
_AT: sa.BindParameter[datetime] = sa.bindparam("at", type_=UtcDateTime)
_THEIRS = discount_assignments.c.assignee.in_(sa.bindparam("assignees", type_=TEXT, expanding=True))

_USED_BY_LEARNER = (
    sa.select(sa.func.count())
    .where(
        redemptions.c.discount_id == discounts.c.id,
        redemptions.c.learner == _LEARNER,
        HELD,
    )
    .scalar_subquery()
)
_ASSIGNED = (
    sa.exists()
    .where(
        discount_assignments.c.discount_id == discounts.c.id,
        _THEIRS,
    )
    .correlate(discounts)
)
# The prefix keeps a product and a program with the same value apart.
_SCOPE = (
    sa.select(json_gathered(discount_scope.c.kind + ":" + discount_scope.c.value, sa.literal(1)))
    .where(discount_scope.c.discount_id == discounts.c.id)
    .scalar_subquery()
)
_OFFERS = sa.select(
    discounts,
    _SCOPE.label("scope"),
    _USED_BY_LEARNER.label("used_by_learner"),
    _ASSIGNED.label("assigned"),
).order_by(discounts.c.code)
# One query for each kind of offer uses its own index. An OR would scan the whole table.
_OFFERED = _OFFERS.where(
    discounts.c.id.in_(
        sa.union_all(
            sa.select(discounts.c.id).where(
                discounts.c.code.in_(sa.bindparam("codes", type_=TEXT, expanding=True))
            ),
            sa.select(discounts.c.id).where(AUTOMATIC, discounts.c.expires_at.is_(None)),
            sa.select(discounts.c.id).where(AUTOMATIC, discounts.c.expires_at > _AT),
            sa.select(discounts.c.id)
            .join_from(discount_assignments, discounts)
            .where(_THEIRS, sa.or_(discounts.c.expires_at.is_(None), discounts.c.expires_at > _AT)),
        )
    )
)
_NOBODY: dict[str, Any] = {"learner": None, "assignees": []}
_ASSIGNEES = sa.select(discount_assignments).where(
    discount_assignments.c.discount_id.in_(sa.bindparam("ids", type_=TEXT, expanding=True))
)


class SqlDiscounts:
    def __init__(self, run: Statements, kinds: Kinds):
        self._run = run
        self._kinds = kinds

    def _offer(self, row: AnyRow) -> Offer:
        return offer_of(row, self._kinds)

    def get(self, code: DiscountCode, /) -> Offer:
        row = self._run.row(_OFFERS.where(discounts.c.code == code.text), _NOBODY)
        if row is None:
            raise UnknownCode(code)
        return self._offer(row)

    def among(self, codes: Collection[DiscountCode], /) -> Mapping[DiscountCode, Offer]:
        wanted = discounts.c.code.in_(sa.bindparam("codes", type_=TEXT, expanding=True))
        named = {**_NOBODY, "codes": sorted({code.text for code in codes})}
        offers = map(self._offer, self._run.rows(_OFFERS.where(wanted), named))
        return {offer.discount.code: offer for offer in offers}

    def offered(
        self, codes: Collection[DiscountCode], learner: Learner | None, at: datetime, /
    ) -> tuple[Offer, ...]:
        asked = {
            "codes": sorted(code.text for code in codes),
            "learner": learner and learner.id,
            "assignees": sorted(map(key_of, learner.known_as)) if learner else [],
            "at": at,
        }
        return tuple(map(self._offer, self._run.rows(_OFFERED, asked)))

    def search(self, wanted: DiscountSearch, /) -> tuple[Offer, ...]:
        query = _OFFERS.limit(wanted.limit)
        if wanted.prefix:
            query = query.where(begins_with(wanted.prefix.strip().upper()))
        if wanted.batch is not None:
            query = query.where(discounts.c.batch == wanted.batch)
        if wanted.currency is not None:
            query = query.where(
                sa.or_(discounts.c.currency.is_(None), discounts.c.currency == wanted.currency.code)
            )
        if wanted.after is not None:
            query = query.where(discounts.c.code > wanted.after.text)
        return tuple(map(self._offer, self._run.rows(query, _NOBODY)))

    def add(self, discount: Discount, /) -> None:
        self._add([discount], taken=DiscountExists(discount.code))

    def add_many(self, discounts: Collection[Discount], /) -> None:
        self._add(discounts, taken=CodesWereTaken())

    def _add(self, added: Collection[Discount], *, taken: Conflict) -> None:
        self._run.bulk_insert(discounts, list(map(columns_of, added)), taken=taken)
        scope = [
            {"discount_id": discount.id, "kind": kind, "value": value}
            for discount in added
            for kind, value in values_of(discount.scope)
        ]
        self._run.bulk_insert(discount_scope, scope)

    def assign(self, discount: DiscountId, to: Collection[Assignee], /) -> None:
        self.assign_many([(discount, assignee) for assignee in to])

    def assign_many(self, given: Collection[tuple[DiscountId, Assignee]], /) -> int:
        pairs = sorted({(key_of(assignee), discount) for discount, assignee in given})
        rows = [{"assignee": key, "discount_id": discount} for key, discount in pairs]
        return self._run.bulk_insert(discount_assignments, rows, twice=True)

    def assignees(self, discounts: Collection[DiscountId], /) -> Mapping[DiscountId, Assignees]:
        found: dict[DiscountId, set[Assignee]] = {}
        if discounts:
            for row in self._run.rows(_ASSIGNEES, {"ids": sorted(discounts)}):
                found.setdefault(DiscountId(row.discount_id), set()).add(assignee_of(row.assignee))
        return {discount: frozenset(to) for discount, to in found.items()}

    def tally(self, selection: Selection, /) -> Mapping[Source, int]:
        self._run.disable_statement_timeout()
        query = (
            sa.select(discounts.c.source, sa.func.count().label("number"))
            .where(selected(selection))
            .group_by(discounts.c.source)
        )
        return {Source(row.source): row.number for row in self._run.rows(query)}

    def reschedule(self, selection: Selection, change: Rescheduling, /) -> int:
        self._run.disable_statement_timeout()
        return self._run.change(
            discounts.update()
            .where(selected(selection), _moved_by(change))
            .values(version=discounts.c.version + 1, **_values_after(change))
        )


def selected(selection: Selection) -> sa.ColumnElement[bool]:
    """The condition for a selection. Each way of selecting uses an index."""
    if selection.code is not None:
        return discounts.c.code == selection.code.text
    if selection.batch is not None:
        return discounts.c.batch == selection.batch
    return begins_with(selection.prefix)


def begins_with(prefix: str) -> sa.ColumnElement[bool]:
    end = after_all_with(prefix)
    there = discounts.c.code >= prefix
    return there if end is None else sa.and_(there, discounts.c.code < end)


def _moved_by(change: Rescheduling) -> sa.ColumnElement[bool]:
    ends = discounts.c.expires_at
    match change:
        case ExtendUntil(until):
            return ends < until
        case EndAt(at):
            return sa.or_(ends.is_(None), ends > at)


def _values_after(change: Rescheduling) -> dict[str, Any]:
    starts = discounts.c.activates_at
    match change:
        case ExtendUntil(until):
            return {"expires_at": until}
        case EndAt(at):
            return {"expires_at": at, "activates_at": sa.case((starts < at, starts))}
