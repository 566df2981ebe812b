"""The optimistic lock: an update that misses where its row has moved on."""

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
    changed: str,
    taken: str | None = None,
) -> None:
    """Write values to the row of key, one version further.

    Raises Conflict in the words of `changed` where the row has moved on, and in those of `taken`
    where something exists that may exist only once.
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
        run.refuse(Conflict(changed))
