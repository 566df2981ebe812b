"""Discounts, whom they are assigned to, and how far they are used up."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import sqlalchemy as sa

from adapters.sql.columns import TEXT, gathered
from adapters.sql.statements import AnyRow, Statements
from adapters.sql.tables import (
    AUTOMATIC,
    HELD,
    discount_assignments,
    discount_scope,
    discounts,
    redemptions,
)
from core.discounts.discount import (
    Discount,
    DiscountId,
    DiscountSearch,
    Limits,
    Offer,
    PaymentType,
    RedemptionType,
    Scope,
    Source,
    UnknownCode,
    Window,
)
from core.discounts.kinds import KINDS
from core.learner import LearnerId
from core.money import Currency
from core.orders.line import DiscountCode
from core.products.product import CourseId, Sku

_LEARNER = sa.bindparam("learner", type_=TEXT)

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
        discount_assignments.c.learner == _LEARNER,
    )
    .correlate(discounts)
)
# A value may be in the scope twice, as a product and as a program: its kind stands before it.
_SCOPE = (
    sa.select(gathered(discount_scope.c.kind + ":" + discount_scope.c.value, sa.literal(1)))
    .where(discount_scope.c.discount_id == discounts.c.id)
    .scalar_subquery()
)
_OFFERS = sa.select(
    discounts,
    _SCOPE.label("scope"),
    _USED_BY_LEARNER.label("used_by_learner"),
    _ASSIGNED.label("assigned"),
).order_by(discounts.c.code)
_OFFERED = _OFFERS.where(
    sa.or_(
        discounts.c.code.in_(sa.bindparam("codes", expanding=True)),
        AUTOMATIC,
        discounts.c.id.in_(
            sa.select(discount_assignments.c.discount_id).where(
                discount_assignments.c.learner == _LEARNER
            )
        ),
    )
)
_ASSIGN = discount_assignments.insert().from_select(
    ["discount_id", "learner"],
    sa.select(sa.bindparam("discount_id", type_=TEXT), _LEARNER).where(
        ~sa.exists().where(
            discount_assignments.c.discount_id == sa.bindparam("discount_id", type_=TEXT),
            discount_assignments.c.learner == _LEARNER,
        )
    ),
)


class SqlDiscounts:
    def __init__(self, run: Statements):
        self._run = run

    def get(self, code: DiscountCode, /) -> Offer:
        row = self._run.row(_OFFERS.where(discounts.c.code == code.text), {"learner": None})
        if row is None:
            raise UnknownCode(code)
        return _offer(row)

    def offered(
        self, codes: Collection[DiscountCode], learner: LearnerId | None, /
    ) -> tuple[Offer, ...]:
        rows = self._run.rows(
            _OFFERED, {"codes": sorted(code.text for code in codes), "learner": learner}
        )
        return tuple(map(_offer, rows))

    def search(self, wanted: DiscountSearch, /) -> tuple[Offer, ...]:
        query = _OFFERS.limit(wanted.limit)
        if wanted.prefix:
            query = query.where(
                discounts.c.code.startswith(wanted.prefix.strip().upper(), autoescape=True)
            )
        if wanted.currency is not None:
            query = query.where(
                sa.or_(discounts.c.currency.is_(None), discounts.c.currency == wanted.currency.code)
            )
        if wanted.after is not None:
            query = query.where(discounts.c.code > wanted.after.text)
        return tuple(map(_offer, self._run.rows(query, {"learner": None})))

    def add(self, discount: Discount, /) -> None:
        self._run.change(
            discounts.insert(), _columns(discount), taken=f"There is a code {discount.code} already"
        )
        scope = [
            {"discount_id": discount.id, "kind": kind, "value": value}
            for kind, value in _values_of(discount.scope)
        ]
        if scope:
            self._run.change(discount_scope.insert(), scope)

    def assign(self, discount: DiscountId, learners: Collection[LearnerId], /) -> None:
        if learners:
            self._run.change(
                _ASSIGN,
                [
                    {"discount_id": discount, "learner": learner}
                    for learner in sorted(set(learners))
                ],
            )


def _values_of(scope: Scope) -> list[tuple[str, str]]:
    return [
        *(("product", sku.text) for sku in scope.products),
        *(("program", sku.text) for sku in scope.programs),
        *(("course", course) for course in scope.courses),
    ]


def _scope(kept: Collection[str]) -> Scope:
    pairs = [value.split(":", 1) for value in kept]
    return Scope(
        frozenset(Sku(value) for kind, value in pairs if kind == "product"),
        frozenset(Sku(value) for kind, value in pairs if kind == "program"),
        frozenset(CourseId(value) for kind, value in pairs if kind == "course"),
    )


def _columns(discount: Discount) -> dict[str, Any]:
    saving, limits = discount.saving, discount.limits
    return {
        "id": discount.id,
        "code": discount.code.text,
        "kind": saving.kind,
        "amount": saving.written,
        "currency": saving.currency and saving.currency.code,
        "source": discount.source.value,
        "activates_at": discount.window.activates_at,
        "expires_at": discount.window.expires_at,
        "redemption_type": limits.type.value,
        "max_redemptions": limits.max_redemptions,
        "max_per_learner": limits.max_per_learner,
        "overall_limit": limits.overall,
        "learner_limit": limits.per_learner,
        "payment_type": discount.payment_type.value,
        "used": 0,
        "version": discount.version,
    }


def _offer(row: AnyRow) -> Offer:
    # A saving for every currency reads its amount alike in each of them.
    currency = Currency.USD if row.currency is None else Currency[row.currency]
    discount = Discount(
        id=DiscountId(row.id),
        code=DiscountCode(row.code),
        saving=KINDS[row.kind].of(row.amount, currency),
        source=Source(row.source),
        scope=_scope(row.scope or ()),
        window=Window(row.activates_at, row.expires_at),
        limits=Limits(
            RedemptionType(row.redemption_type), row.max_redemptions, row.max_per_learner
        ),
        payment_type=PaymentType(row.payment_type),
        version=row.version,
    )
    return Offer(discount, row.used, row.used_by_learner, bool(row.assigned))
