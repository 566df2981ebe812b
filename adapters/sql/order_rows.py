"""Conversion between orders and rows, and the query that reads orders with their lines."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from itertools import groupby
from typing import Any

import sqlalchemy as sa

from adapters.sql.statements import AnyRow
from adapters.sql.tables import order_lines
from core.discount_code import PaymentType, line_code
from core.identity import Actor, ActorKind, Learner, LearnerId, without_case
from core.money import Currency, Money
from core.order_reference import Reference
from core.orders.history import HistoryEntry
from core.orders.line import Fulfilment, Line, Reduction, SoldRun
from core.orders.order import Order
from core.orders.order_state import STANDING, OrderState
from core.products.product import Sku


def with_lines(picked: sa.Select[*tuple[Any, ...]]) -> sa.Select[*tuple[Any, ...]]:
    """The query for the picked orders, newest first, one row for each line."""
    orders = picked.subquery("picked")
    return (
        sa.select(orders, *(c for c in order_lines.c if c.name != "reference"))
        .join_from(orders, order_lines, order_lines.c.reference == orders.c.reference)
        .order_by(orders.c.placed_at.desc(), orders.c.reference.desc(), order_lines.c.position)
    )


def orders_from(rows: Iterable[AnyRow]) -> tuple[Order, ...]:
    """The orders in the rows of `with_lines`."""
    return tuple(_order(list(own)) for _, own in groupby(rows, key=lambda row: str(row.reference)))


def columns_of(order: Order) -> dict[str, Any]:
    return {
        "reference": order.reference,
        "learner_id": order.learner.id,
        "learner_email": order.learner.email,
        "learner_name": order.learner.name,
        "email_key": without_case(order.learner.email),
        "placed_at": order.placed_at,
        "held_until": order.held_until,
        "request_key": order.request_key,
        "fingerprint": order.fingerprint,
        "state": order.state.value,
        "attention": order.attention,
        "version": order.version,
    }


def line_columns_of(order: Order, line: Line) -> dict[str, Any]:
    return {
        "reference": order.reference,
        "position": line.position,
        "sku": line.sku.text,
        "readable_id": line.readable_id,
        "title": line.title,
        "kind": line.kind,
        "price_version": line.price_version,
        "currency": line.list_price.currency.code,
        "list_price_minor": line.list_price.minor,
        "reduction_code": line.reduction and line.reduction.code.text,
        "reduction_saving": line.reduction and line.reduction.saving,
        "reduction_payment_type": line.reduction and line.reduction.payment_type.value,
        "reduction_minor": line.taken_off.minor,
        "due_minor": line.due.minor,
        "starts_at": line.starts_at,
        "ends_at": line.ends_at,
        "runs": [_run_as_json(run) for run in line.runs],
        **moving_columns_of(order, line),
    }


def moving_columns_of(order: Order, line: Line) -> dict[str, Any]:
    """The columns of a line that may change after the sale."""
    stands = order.state in STANDING and line.fulfilment is not Fulfilment.REVOKED
    return {
        "fulfilment": line.fulfilment.value,
        "refunded_minor": line.refunded.minor,
        "owner": order.learner.id if stands else None,
    }


def entry_columns_of(reference: Reference, entry: HistoryEntry) -> dict[str, Any]:
    return {
        "reference": reference,
        "at": entry.at,
        "by_kind": entry.by.kind.value,
        "by_name": entry.by.name,
        "moved_from": entry.moved_from and entry.moved_from.value,
        "moved_to": entry.moved_to.value,
        "why": entry.why,
    }


def entry_from(row: AnyRow) -> HistoryEntry:
    return HistoryEntry(
        row.at,
        Actor(ActorKind(row.by_kind), row.by_name),
        None if row.moved_from is None else OrderState(row.moved_from),
        OrderState(row.moved_to),
        row.why,
    )


def _order(rows: list[AnyRow]) -> Order:
    row = rows[0]
    return Order(
        reference=Reference(row.reference),
        learner=Learner(LearnerId(row.learner_id), row.learner_email, row.learner_name),
        placed_at=row.placed_at,
        held_until=row.held_until,
        lines=tuple(map(_line, rows)),
        request_key=row.request_key,
        fingerprint=row.fingerprint,
        state=OrderState(row.state),
        attention=row.attention,
        version=row.version,
    )


def _line(row: AnyRow) -> Line:
    currency = Currency[row.currency]
    reduction = None
    if row.reduction_code is not None:
        reduction = Reduction(
            line_code(row.reduction_code),
            row.reduction_saving,
            Money(row.reduction_minor, currency),
            PaymentType(row.reduction_payment_type),
        )
    return Line(
        position=row.position,
        sku=Sku(row.sku),
        readable_id=row.readable_id,
        title=row.title,
        kind=row.kind,
        price_version=row.price_version,
        list_price=Money(row.list_price_minor, currency),
        reduction=reduction,
        due=Money(row.due_minor, currency),
        runs=tuple(map(_run_from_json, row.runs)),
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        fulfilment=Fulfilment(row.fulfilment),
        refunded=Money(row.refunded_minor, currency),
    )


def _run_as_json(run: SoldRun) -> dict[str, str | None]:
    return {
        "sku": run.sku.text,
        "readable_id": run.readable_id,
        "title": run.title,
        "starts_at": None if run.starts_at is None else run.starts_at.isoformat(),
        "ends_at": None if run.ends_at is None else run.ends_at.isoformat(),
    }


def _run_from_json(kept: Mapping[str, str | None]) -> SoldRun:
    starts_at, ends_at = kept["starts_at"], kept["ends_at"]
    return SoldRun(
        Sku(str(kept["sku"])),
        str(kept["readable_id"]),
        str(kept["title"]),
        datetime.fromisoformat(starts_at) if starts_at else None,
        datetime.fromisoformat(ends_at) if ends_at else None,
    )
