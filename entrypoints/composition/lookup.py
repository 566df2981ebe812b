"""Opens the names in the records alone and fast, without gateways and extensions."""

from __future__ import annotations

from contextlib import AbstractContextManager

from core.lookup import NameLookup


def names_at(database_url: str) -> AbstractContextManager[NameLookup]:
    """The names in the database at this address. Raises Unavailable, now and at each query."""
    if database_url.startswith("sqlite:"):
        from adapters.sql.lookup import sqlite_lookup

        return sqlite_lookup(database_url)
    from adapters.sql.postgresql_lookup import postgresql_lookup

    return postgresql_lookup(database_url)
