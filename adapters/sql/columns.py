"""Column types of all tables, and a SQL function for both databases."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import GenericFunction


class UtcDateTime(sa.TypeDecorator[datetime]):
    """A moment, stored and read in UTC. SQLite has no time zones, so text without one is UTC."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value} has no time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
"""Text sorted by code point, independent of the database's locale."""

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
"""An integer that the database increments. SQLite does this only for INTEGER."""

JSON = sa.JSON(none_as_null=True)
CURRENCY = sa.CHAR(3)


class json_gathered(GenericFunction[dict[str, Any]]):  # noqa: N801 - it is written like a SQL function
    """Aggregate (key, value) pairs of a group into one JSON object."""

    type = sa.JSON()
    inherit_cache = True


@compiles(json_gathered, "sqlite")
def _gathered_by_sqlite(element: Any, compiler: Any, **options: Any) -> str:
    return f"json_group_object({compiler.process(element.clauses, **options)})"


@compiles(json_gathered, "postgresql")
def _gathered_by_postgresql(element: Any, compiler: Any, **options: Any) -> str:
    return f"json_object_agg({compiler.process(element.clauses, **options)})"
