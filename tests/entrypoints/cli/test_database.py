"""The commands of the database, and a database that is not at this version's tables."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.entrypoints.cli.processes import inside


@pytest.fixture
def older(bare_sqlite_url: str) -> str:
    """A database whose first migration has not run, though there is a record of migrations."""
    with closing(sqlite3.connect(file_of(bare_sqlite_url))) as connection:
        connection.execute("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)")
        connection.commit()
    return bare_sqlite_url


@pytest.fixture
def newer(sqlite_url: str) -> str:
    """A database that a later version has upgraded."""
    with closing(sqlite3.connect(file_of(sqlite_url))) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()
    return sqlite_url


def file_of(address: str) -> Path:
    return Path(address.removeprefix("sqlite:///"))


def test_an_empty_database_is_upgraded_once(bare_sqlite_url: str) -> None:
    settings = {"COURSETILL_DATABASE_URL": bare_sqlite_url}
    assert inside("db", "status", "--json", **settings).stdout == (
        '{\n  "state": "empty",\n  "extensions": {}\n}\n'
    )
    assert "is up to date now" in inside("db", "upgrade", **settings).stdout
    assert "was up to date already" in inside("db", "upgrade", **settings).stdout
    status = inside("db", "status", **settings)
    assert (status.returncode, status.stdout) == (0, "The database is up to date.\n")


def test_status_leaves_with_1_where_there_is_something_to_do(bare_sqlite_url: str) -> None:
    status = inside("db", "status", COURSETILL_DATABASE_URL=bare_sqlite_url)
    assert status.returncode == 1
    assert "Next: coursetill db upgrade" in status.stdout
    assert not file_of(bare_sqlite_url).exists()


@pytest.mark.parametrize("command", ["orders find", "catalogue list", "upkeep"])
def test_an_older_database_is_not_worked_on(older: str, command: str) -> None:
    done = inside(*command.split(), COURSETILL_DATABASE_URL=older)
    assert done.returncode == 75
    assert "Next: coursetill db upgrade" in done.stderr


def test_an_older_database_is_upgraded(older: str) -> None:
    assert inside("db", "upgrade", COURSETILL_DATABASE_URL=older).returncode == 0
    assert inside("orders", "find", COURSETILL_DATABASE_URL=older).returncode == 0


@pytest.mark.parametrize("command", ["orders find", "db upgrade", "catalogue withdraw X --as ann"])
def test_a_newer_database_is_left_alone(newer: str, command: str) -> None:
    done = inside(*command.split(), COURSETILL_DATABASE_URL=newer)
    assert done.returncode == 75
    assert 'does not know its migration "9999"' in done.stderr
    with closing(sqlite3.connect(file_of(newer))) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchall() == [
            ("9999",)
        ]


def test_status_says_that_a_database_is_newer(newer: str) -> None:
    status = inside("db", "status", COURSETILL_DATABASE_URL=newer)
    assert (status.returncode, "newer than this version" in status.stdout) == (1, True)
