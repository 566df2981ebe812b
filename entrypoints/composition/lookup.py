"""Opens the names in the records by themselves: no gateway, no extension, and at once."""

from __future__ import annotations

from contextlib import AbstractContextManager

from core.lookup import Names


def names_at(database_url: str) -> AbstractContextManager[Names]:
    """The names in the database of this address. Raises Unavailable, also when they are asked."""
    if database_url.startswith("sqlite:"):
        from adapters.sql.lookup import sqlite_names

        return sqlite_names(database_url)
    from adapters.sql.postgresql_lookup import postgresql_names

    return postgresql_names(database_url)
