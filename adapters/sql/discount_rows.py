"""Conversion between discounts and rows."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from adapters.sql.statements import AnyRow
from core.discount_code import DiscountCode, PaymentType
from core.discounts.discount import (
    Discount,
    DiscountId,
    Limits,
    Offer,
    RedemptionType,
    Scope,
    Source,
)
from core.discounts.kinds import stored_saving
from core.discounts.saving import Kinds
from core.discounts.window import Window
from core.identity import Assignee, EmailAddress, LearnerId
from core.money import Currency
from core.products.product import CourseId, Sku


def key_of(assignee: Assignee) -> str:
    """The column value of an assignee. The prefix tells ids from e-mail addresses."""
    return f"email:{assignee}" if isinstance(assignee, EmailAddress) else f"id:{assignee}"


def assignee_of(key: str) -> Assignee:
    kind, _, text = key.partition(":")
    return EmailAddress(text) if kind == "email" else LearnerId(text)


def values_of(scope: Scope) -> list[tuple[str, str]]:
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


def columns_of(discount: Discount) -> dict[str, Any]:
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


def offer_of(row: AnyRow, kinds: Kinds) -> Offer:
    currency = None if row.currency is None else Currency[row.currency]
    discount = Discount(
        id=DiscountId(row.id),
        code=DiscountCode(row.code),
        saving=stored_saving(row.kind, row.amount, currency, kinds=kinds),
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
