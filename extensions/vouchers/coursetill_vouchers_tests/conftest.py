"""A town whose shop takes vouchers, and staff at its command line."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import attrs
import pytest

from coursetill_testing.clock import Clock
from coursetill_testing.command_line import CommandLine, Listener
from coursetill_testing.databases import copied_sqlite
from coursetill_testing.town import Town, town_with_extensions
from coursetill_vouchers.records import SqlVoucherRecords, tables
from coursetill_vouchers.redeem_voucher import Office
from coursetill_vouchers.voucher import VoucherId

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)


@pytest.fixture
def address(database_url: str) -> str:
    """A database with the tables of the shop and of vouchers: SQLite, then PostgreSQL."""
    _upgrade(database_url)
    return database_url


@pytest.fixture
def records(address: str) -> Iterator[SqlVoucherRecords]:
    kept = tables(address)
    yield SqlVoucherRecords(kept)
    kept.close()


@pytest.fixture(scope="session")
def with_vouchers(
    migrated_sqlite: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    """A SQLite file with the tables of the shop and of vouchers, used as a template."""
    path = tmp_path_factory.mktemp("vouchers") / "shop.db"
    _upgrade(copied_sqlite(migrated_sqlite, path))
    return path


@pytest.fixture
def town(with_vouchers: Path, tmp_path: Path) -> Iterator[Town]:
    """A town whose shop keeps its records in SQLite and takes vouchers."""
    address = copied_sqlite(with_vouchers, tmp_path / "shop.db")
    with town_with_extensions(address, EXTENSIONS="vouchers", STAFF="ann") as there:
        yield there


@pytest.fixture
def office(town: Town) -> Iterator[Office]:
    kept = tables(town.settings.database_url)
    yield Office(SqlVoucherRecords(kept), town.shop.begin, town.shop.read, town.clock)
    kept.close()


@pytest.fixture
def till(town: Town) -> CommandLine:
    """The command line on the same shop."""
    on = {"COURSETILL_EXTENSIONS": "vouchers"}
    return CommandLine(town.shop, town.gateway, Listener(), town.clock, environ=on)


@pytest.fixture
def new_id() -> Callable[[], VoucherId]:
    numbers = itertools.count(1)
    return lambda: VoucherId(f"TEST{next(numbers):04}")


@attrs.define
class Killed(BaseException):
    """The process is killed at this point."""


def _upgrade(address: str) -> None:
    kept = tables(address)
    kept.upgrade()
    kept.close()


__all__ = ["NOW", "Clock", "Killed"]
