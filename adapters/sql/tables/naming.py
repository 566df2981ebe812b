"""The metadata of all tables, the names of constraints, and partial indexes."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from adapters.sql.columns import TEXT

metadata = sa.MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)


def account_columns() -> tuple[sa.Column[str], ...]:
    """The columns that say which gateway account a row belongs to."""
    names = ("gateway", "account", "environment")
    return tuple(sa.Column(name, TEXT, nullable=False) for name in names)


def partial(
    name: str, *columns: sa.Column[Any], only: sa.ColumnElement[bool], unique: bool = False
) -> None:
    """A partial index of the rows that match `only`, so that it does not grow with history.

    A query must repeat the condition literally to use it, so values are never bound.
    """
    sa.Index(name, *columns, unique=unique, sqlite_where=only, postgresql_where=only)
