"""A database is opened so that money can rely on it, and what goes wrong is told in our words."""

import sqlite3
import threading
from contextlib import closing
from datetime import UTC

import psycopg
import pytest
import sqlalchemy as sa

from adapters.sql.engine import NotADatabase, open_engine
from adapters.sql.errors import (
    FAILURES,
    AlreadyThere,
    CannotBeKept,
    ChangedMeanwhile,
    RecordsUnavailable,
    translated,
)
from adapters.sql.unit_of_work import SqlShop
from adapters.sql.write_queue import WriteQueue
from core.errors import ShopError
from core.products.search import CatalogueSearch
from coursetill_testing.contracts.samples import ADA, NOW, a_plain_run, changing
from entrypoints.composition.wording import for_learners


@pytest.fixture
def engine(database_url):
    engine = open_engine(database_url)
    yield engine
    engine.dispose()


def settings(address, *names):
    engine = open_engine(address)
    with engine.connect() as connection:
        prefix = "PRAGMA" if engine.dialect.name == "sqlite" else "SHOW"
        found = [connection.exec_driver_sql(f"{prefix} {name}").scalar_one() for name in names]
    engine.dispose()
    return found


def test_sqlite_is_opened_with_safe_settings(sqlite_url):
    names = ("journal_mode", "foreign_keys", "synchronous", "busy_timeout")
    assert settings(sqlite_url, *names) == ["wal", 1, 2, 30_000]


def test_postgresql_is_opened_with_safe_settings(postgres_url):
    names = ("transaction_isolation", "statement_timeout", "lock_timeout", "application_name")
    assert settings(postgres_url, *names) == ["read committed", "15s", "10s", "coursetill"]


def test_options_in_the_address_are_kept(postgres_url):
    address = f"{postgres_url}&application_name=tills&options=-c%20statement_timeout%3D3s"
    assert settings(address, "application_name", "statement_timeout") == ["tills", "3s"]


@pytest.mark.parametrize("driver", ["postgresql", "postgresql+psycopg"])
def test_both_spellings_of_a_postgresql_address_are_accepted(postgres_url, driver):
    engine = open_engine(postgres_url.replace("postgresql+psycopg", driver))
    with engine.connect() as connection:
        assert connection.scalar(sa.text("SELECT 1")) == 1
    assert engine.dialect.driver == "psycopg"
    engine.dispose()


@pytest.mark.parametrize(
    "address",
    [
        "",
        "shop.db",
        "sqlite://",
        "sqlite:///:memory:",
        "mysql://root@localhost/shop",
        "postgresql+psycopg2://localhost/shop",
        "postgresql://user:secret@host:port/shop",
    ],
)
def test_an_invalid_address_is_refused_and_not_repeated(address):
    with pytest.raises(NotADatabase) as refused:
        open_engine(address)
    assert "secret" not in str(refused.value)
    assert refused.value.__cause__ is None


def test_an_unreadable_file_is_unavailable(tmp_path):
    engine = open_engine(f"sqlite:///{tmp_path}/no/such/folder/shop.db")
    with pytest.raises(RecordsUnavailable) as refused, SqlShop(engine).read():
        pass
    assert isinstance(refused.value.__cause__, sqlite3.OperationalError)


def test_a_file_that_is_not_a_database_is_unavailable(tmp_path):
    (tmp_path / "shop.db").write_text("a letter, not a database, and a long one at that" * 99)
    engine = open_engine(f"sqlite:///{tmp_path}/shop.db")
    with pytest.raises(RecordsUnavailable), SqlShop(engine).read():
        pass


def test_an_unreachable_server_is_unavailable(tmp_path):
    engine = open_engine(f"postgresql://nobody@/shop?host={tmp_path}")
    with pytest.raises(RecordsUnavailable), SqlShop(engine).begin():
        pass


def test_a_lost_connection_is_unavailable_and_the_next_one_works(postgres_url, postgresql):
    engine = open_engine(postgres_url, connections=1)
    shop = SqlShop(engine)
    with shop.begin() as work:
        work.baskets.of(ADA)
        disconnect_everybody(postgresql, engine.url.database)
        with pytest.raises(RecordsUnavailable):
            work.baskets.of(ADA)
    disconnect_everybody(postgresql, engine.url.database)
    with changing(shop.begin) as work:
        work.products.add([a_plain_run()])
    engine.dispose()


