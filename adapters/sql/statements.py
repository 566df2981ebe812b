"""Statements within one transaction, and the promise that a refused change is never kept."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NoReturn, TypeAlias

from sqlalchemy import (
    JSON,
    ColumnElement,
    Connection,
    CursorResult,
    Executable,
    Row,
    Select,
    Table,
    Text,
    bindparam,
    cast,
    column,
    func,
    literal_column,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite

from adapters.sql.errors import AlreadyThere
from core.errors import Conflict

AnyRow: TypeAlias = "Row[*tuple[Any, ...]]"
Parameters: TypeAlias = "Mapping[str, Any] | Sequence[Mapping[str, Any]] | None"


def _poured(table: Table, names: Iterable[str]) -> Select[*tuple[Any, ...]]:
    """The rows that stand in the text `rows` as JSON, with these of the table's columns."""
    rows = cast(bindparam("rows", type_=Text()), JSON())
    nothing: ColumnElement[Any] = literal_column(f"NULL::{table.name}")
    columns = [column(name, table.c[name].type) for name in names]
    found = func.json_populate_recordset(nothing, rows).table_valued(*columns)
    return select(*(found.c[each.name] for each in columns))


def _written(value: object) -> str:
    """What JSON has no word for."""
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"{value!r} cannot be poured")


class Statements:
    """What the records of every kind ask the database with, within one transaction.

    After a change was refused the transaction may hold half of it, so it can never be committed.
    """

    def __init__(self, connection: Connection, *, looking: bool):
        self._connection = connection
        self._looking = looking
        self._refused = False

    def rows(self, query: Executable, parameters: Parameters = None) -> Sequence[AnyRow]:
        """What query finds."""
        return self._connection.execute(query, parameters).all()

    def row(self, query: Executable, parameters: Parameters = None) -> AnyRow | None:
        """The one row that query finds, if any."""
        return self._connection.execute(query, parameters).one_or_none()

    def change(
        self, change: Executable, parameters: Parameters = None, *, taken: str | None = None
    ) -> int:
        """Carry out change, and say how many rows it met.

        Raises Conflict, in the words of `taken`, where something exists that may exist only once.
        """
        return self._carried_out(change, parameters, taken).rowcount

    def changed(self, change: Executable, parameters: Parameters = None) -> Sequence[AnyRow]:
        """Carry out a change that returns rows."""
        return self._carried_out(change, parameters, None).all()

    def bulk_insert(
        self,
        table: Table,
        rows: Sequence[Mapping[str, Any]],
        *,
        taken: str | None = None,
        twice: bool = False,
    ) -> int:
        """Keep many new rows, all with the same columns, and say how many were new.

        Those that are there already are left if they may come `twice`. Raises Conflict as `change`
        does.
        """
        if not rows:
            return 0
        insert: sqlite.Insert | postgresql.Insert = sqlite.insert(table)
        parameters: Parameters = rows
        if self._connection.dialect.name == "postgresql":
            # As one text that the database takes apart: a fifth of the time of row after row.
            insert = postgresql.insert(table).from_select(list(rows[0]), _poured(table, rows[0]))
            parameters = {"rows": json.dumps(rows, default=_written)}
        if twice:
            insert = insert.on_conflict_do_nothing()
        counted = insert.execution_options(preserve_rowcount=True)
        return self.change(counted, parameters, taken=taken)

    def disable_statement_timeout(self) -> None:
        """Let the statements of this transaction take as long as they need."""
        if self._connection.dialect.name == "postgresql":
            self._connection.exec_driver_sql("SET LOCAL statement_timeout = 0")

    def refuse(self, error: Exception) -> NoReturn:
        """Raise error, and let nothing of this transaction be kept."""
        self._refused = True
        raise error

    def commit(self) -> None:
        if self._looking:
            raise ValueError("nothing can be committed by a look")
        if self._refused:
            raise ValueError("nothing can be committed after a change was refused")
        self._connection.commit()

    def _carried_out(
        self, change: Executable, parameters: Parameters, taken: str | None
    ) -> CursorResult[*tuple[Any, ...]]:
        if self._looking:
            raise ValueError("a look changes nothing")
        try:
            return self._connection.execute(change, parameters)
        except AlreadyThere as error:
            self._refused = True
            raise error if taken is None else Conflict(taken) from error
        except BaseException:
            self._refused = True
            raise
