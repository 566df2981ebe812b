"""Discounts, whom they are assigned to, and how far they are used up."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from adapters.sql.columns import TEXT, Moment, gathered
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
    RedemptionType,
    Scope,
    Source,
    UnknownCode,
    Window,
)
from core.discounts.kinds import KINDS
from core.learner import Assignee, EmailAddress, Learner
from core.money import Currency
from core.orders.line import DiscountCode, PaymentType
from core.products.product import CourseId, Sku

_LEARNER = sa.bindparam("learner", type_=TEXT)
_AT: sa.BindParameter[datetime] = sa.bindparam("at", type_=Moment)
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
# Each kind of offer by its own index: an "or" of them would read every discount there is.
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
_ASSIGNEE = sa.bindparam("assignee", type_=TEXT)
_ASSIGN = discount_assignments.insert().from_select(
    ["discount_id", "assignee"],
    sa.select(sa.bindparam("discount_id", type_=TEXT), _ASSIGNEE).where(
        ~sa.exists().where(
            discount_assignments.c.discount_id == sa.bindparam("discount_id", type_=TEXT),
            discount_assignments.c.assignee == _ASSIGNEE,
        )
    ),
)


class SqlDiscounts:
    def __init__(self, run: Statements):
        self._run = run

    def get(self, code: DiscountCode, /) -> Offer:
        row = self._run.row(_OFFERS.where(discounts.c.code == code.text), _NOBODY)
        if row is None:
            raise UnknownCode(code)
        return _offer(row)

    def among(self, codes: Collection[DiscountCode], /) -> Mapping[DiscountCode, Offer]:
        wanted = discounts.c.code.in_(sa.bindparam("codes", type_=TEXT, expanding=True))
        named = {**_NOBODY, "codes": sorted({code.text for code in codes})}
        offers = map(_offer, self._run.rows(_OFFERS.where(wanted), named))
        return {offer.discount.code: offer for offer in offers}

    def offered(
        self, codes: Collection[DiscountCode], learner: Learner | None, at: datetime, /
    ) -> tuple[Offer, ...]:
        asked = {
            "codes": sorted(code.text for code in codes),
            "learner": learner and learner.id,
            "assignees": sorted(map(_key, learner.known_as)) if learner else [],
            "at": at,
        }
        return tuple(map(_offer, self._run.rows(_OFFERED, asked)))

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
        return tuple(map(_offer, self._run.rows(query, _NOBODY)))

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

    def assign(self, discount: DiscountId, to: Collection[Assignee], /) -> None:
        if to:
            keys = sorted(set(map(_key, to)))
            self._run.change(_ASSIGN, [{"discount_id": discount, "assignee": key} for key in keys])


def _key(assignee: Assignee) -> str:
    """What stands for them in the table: an id that looks like an address is not one."""
    return f"email:{assignee}" if isinstance(assignee, EmailAddress) else f"id:{assignee}"


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
        "batch": discount.batch,
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
        batch=row.batch,
        version=row.version,
    )
    return Offer(discount, row.used, row.used_by_learner, bool(row.assigned))
