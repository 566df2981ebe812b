"""The tables that an extension keeps beside the shop's, in the same database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path

from sqlalchemy import Connection, Engine

from adapters.sql.engine import LOOKING, open_engine
from adapters.sql.migrations import Migrations

CONNECTIONS = 10


class ExtensionTables:
    """An extension's tables: their migrations, and transactions of their own.

    `folder` holds numbered migrations as Alembic writes them, and nothing else; `revisions` are
    their numbers, oldest first. Name every table after the extension, so that it never meets one of
    the shop's. Nothing is connected to before it is used. Errors of the database come out as those
    of the core: Conflict, Unavailable, Refused.
    """

    def __init__(self, address: str, name: str, folder: Path, *, revisions: tuple[str, ...]):
        self._address = address
        table = f"alembic_version_{name.replace('-', '_')}"
        self._migrations = Migrations(folder, revisions, table, f"the extension {name}")

    def upgrade(self) -> None:
        """Bring the tables to this version, all or nothing. Raises SchemaIsNewer or Unavailable."""
        self._migrations.upgrade(self._address)

    def state(self) -> str:
        """How they stand: "empty", "older", "at head" or "newer". Raises Unavailable."""
        return self._migrations.state(self._address).value

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection to read with. It waits for nobody's change, not even for the shop's that is
        under way: what a price source reads with.
        """
        with self._engine.connect().execution_options(**{LOOKING: True}) as connection:
            yield connection

    @contextmanager
    def change(self) -> Iterator[Connection]:
        """A transaction, kept at the end of the block unless it is left by an error.

        Never open one within the shop's own `begin`: on SQLite each would wait for the other.
        """
        with self._engine.begin() as connection:
            yield connection

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    @cached_property
    def _engine(self) -> Engine:
        return open_engine(self._address, connections=CONNECTIONS)
