"""The optimistic lock: an update that matches only the version that was read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Table, bindparam

from adapters.sql.statements import Statements
from core.errors import Conflict


def update_at_version(
    run: Statements,
    table: Table,
    key: str | int,
    *,
    version: int,
    values: Mapping[str, Any],
    changed: Conflict,
    taken: Conflict | None = None,
) -> None:
    """Update the row of key and increment its version.

    Raises `changed` if the row has another version, and `taken` if a unique constraint is
    violated.
    """
    [column] = table.primary_key.columns
    statement = (
        table.update()
        .where(column == bindparam("at_key"), table.c.version == bindparam("at_version"))
        .values({name: bindparam(name) for name in (*values, "version")})
    )
    met = run.change(
        statement,
        {**values, "version": version + 1, "at_key": key, "at_version": version},
        taken=taken,
    )
    if met != 1:
        run.refuse(changed)
