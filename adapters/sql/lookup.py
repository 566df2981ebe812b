"""Name lookup without SQLAlchemy, whose import is too slow for shell completion."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import closing, contextmanager
from typing import Any, TypeAlias
from urllib.parse import quote

import attrs

from core.errors import Unavailable
from core.lookup import NameKind, after_all_with

PATIENCE = 2
"""Seconds to wait for the database before completion gives up."""

Ask: TypeAlias = Callable[[str, Sequence[str]], list[Any]]

_KEPT = {
    NameKind.PRODUCT: ("products", "sku"),
    NameKind.DISCOUNT: ("discounts", "code"),
    NameKind.ORDER: ("orders", "reference"),
}


class SqlNameLookup:
    """`ask` runs a query with %s placeholders and returns its rows."""

    def __init__(self, ask: Ask):
        self._ask = ask

    def beginning(self, kind: NameKind, start: str, limit: int, /) -> tuple[str, ...]:
        table, column = _KEPT[kind]
        end = after_all_with(start)
        where, values = f"{column} >= %s", [start]
        if end is not None:
            where, values = f"{where} AND {column} < %s", [start, end]
        # The interpolated names are constants above, never input.
        names = f"SELECT {column} FROM {table} WHERE {where} ORDER BY {column}"  # noqa: S608
        first = [row[0] for row in self._ask(f"{names} LIMIT {limit + 1:d}", values)]
        if len(first) <= limit:
            return tuple(first)
        [(last,)] = self._ask(f"{names} DESC LIMIT 1", values)
        return (*first[: limit - 1], last)

    def there(self, kind: NameKind, names: Collection[str], /) -> frozenset[str]:
        if not names:
            return frozenset()
        table, column = _KEPT[kind]
        places = ", ".join(["%s"] * len(names))
        query = f"SELECT {column} FROM {table} WHERE {column} IN ({places})"  # noqa: S608 - as above
        return frozenset(row[0] for row in self._ask(query, sorted(names)))


@attrs.frozen
class NameLookupUnavailable(Unavailable):
    reason: str


@contextmanager
def sqlite_lookup(address: str) -> Iterator[SqlNameLookup]:
    """Open a SQLite database read-only; it is never created.

    This and every later lookup raise NameLookupUnavailable if the database cannot be read.
    """
    path = address.removeprefix("sqlite:///").partition("?")[0]
    try:
        with closing(
            sqlite3.connect(f"file:{quote(path)}?mode=ro", uri=True, timeout=PATIENCE)
        ) as connection:
            yield SqlNameLookup(lambda query, values: _rows(connection, query, values))
    except sqlite3.Error as error:
        raise NameLookupUnavailable(str(error)) from error


def _rows(connection: sqlite3.Connection, query: str, values: Sequence[str]) -> list[Any]:
    return connection.execute(query.replace("%s", "?"), values).fetchall()
