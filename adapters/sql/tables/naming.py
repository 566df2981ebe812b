"""What all tables belong to, how their constraints are called, and an index of some rows alone."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

metadata = sa.MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)


def partial(
    name: str, *columns: sa.Column[Any], only: sa.ColumnElement[bool], unique: bool = False
) -> None:
    """An index of the rows that `only` holds for, so that it does not grow with history.

    A query that says the same uses it; values are therefore written out, never bound.
    """
    sa.Index(name, *columns, unique=unique, sqlite_where=only, postgresql_where=only)
