"""The commands of the database, and a database that is not at this version's tables."""

import sqlite3
from contextlib import closing
from pathlib import Path

import attrs
import pytest

from adapters.sql.migrations import REVISIONS, SHOP
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


def test_status_exits_with_1_if_an_upgrade_is_due(bare_sqlite_url: str) -> None:
    status = inside("db", "status", COURSETILL_DATABASE_URL=bare_sqlite_url)
    assert status.returncode == 1
    assert "Next: coursetill db upgrade" in status.stdout
    assert not file_of(bare_sqlite_url).exists()


@pytest.mark.parametrize("command", ["orders find", "catalogue list", "upkeep"])
def test_commands_refuse_an_older_database(older: str, command: str) -> None:
    done = inside(*command.split(), COURSETILL_DATABASE_URL=older)
    assert done.returncode == 75
    assert "Next: coursetill db upgrade" in done.stderr


def test_an_older_database_is_upgraded(older: str) -> None:
    assert inside("db", "upgrade", COURSETILL_DATABASE_URL=older).returncode == 0
    assert inside("orders", "find", COURSETILL_DATABASE_URL=older).returncode == 0


@pytest.fixture
def older_with_payment(bare_sqlite_url: str) -> str:
    """A database of before payments said which account took them, with an inbox message in it."""
    attrs.evolve(SHOP, revisions=REVISIONS[: REVISIONS.index("0014")]).upgrade(bare_sqlite_url)
    with closing(sqlite3.connect(file_of(bare_sqlite_url))) as connection:
        connection.execute(
            "INSERT INTO inbox VALUES (1, 'm', 'payment', 'CT-1', '', NULL, :at, :at, '', 'raw', "
            "'{}', 'acted', '', 1, NULL, NULL, 1)",
            {"at": "2026-11-01 12:00:00"},
        )
        connection.commit()
    return bare_sqlite_url


def test_old_payments_require_their_gateway_for_the_upgrade(older_with_payment: str) -> None:
    refused = inside("db", "upgrade", COURSETILL_DATABASE_URL=older_with_payment)
    assert refused.returncode == 1
    assert "Configure the payment gateway that took them" in refused.stderr
    gateway = {
        "COURSETILL_CYBERSOURCE_URL": "https://api.cybersource.com",
        "COURSETILL_CYBERSOURCE_MERCHANT_ID": "mitx_shop",
        "COURSETILL_CYBERSOURCE_KEY_ID": "k",
        "COURSETILL_CYBERSOURCE_SHARED_SECRET": "d29ydGhsZXNzLXdvcnRobGVzcw==",
    }
    done = inside("db", "upgrade", COURSETILL_DATABASE_URL=older_with_payment, **gateway)
    assert (done.returncode, done.stderr) == (0, "")
    with closing(sqlite3.connect(file_of(older_with_payment))) as connection:
        found = connection.execute("SELECT gateway, account, environment FROM inbox").fetchall()
    assert found == [("cybersource", "mitx_shop", "production")]


@pytest.mark.parametrize("command", ["orders find", "db upgrade", "catalogue withdraw X --as ann"])
def test_commands_refuse_a_newer_database(newer: str, command: str) -> None:
    done = inside(*command.split(), COURSETILL_DATABASE_URL=newer)
    assert done.returncode == 75
    assert 'does not know its migration "9999"' in done.stderr
    with closing(sqlite3.connect(file_of(newer))) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchall() == [
            ("9999",)
        ]


def test_status_reports_a_newer_database(newer: str) -> None:
    status = inside("db", "status", COURSETILL_DATABASE_URL=newer)
    assert (status.returncode, "newer than this version" in status.stdout) == (1, True)
