"""Orders with their lines and history in SQL."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from typing import Any

import attrs
import sqlalchemy as sa

from adapters.sql.columns import TEXT, UtcDateTime
from adapters.sql.order_rows import (
    columns_of,
    entry_columns_of,
    entry_from,
    line_columns_of,
    moving_columns_of,
    orders_from,
    with_lines,
)
from adapters.sql.statements import Statements
from adapters.sql.tables import FLAGGED, PENDING, order_history, order_lines, orders, transactions
from adapters.sql.versions import update_at_version
from core.identity import LearnerId
from core.order_reference import Reference
from core.orders.history import HistoryEntry
from core.orders.order import (
    BoughtByAnotherOrder,
    Order,
    OrderExists,
    OrderHasChanged,
    OrderSearch,
    UnknownOrder,
)
from core.orders.order_state import UNDECIDED
from core.products.product import Sku
from core.products.search import ProductKind

_ONE = with_lines(orders.select().where(orders.c.reference == sa.bindparam("reference")))
_STANDING = with_lines(
    orders.select().where(
        orders.c.learner_id == sa.bindparam("learner"),
        sa.or_(
            PENDING,
            orders.c.request_key == sa.bindparam("request_key"),
        ),
    )
)
_HISTORY = (
    order_history.select()
    .where(order_history.c.reference == sa.bindparam("reference"))
    .order_by(order_history.c.sequence)
)
# The content of a sold line never changes.
_MOVE_LINE = (
    order_lines.update()
    .where(
        order_lines.c.reference == sa.bindparam("at_reference"),
        order_lines.c.position == sa.bindparam("at_position"),
    )
    .values({name: sa.bindparam(name) for name in ("fulfilment", "refunded_minor", "owner")})
)


def _conditions(wanted: OrderSearch) -> Iterator[sa.ColumnElement[bool]]:
    """The conditions of a search, except learner, state and flag."""
    if wanted.reference is not None:
        yield orders.c.reference == wanted.reference
    if wanted.email is not None:
        yield orders.c.email_key == wanted.email
    if wanted.placed_from is not None:
        yield orders.c.placed_at >= wanted.placed_from
    if wanted.placed_until is not None:
        yield orders.c.placed_at < wanted.placed_until
    if wanted.sku is not None:
        sold = sa.select(order_lines.c.reference).where(order_lines.c.sku == wanted.sku.text)
        yield orders.c.reference.in_(sold)
    if wanted.lowered_by is not None:
        # A prefix range: "SOURCE/" up to "SOURCE0", since "0" follows "/".
        source, code = wanted.lowered_by.upper(), order_lines.c.reduction_code
        theirs = sa.and_(code > f"{source}/", code < f"{source}0")
        yield orders.c.reference.in_(sa.select(order_lines.c.reference).where(theirs))
    if wanted.card is not None or wanted.transaction is not None:
        moved = sa.select(transactions.c.reference)
        if wanted.card is not None:
            yield orders.c.reference.in_(moved.where(transactions.c.card_last_four == wanted.card))
        if wanted.transaction is not None:
            yield orders.c.reference.in_(
                moved.where(transactions.c.gateway_id == wanted.transaction)
            )


class SqlOrders:
    def __init__(self, run: Statements):
        self._run = run
        self._seen: dict[Reference, Order] = {}

    def get(self, reference: Reference, /) -> Order:
        found = self._found(_ONE, {"reference": reference})
        if not found:
            raise UnknownOrder(reference)
        return found[0]

    def search(self, wanted: OrderSearch, /) -> tuple[Order, ...]:
        newest = orders.select().order_by(orders.c.placed_at.desc(), orders.c.reference.desc())
        if wanted.learner is not None:
            newest = newest.where(orders.c.learner_id == wanted.learner)
        if wanted.state is not None:
            newest = newest.where(orders.c.state == wanted.state.value)
        if wanted.attention:
            newest = newest.where(FLAGGED)
        newest = newest.where(*_conditions(wanted))
        if wanted.before is not None:
            at, reference = wanted.before
            newest = newest.where(
                sa.tuple_(orders.c.placed_at, orders.c.reference)
                < sa.tuple_(sa.literal(at, UtcDateTime), sa.literal(reference, TEXT))
            )
        return self._found(with_lines(newest.limit(wanted.limit)))

    def standing(self, learner: LearnerId, request_key: str, /) -> tuple[Order, ...]:
        return self._found(_STANDING, {"learner": learner, "request_key": request_key})

    def owned(self, learner: LearnerId, skus: Collection[Sku], /) -> Mapping[Sku, Reference]:
        if not skus:
            return {}
        rows = self._run.rows(
            sa.select(order_lines.c.sku, order_lines.c.reference).where(
                order_lines.c.owner == learner, order_lines.c.sku.in_(sku.text for sku in skus)
            )
        )
        return {Sku(row.sku): Reference(row.reference) for row in rows}

    def reserved(self, sku: Sku, /) -> int:
        # Few orders are undecided at any time, so few rows are read.
        rows = self._run.rows(
            sa.select(order_lines.c.sku, order_lines.c.runs)
            .join_from(orders, order_lines)
            .where(
                orders.c.state.in_(state.value for state in UNDECIDED),
                sa.or_(
                    order_lines.c.sku == sku.text,
                    order_lines.c.kind == ProductKind.PROGRAM.value,
                ),
            )
        )
        return sum(sku.text in {row.sku, *(run["sku"] for run in row.runs)} for row in rows)

    def overdue(self, at: datetime, limit: int, /) -> tuple[Reference, ...]:
        rows = self._run.rows(
            sa.select(orders.c.reference)
            .where(PENDING, orders.c.held_until <= at)
            .order_by(orders.c.held_until, orders.c.reference)
            .limit(limit)
        )
        return tuple(Reference(row.reference) for row in rows)

    def history(self, reference: Reference, /) -> tuple[HistoryEntry, ...]:
        return tuple(map(entry_from, self._run.rows(_HISTORY, {"reference": reference})))

    def add(self, order: Order, /) -> None:
        self._run.change(orders.insert(), columns_of(order), taken=OrderExists(order.reference))
        self._run.change(
            order_lines.insert(),
            [line_columns_of(order, line) for line in order.lines],
            taken=BoughtByAnotherOrder(order.reference),
        )
        self._add_news(order)
        self._seen[order.reference] = attrs.evolve(order, news=())

    def save(self, order: Order, /) -> None:
        update_at_version(
            self._run,
            orders,
            order.reference,
            version=order.version,
            values={
                "state": order.state.value,
                "held_until": order.held_until,
                "attention": order.attention,
            },
            changed=OrderHasChanged(order.reference),
        )
        moved = self._moved_lines(order)
        if moved:
            self._run.change(_MOVE_LINE, moved, taken=BoughtByAnotherOrder(order.reference))
        self._add_news(order)
        self._seen[order.reference] = attrs.evolve(order, news=(), version=order.version + 1)

    def _moved_lines(self, order: Order) -> list[dict[str, Any]]:
        """The changed lines, sorted by sku so that two transactions cannot deadlock."""
        seen = self._seen.get(order.reference)
        before = {}
        if seen is not None and seen.version == order.version:
            before = {line.position: moving_columns_of(seen, line) for line in seen.lines}
        return [
            {"at_reference": order.reference, "at_position": line.position, **columns}
            for line in sorted(order.lines, key=lambda line: line.sku)
            if (columns := moving_columns_of(order, line)) != before.get(line.position)
        ]

    def _add_news(self, order: Order) -> None:
        if order.news:
            self._run.change(
                order_history.insert(),
                [entry_columns_of(order.reference, entry) for entry in order.news],
            )

    def _found(
        self, query: sa.Select[*tuple[Any, ...]], parameters: Mapping[str, Any] | None = None
    ) -> tuple[Order, ...]:
        found = orders_from(self._run.rows(query, parameters))
        self._seen.update((order.reference, order) for order in found)
        return found
