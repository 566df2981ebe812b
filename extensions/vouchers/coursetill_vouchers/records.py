"""Stores vouchers in their own tables, next to the shop's."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import attrs
import sqlalchemy as sa

from adapters.sql.columns import CURRENCY, NUMBER, TEXT, UtcDateTime
from adapters.sql.extension_tables import ExtensionTables
from core.errors import Conflict
from core.identity import Actor, ActorKind, EmailAddress, LearnerId
from core.money import Currency, Money
from core.products.product import Sku
from coursetill_vouchers.document import Document
from coursetill_vouchers.voucher import (
    UnknownVoucher,
    Voucher,
    VoucherEntry,
    VoucherId,
    Vouchers,
    VoucherSearch,
    VoucherState,
)

TABLES = sa.MetaData()

VOUCHERS = sa.Table(
    "vouchers_vouchers",
    TABLES,
    sa.Column("sequence", NUMBER, primary_key=True),
    sa.Column("id", TEXT, nullable=False, unique=True),
    # At most one voucher for each key.
    sa.Column("key", TEXT, nullable=False, unique=True),
    sa.Column("document", TEXT, nullable=False, index=True),
    sa.Column("state", TEXT, nullable=False, index=True),
    sa.Column("number", TEXT, nullable=False, index=True),
    sa.Column("employer", TEXT, nullable=False),
    sa.Column("employee", TEXT, nullable=False),
    sa.Column("email", TEXT, index=True),
    sa.Column("course", TEXT, nullable=False),
    sa.Column("amount", sa.BigInteger, nullable=False),
    sa.Column("currency", CURRENCY, nullable=False),
    sa.Column("valid_until", UtcDateTime),
    sa.Column("learner", TEXT, index=True),
    sa.Column("sku", TEXT),
    sa.Column("version", sa.Integer, nullable=False),
)

HISTORY = sa.Table(
    "vouchers_history",
    TABLES,
    sa.Column("sequence", NUMBER, primary_key=True),
    sa.Column("voucher", TEXT, sa.ForeignKey(VOUCHERS.c.id), nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("by_kind", TEXT, nullable=False),
    sa.Column("by_name", TEXT, nullable=False),
    sa.Column("state", TEXT, nullable=False),
    sa.Column("why", TEXT, nullable=False),
    sa.Index("ix_vouchers_history_voucher", "voucher", "sequence"),
)

GOOD = ("entered", "matched", "issued")


def tables(address: str) -> ExtensionTables:
    """The voucher tables of the database at this URL."""
    folder = Path(__file__).parent / "migrations"
    return ExtensionTables(address, "vouchers", folder, revisions=("0001",))


@attrs.frozen
class SqlVoucherRecords:
    """The SQL store of vouchers."""

    tables: ExtensionTables

    @contextmanager
    def read(self) -> Iterator[Vouchers]:
        with self.tables.read() as connection:
            yield SqlVouchers(connection)

    @contextmanager
    def change(self) -> Iterator[Vouchers]:
        with self.tables.change() as connection:
            yield SqlVouchers(connection)


@attrs.frozen
class SqlVouchers:
    """All vouchers, in one transaction."""

    _connection: sa.Connection

    def get(self, voucher_id: VoucherId, /) -> Voucher:
        row = self._connection.execute(_SELECT.where(VOUCHERS.c.id == voucher_id)).one_or_none()
        if row is None:
            raise UnknownVoucher(voucher_id)
        return _voucher(row)

    def good(self, key: str, /) -> Voucher | None:
        query = _SELECT.where(VOUCHERS.c.key == key, VOUCHERS.c.state.in_(GOOD))
        row = self._connection.execute(query).one_or_none()
        return None if row is None else _voucher(row)

    def claims(self, key: str, /) -> tuple[Voucher, ...]:
        query = _SELECT.where(
            VOUCHERS.c.document == key, VOUCHERS.c.state == VoucherState.HELD.value
        )
        return self._vouchers(query.order_by(VOUCHERS.c.sequence))

    def held_by(self, learner: LearnerId, /) -> int:
        held = VOUCHERS.c.state == VoucherState.HELD.value
        query = sa.select(sa.func.count()).where(VOUCHERS.c.learner == learner, held)
        return int(self._connection.scalar(query) or 0)

    def search(self, filters: VoucherSearch, /) -> tuple[Voucher, ...]:
        found = _SELECT.order_by(VOUCHERS.c.sequence.desc()).limit(filters.limit)
        if filters.state is not None:
            found = found.where(VOUCHERS.c.state == filters.state.value)
        if filters.number is not None:
            found = found.where(VOUCHERS.c.number == filters.number)
        if filters.learner is not None:
            found = found.where(VOUCHERS.c.learner == filters.learner)
        if filters.email is not None:
            found = found.where(VOUCHERS.c.email == filters.email.text)
        if filters.after is not None:
            after = sa.select(VOUCHERS.c.sequence).where(VOUCHERS.c.id == filters.after)
            found = found.where(VOUCHERS.c.sequence < after.scalar_subquery())
        return self._vouchers(found)

    def history(self, voucher_id: VoucherId, /) -> tuple[VoucherEntry, ...]:
        query = sa.select(HISTORY).where(HISTORY.c.voucher == voucher_id)
        rows = self._connection.execute(query.order_by(HISTORY.c.sequence))
        return tuple(
            VoucherEntry(
                row.at, Actor(ActorKind(row.by_kind), row.by_name), VoucherState(row.state), row.why
            )
            for row in rows
        )

    def add(self, vouchers: Iterable[Voucher], /) -> None:
        added = tuple(vouchers)
        if added:
            self._connection.execute(VOUCHERS.insert(), [_columns(voucher) for voucher in added])
            self._tell(added)

    def save(self, voucher: Voucher, /) -> None:
        here = VOUCHERS.update().where(
            VOUCHERS.c.id == voucher.id, VOUCHERS.c.version == voucher.version
        )
        changed = attrs.evolve(voucher, version=voucher.version + 1)
        if self._connection.execute(here.values(_columns(changed))).rowcount != 1:
            raise Conflict()
        self._tell([voucher])

    def anonymise(self, voucher: Voucher, name: str) -> None:
        """Erase everything except number and amount."""
        here = VOUCHERS.update().where(VOUCHERS.c.id == voucher.id)
        self._connection.execute(here.values(employee=name, email=None, learner=None))
        mine = HISTORY.c.by_kind == ActorKind.LEARNER.value
        history = HISTORY.update().where(HISTORY.c.voucher == voucher.id, mine)
        self._connection.execute(history.values(by_name=name))

    def _vouchers(self, query: sa.Select[Any]) -> tuple[Voucher, ...]:
        return tuple(map(_voucher, self._connection.execute(query)))

    def _tell(self, vouchers: Iterable[Voucher]) -> None:
        news = [
            {
                "voucher": voucher.id,
                "at": entry.at,
                "by_kind": entry.by.kind.value,
                "by_name": entry.by.name,
                "state": entry.state.value,
                "why": entry.why,
            }
            for voucher in vouchers
            for entry in voucher.news
        ]
        if news:
            self._connection.execute(HISTORY.insert(), news)


_SELECT = sa.select(VOUCHERS)


def _columns(voucher: Voucher) -> dict[str, Any]:
    document = voucher.document
    return {
        "id": voucher.id,
        "key": voucher.key,
        "document": document.key,
        "state": voucher.state.value,
        "number": document.number,
        "employer": document.employer,
        "employee": document.employee,
        "email": document.email.text if document.email else None,
        "course": document.course,
        "amount": document.amount.minor,
        "currency": document.amount.currency.code,
        "valid_until": document.valid_until,
        "learner": voucher.learner,
        "sku": voucher.sku.text if voucher.sku else None,
        "version": voucher.version,
    }


def _voucher(row: sa.Row[Any]) -> Voucher:
    document = Document(
        row.number,
        row.employer,
        row.employee,
        row.course,
        Money(row.amount, Currency.of(row.currency)),
        EmailAddress(row.email) if row.email else None,
        row.valid_until,
    )
    return Voucher(
        VoucherId(row.id),
        document,
        VoucherState(row.state),
        LearnerId(row.learner) if row.learner else None,
        Sku(row.sku) if row.sku else None,
        version=row.version,
    )