def disconnect_everybody(postgresql, database):
    postgresql.admin.execute(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s",
        [database],
    )


def test_a_slow_statement_is_unavailable(postgres_url):
    engine = open_engine(f"{postgres_url}&options=-c%20statement_timeout%3D10ms")
    with engine.connect() as connection, pytest.raises(RecordsUnavailable):
        connection.exec_driver_sql("SELECT pg_sleep(5)")
    engine.dispose()


def test_a_locked_sqlite_file_is_unavailable(sqlite_url):
    engine = open_engine(sqlite_url, patience=0.01)
    with closing(sqlite3.connect(engine.url.database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(RecordsUnavailable), SqlShop(engine).begin():
            pass
        with SqlShop(engine).read() as work:
            assert work.products.everything() == ()
    engine.dispose()


def test_units_of_work_beyond_the_pool_wait_and_are_then_refused_as_busy(sqlite_url):
    engine = open_engine(sqlite_url, connections=1, patience=0.01)
    shop = SqlShop(engine)
    with shop.read(), pytest.raises(RecordsUnavailable), shop.read():
        pass
    engine.dispose()


def test_a_lone_surrogate_is_refused(engine):
    with SqlShop(engine).read() as work, pytest.raises(CannotBeKept):
        work.products.search(CatalogueSearch(NOW, "half \ud800 a pair"))


def test_a_nul_character_is_refused_on_postgresql(postgres_url):
    engine = open_engine(postgres_url)
    with SqlShop(engine).read() as work, pytest.raises(CannotBeKept):
        work.products.search(CatalogueSearch(NOW, "nul \x00 nul"))
    engine.dispose()


def test_a_time_without_a_zone_is_a_fault(engine):
    with SqlShop(engine).read() as work, pytest.raises(ValueError, match="time zone"):
        work.orders.overdue(NOW.replace(tzinfo=None), 1)


def with_code(kind, name, value):
    error = kind("it went wrong")
    setattr(error, name, value)
    return error


@pytest.mark.parametrize(
    ("foreign", "ours"),
    [
        (psycopg.errors.UniqueViolation(), AlreadyThere),
        (psycopg.errors.ForeignKeyViolation(), ValueError),
        (psycopg.errors.CheckViolation(), ValueError),
        (psycopg.errors.SerializationFailure(), ChangedMeanwhile),
        (psycopg.errors.DeadlockDetected(), ChangedMeanwhile),
        (psycopg.errors.LockNotAvailable(), RecordsUnavailable),
        (psycopg.errors.QueryCanceled(), RecordsUnavailable),
        (psycopg.errors.AdminShutdown(), RecordsUnavailable),
        (psycopg.errors.TooManyConnections(), RecordsUnavailable),
        (psycopg.errors.ConnectionFailure(), RecordsUnavailable),
        (psycopg.errors.NumericValueOutOfRange(), CannotBeKept),
        (psycopg.errors.UndefinedTable(), None),
        (psycopg.OperationalError("no server"), RecordsUnavailable),
        (psycopg.InterfaceError("closed"), RecordsUnavailable),
        (sqlite3.ProgrammingError("ours"), None),
        (ValueError("ours"), ValueError),
        (KeyError("ours"), None),
    ],
)
def test_each_driver_error_is_mapped_to_ours(foreign, ours):
    error = translated(foreign)
    assert type(error) is (type(None) if ours is None else ours)


def test_no_error_shows_the_text_of_the_database():
    words = for_learners(UTC)
    for kind in FAILURES.values():
        error = kind("the database's own words")
        assert not isinstance(error, ShopError) or "database" not in words.sentence(error)


def test_the_write_queue_is_first_come_first_served():
    turns, order = WriteQueue(), []
    queued = [threading.Event() for _ in range(5)]

    def ask(number):
        queued[number].set()
        with turns.turn(30):
            order.append(number)

    with turns.turn(30):
        threads = []
        for number in range(5):
            thread = threading.Thread(target=ask, args=(number,))
            thread.start()
            queued[number].wait(30)
            while turns.waiting <= number:
                pass
            threads.append(thread)
    for thread in threads:
        thread.join(30)
    assert order == [0, 1, 2, 3, 4]


def test_a_writer_that_times_out_is_refused_and_blocks_no_other():
    turns = WriteQueue()
    with turns.turn(30), pytest.raises(RecordsUnavailable), turns.turn(0.01):
        pass
    with turns.turn(0.01):
        assert turns.waiting == 0
