"""`shop`: every adapter that keeps a shop's records, one after the other, with nothing in it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

import psycopg
import pytest
from psycopg.sql import SQL, Composed, Identifier

from adapters.memory import MemoryShop
from adapters.sql.engine import open_engine
from adapters.sql.tables import metadata
from adapters.sql.unit_of_work import SqlShop
from core.unit_of_work import Begin
from coursetill_testing.databases import PostgreSQL
from examples.own_database.file_shop import FileShop


class Shop(Protocol):
    """What `begin` and `look` promise is promised by every one of them."""

    @property
    def begin(self) -> Begin: ...
    @property
    def read(self) -> Begin: ...


@contextmanager
def opened(address: str) -> Iterator[SqlShop]:
    engine = open_engine(address)
    try:
        yield SqlShop(engine)
    finally:
        engine.dispose()


EMPTY_EVERY_TABLE = Composed(
    [SQL("DELETE FROM {};").format(Identifier(table)) for table in metadata.tables]
)


@pytest.fixture(scope="session")
def one_postgres(postgresql: PostgreSQL, migrated_postgres: str) -> Iterator[str]:
    """One database for all: a new one for each test takes a hundred times longer to make."""
    with postgresql.database(migrated_postgres) as name:
        yield name


@pytest.fixture(scope="session")
def shop_on_postgresql(postgresql: PostgreSQL, one_postgres: str) -> Iterator[SqlShop]:
    with opened(postgresql.url(one_postgres)) as shop:
        yield shop


@pytest.fixture(scope="session")
def broom(postgresql: PostgreSQL, one_postgres: str) -> Iterator[psycopg.Connection]:
    """A connection that may empty the tables that otherwise are only ever appended to."""
    with psycopg.connect(
        postgresql.url(one_postgres).replace("+psycopg", ""), autocommit=True
    ) as broom:
        broom.execute("SET session_replication_role = replica")
        yield broom


@pytest.fixture(params=["memory", "sqlite", "postgresql", "file"])
def shop(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Shop]:
    match request.param:
        case "memory":
            yield MemoryShop()
        case "file":
            yield FileShop(tmp_path / "shop.records")
        case "sqlite":
            with opened(request.getfixturevalue("sqlite_url")) as shop:
                yield shop
        case "postgresql":
            request.getfixturevalue("broom").execute(EMPTY_EVERY_TABLE)
            yield request.getfixturevalue("shop_on_postgresql")
