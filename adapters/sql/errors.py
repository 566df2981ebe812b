"""Translates database errors into errors of the core, by one table."""

from __future__ import annotations

import sqlite3

import attrs
import psycopg
from sqlalchemy import Engine, event
from sqlalchemy.engine import ExceptionContext

from core.errors import Conflict, Refused, ShopError, Unavailable


@attrs.frozen
class RecordsUnavailable(Unavailable):
    """The database cannot be reached, or is too busy. `reason` is for operators."""

    reason: str


@attrs.frozen
class ChangedMeanwhile(Conflict):
    reason: str


@attrs.frozen
class AlreadyThere(ChangedMeanwhile):
    """A unique constraint is violated."""


@attrs.frozen
class CannotBeKept(Refused):
    """A text or number does not fit its column."""

    reason: str


Told = type[RecordsUnavailable | ChangedMeanwhile | CannotBeKept | ValueError]

FAILURES: dict[str, Told] = {
    # PostgreSQL, by SQLSTATE (PostgreSQL documentation, appendix A) or by its class.
    "08": RecordsUnavailable,  # connection exception
    "22": CannotBeKept,  # data exception
    "23": ValueError,  # integrity constraint violation: our own fault, except for the next line
    "23505": AlreadyThere,  # unique violation
    "40001": ChangedMeanwhile,  # serialization failure
    "40P01": ChangedMeanwhile,  # deadlock detected
    "53": RecordsUnavailable,  # insufficient resources
    "55P03": RecordsUnavailable,  # lock not available in time
    "57": RecordsUnavailable,  # operator intervention: statement time-out, shutting down
    "58": RecordsUnavailable,  # system error
    # SQLite, by extended result code (sqlite.org/rescode.html) or by its beginning.
    "SQLITE_BUSY": RecordsUnavailable,
    "SQLITE_LOCKED": RecordsUnavailable,
    "SQLITE_CANTOPEN": RecordsUnavailable,
    "SQLITE_CORRUPT": RecordsUnavailable,
    "SQLITE_FULL": RecordsUnavailable,
    "SQLITE_IOERR": RecordsUnavailable,
    "SQLITE_NOTADB": RecordsUnavailable,
    "SQLITE_PROTOCOL": RecordsUnavailable,
    "SQLITE_READONLY": RecordsUnavailable,
    "SQLITE_TOOBIG": CannotBeKept,
    "SQLITE_CONSTRAINT": ValueError,
    "SQLITE_CONSTRAINT_UNIQUE": AlreadyThere,
    "SQLITE_CONSTRAINT_PRIMARYKEY": AlreadyThere,
}


def translated(foreign: BaseException) -> ShopError | ValueError | None:
    """The core's error for a driver's error; None for a fault of ours, raised unchanged."""
    kind = _kind(foreign)
    return None if kind is None else kind(str(foreign))


def _kind(foreign: BaseException) -> Told | None:
    match foreign:
        case sqlite3.Error():
            code = getattr(foreign, "sqlite_errorname", "")
            return FAILURES.get(code) or FAILURES.get("_".join(code.split("_")[:2]))
        case psycopg.Error(sqlstate=str(code)):
            return FAILURES.get(code) or FAILURES.get(code[:2])
        case psycopg.DataError() | UnicodeEncodeError() | OverflowError():
            return CannotBeKept
        case psycopg.OperationalError() | psycopg.InterfaceError():
            return (
                RecordsUnavailable  # The driver itself failed, so there is no code from the server.
            )
        case ValueError():
            return ValueError  # A fault of ours that the driver found before sending.
        case _:
            return None


def translate(engine: Engine) -> None:
    """Make engine raise the core's errors from now on."""
    event.listen(engine, "handle_error", _raise_translated)


def _raise_translated(context: ExceptionContext) -> None:
    error = translated(context.original_exception)
    if error is not None:
        raise error from context.original_exception
