"""The redemption ledger in SQL. Its limits hold under any concurrency.

A discount's row counts its uses. A reservation increments the count first, which locks the row
until the transaction ends. The ledger rows read after that cannot change underneath.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

import sqlalchemy as sa

from adapters.sql.columns import TEXT, UtcDateTime
from adapters.sql.discounts import selected
from adapters.sql.statements import AnyRow, Statements
from adapters.sql.tables import HELD, REDEEMED, discounts, order_lines, redemptions
from core.discount_code import DiscountCode
from core.discounts.discount import Discount, NotUsable, UnknownCode, UsedByYou, UsedUp
from core.discounts.redemption import (
    DiscountTotals,
    Redemption,
    RedemptionSearch,
    RedemptionState,
    ReportBy,
    ReportSearch,
    UsedByThisOrder,
)
from core.identity import LearnerId
from core.money import Currency, Money
from core.order_reference import Reference

_IDS: sa.BindParameter[str] = sa.bindparam("ids", expanding=True)
_IN_ORDER = (
    sa.select(discounts.c.id)
    .where(discounts.c.id.in_(_IDS))
    .order_by(discounts.c.id)
    .with_for_update(key_share=True)
)
_COUNT_UP = (
    discounts.update()
    .where(
        discounts.c.id.in_(_IN_ORDER),
        sa.or_(discounts.c.overall_limit.is_(None), discounts.c.used < discounts.c.overall_limit),
    )
    .values(used=discounts.c.used + 1)
    .returning(discounts.c.id)
)
_COUNT_DOWN = (
    discounts.update().where(discounts.c.id.in_(_IN_ORDER)).values(used=discounts.c.used - 1)
)

_LEARNER = sa.bindparam("learner", type_=TEXT)
_USED_BY_LEARNER = (
    sa.select(sa.func.count())
    .where(redemptions.c.discount_id == discounts.c.id, redemptions.c.learner == _LEARNER, HELD)
    .scalar_subquery()
)
_RESERVE = (
    redemptions.insert()
    .from_select(
        ["discount_id", "reference", "learner", "state", "at"],
        sa.select(
            discounts.c.id,
            sa.bindparam("reference", type_=TEXT),
            _LEARNER,
            sa.bindparam("state", type_=TEXT),
            sa.bindparam("at", type_=UtcDateTime),
        ).where(
            discounts.c.id.in_(_IDS),
            sa.or_(
                discounts.c.learner_limit.is_(None),
                discounts.c.learner_limit > _USED_BY_LEARNER,
            ),
        ),
    )
    .returning(redemptions.c.discount_id)
)
_OF = (
    sa.select(redemptions, discounts.c.code)
    .join_from(redemptions, discounts)
    .where(redemptions.c.reference == sa.bindparam("reference"))
    .order_by(discounts.c.code, redemptions.c.sequence)
)


_NAMES: Mapping[ReportBy, sa.ColumnElement[str]] = {
    ReportBy.CODE: discounts.c.code,
    ReportBy.BATCH: sa.func.coalesce(discounts.c.batch, sa.literal_column("''")),
    ReportBy.PAYMENT_TYPE: discounts.c.payment_type,
}


class SqlRedemptions:
    def __init__(self, run: Statements):
        self._run = run

    def reserve(  # noqa: PLR0917 - as the port has it
        self,
        wanted: Collection[Discount],
        reference: Reference,
        learner: LearnerId,
        at: datetime,
        /,
    ) -> None:
        if not wanted:
            return
        by_code = sorted(wanted, key=lambda discount: discount.code)
        ids = [discount.id for discount in by_code]
        counted = {row.id for row in self._run.changed(_COUNT_UP, {"ids": ids})}
        for discount in by_code:
            if discount.id not in counted:
                self._run.refuse(self._why_not_counted(discount))
        use = {
            "ids": ids,
            "reference": reference,
            "learner": learner,
            "state": RedemptionState.RESERVED.value,
            "at": at,
        }
        again = UsedByThisOrder(reference, tuple(discount.code for discount in by_code))
        reserved = {row.discount_id for row in self._run.changed(_RESERVE, use, taken=again)}
        for discount in by_code:
            if discount.id not in reserved:
                self._run.refuse(UsedByYou(discount.code))

    def redeem(self, reference: Reference, at: datetime, /) -> None:
        self._run.change(
            redemptions.update()
            .where(
                redemptions.c.reference == reference,
                redemptions.c.state == RedemptionState.RESERVED.value,
            )
            .values(state=RedemptionState.REDEEMED.value, at=at)
        )

    def release(self, reference: Reference, at: datetime, /) -> None:
        released = self._run.changed(
            redemptions.update()
            .where(redemptions.c.reference == reference, HELD)
            .values(state=RedemptionState.RELEASED.value, at=at)
            .returning(redemptions.c.discount_id)
        )
        if released:
            self._run.change(_COUNT_DOWN, {"ids": [row.discount_id for row in released]})

    def of(self, reference: Reference, /) -> tuple[Redemption, ...]:
        return tuple(map(_redemption, self._run.rows(_OF, {"reference": reference})))

    def search(self, wanted: RedemptionSearch, /) -> tuple[Redemption, ...]:
        query = (
            sa.select(redemptions, discounts.c.code)
            .join_from(redemptions, discounts)
            .where(selected(wanted.selection))
            .order_by(discounts.c.code, redemptions.c.sequence)
            .limit(wanted.limit)
        )
        if wanted.state is not None:
            query = query.where(redemptions.c.state == wanted.state.value)
        if wanted.after is not None:
            query = query.where(self._beyond(wanted.after))
        return tuple(map(_redemption, self._run.rows(query)))

    def _beyond(self, number: int) -> sa.ColumnElement[bool]:
        last = self._run.row(
            sa.select(discounts.c.code)
            .join_from(redemptions, discounts)
            .where(redemptions.c.sequence == number)
        )
        code = last.code if last is not None else ""
        # The index serves the first condition.
        return sa.and_(
            discounts.c.code >= code,
            sa.or_(discounts.c.code > code, redemptions.c.sequence > number),
        )

    def added_up(self, wanted: ReportSearch, /) -> tuple[DiscountTotals, ...]:
        name = _NAMES[wanted.by].label("name")
        given_away = sa.func.sum(order_lines.c.reduction_minor).label("given_away")
        query = (
            sa.select(
                name,
                order_lines.c.currency,
                sa.func.count(sa.distinct(redemptions.c.sequence)).label("uses"),
                given_away,
                sa.func.sum(order_lines.c.due_minor).label("sold"),
            )
            .join_from(redemptions, discounts)
            .join(
                order_lines,
                sa.and_(
                    order_lines.c.reference == redemptions.c.reference,
                    order_lines.c.reduction_code == discounts.c.code,
                ),
            )
            .where(REDEEMED, redemptions.c.at >= wanted.start, redemptions.c.at < wanted.end)
            .group_by(name, order_lines.c.currency)
            .order_by(given_away.desc(), name)
            .limit(wanted.limit)
        )
        if wanted.selection is not None:
            query = query.where(selected(wanted.selection))
        self._run.disable_statement_timeout()
        return tuple(map(_totals, self._run.rows(query)))

    def _why_not_counted(self, discount: Discount) -> NotUsable | UnknownCode:
        known = self._run.row(sa.select(discounts.c.id).where(discounts.c.id == discount.id))
        return UnknownCode(discount.code) if known is None else UsedUp(discount.code)


def _totals(row: AnyRow) -> DiscountTotals:
    currency = Currency[row.currency]
    given_away, sold = Money(int(row.given_away), currency), Money(int(row.sold), currency)
    return DiscountTotals(row.name, row.uses, given_away, sold)


def _redemption(row: AnyRow) -> Redemption:
    return Redemption(
        DiscountCode(row.code),
        Reference(row.reference),
        LearnerId(row.learner),
        RedemptionState(row.state),
        row.at,
        number=row.sequence,
    )
