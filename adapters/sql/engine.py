"""Opens SQLite and PostgreSQL databases with the guarantees that money needs."""

from __future__ import annotations

from typing import Any

import attrs
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError

from adapters.sql.errors import translate
from core.errors import Refused

PATIENCE = 30
"""Seconds to wait for a connection, or for the write lock of SQLite."""

LOOKING = "looking"
"""The execution option of a read-only connection."""

_POSTGRESQL_SETTINGS = {
    "statement_timeout": "15s",
    "lock_timeout": "10s",
    "idle_in_transaction_session_timeout": "60s",
}


@attrs.frozen
class NotADatabase(Refused):
    """The address is not a database address. It is not shown, because it may hold a password."""


def open_engine(address: str, *, connections: int = 20, patience: float = PATIENCE) -> Engine:
    """Create an engine with at most `connections` connections. Raises NotADatabase.

    It does not connect yet. Database errors are raised as errors of the core. A wait of more than
    `patience` seconds for a connection, or for SQLite's lock, raises RecordsUnavailable.
    """
    try:
        url = make_url(address)
        kind, _, driver = url.drivername.partition("+")
    except (ArgumentError, ValueError):
        raise NotADatabase() from None
    pool = {"pool_size": connections, "max_overflow": 0, "pool_timeout": patience}
    if kind == "sqlite" and driver in {"", "pysqlite"} and url.database not in {None, ":memory:"}:
        engine = _sqlite(url, patience, **pool)
    elif kind == "postgresql" and driver in {"", "psycopg"}:
        engine = _postgresql(url, **pool)
    else:
        raise NotADatabase()
    translate(engine)
    return engine


def _sqlite(url: URL, patience: float, **pool: Any) -> Engine:
    engine = create_engine(
        url.set(drivername="sqlite+pysqlite"),
        connect_args={"timeout": patience},
        hide_parameters=True,  # Not logged: parameters hold names and addresses.
        **pool,
    )
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_on_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _: object) -> None:
    # The driver must not begin transactions. See SQLAlchemy's documentation of SQLite, "Using
    # SQLAlchemy to emit BEGIN".
    connection.isolation_level = None
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA synchronous = FULL")
    # Check first: setting the mode needs exclusive access to the file.
    if connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
        connection.execute("PRAGMA journal_mode = WAL")


def _begin_on_sqlite(connection: Connection) -> None:
    # Take the write lock before the first read: SQLite refuses to upgrade a read lock.
    looking = connection.get_execution_options().get(LOOKING, False)
    connection.exec_driver_sql("BEGIN" if looking else "BEGIN IMMEDIATE")


def _postgresql(url: URL, **pool: Any) -> Engine:
    wanted = {
        "options": " ".join(f"-c {name}={value}" for name, value in _POSTGRESQL_SETTINGS.items()),
        "connect_timeout": "10",
        "application_name": "coursetill",
    }
    return create_engine(
        url.set(drivername="postgresql+psycopg"),
        connect_args={name: value for name, value in wanted.items() if name not in url.query},
        isolation_level="READ COMMITTED",
        pool_pre_ping=True,
        hide_parameters=True,  # Not logged: parameters hold names and addresses.
        **pool,
    )
