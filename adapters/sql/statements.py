"""Statements within one transaction, and the promise that a refused change is never kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NoReturn, TypeAlias

from sqlalchemy import (
    ARRAY,
    Connection,
    CursorResult,
    Executable,
    Row,
    Table,
    bindparam,
    func,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite

from adapters.sql.failures import AlreadyThere
from core.errors import Conflict

AnyRow: TypeAlias = "Row[*tuple[Any, ...]]"
Parameters: TypeAlias = "Mapping[str, Any] | Sequence[Mapping[str, Any]] | None"


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

    def pour(
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
        names = list(rows[0])
        on_postgresql = self._connection.dialect.name == "postgresql"
        insert = (postgresql if on_postgresql else sqlite).insert(table)
        parameters: Parameters = rows
        if on_postgresql:
            # As one list for each column: a tenth of the time that row after row takes.
            types = [table.c[name].type for name in names]
            lists = (
                func.unnest(bindparam(name, type_=ARRAY(type_)), type_=type_)
                for name, type_ in zip(names, types, strict=True)
            )
            insert = insert.from_select(names, select(*lists))
            parameters = {name: [row[name] for row in rows] for name in names}
        if twice:
            insert = insert.on_conflict_do_nothing()
        return self.change(
            insert.execution_options(preserve_rowcount=True), parameters, taken=taken
        )

    def take_time(self) -> None:
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
