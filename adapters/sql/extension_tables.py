"""Tables of an extension in the shop's database."""

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
    """An extension's tables, with their own migrations and transactions.

    `folder` holds numbered Alembic migrations and nothing else; `revisions` are their numbers,
    oldest first. Start every table's name with the extension's name. It connects on first use.
    Database errors are raised as errors of the core: Conflict, Unavailable, Refused.
    """

    def __init__(self, address: str, name: str, folder: Path, *, revisions: tuple[str, ...]):
        self._address = address
        table = f"alembic_version_{name.replace('-', '_')}"
        self._migrations = Migrations(folder, revisions, table, f"the extension {name}")

    def upgrade(self) -> None:
        """Run the missing migrations, all or none. Raises SchemaIsNewer or Unavailable."""
        self._migrations.upgrade(self._address)

    def state(self) -> str:
        """The state of the tables: "empty", "older", "at head" or "newer". Raises Unavailable."""
        return self._migrations.state(self._address).value

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Open a read-only connection.

        It never waits for a writer, not even for the shop's open transaction. Use it in a price
        source.
        """
        with self._engine.connect().execution_options(**{LOOKING: True}) as connection:
            yield connection

    @contextmanager
    def change(self) -> Iterator[Connection]:
        """Open a transaction. It commits at the end of the block, unless an error leaves it.

        Never open one inside the shop's `begin`: on SQLite they would wait for each other.
        """
        with self._engine.begin() as connection:
            yield connection

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()

    @cached_property
    def _engine(self) -> Engine:
        return open_engine(self._address, connections=CONNECTIONS)
