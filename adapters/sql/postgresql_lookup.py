"""Name lookup in PostgreSQL. A module of its own, because its driver is slow to import."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from adapters.sql.lookup import PATIENCE, NameLookupUnavailable, SqlNameLookup


@contextmanager
def postgresql_lookup(address: str) -> Iterator[SqlNameLookup]:
    """Open a PostgreSQL database read-only.

    This and every later lookup raise NameLookupUnavailable if the database cannot be read.
    """
    try:
        with psycopg.connect(
            address.replace("postgresql+psycopg:", "postgresql:", 1),
            connect_timeout=PATIENCE,
            application_name="coursetill",
            options=f"-c statement_timeout={PATIENCE}s -c default_transaction_read_only=on",
        ) as connection:
            yield SqlNameLookup(
                lambda query, values: connection.execute(query.encode(), values).fetchall()
            )
    except psycopg.Error as error:
        raise NameLookupUnavailable(str(error)) from error
