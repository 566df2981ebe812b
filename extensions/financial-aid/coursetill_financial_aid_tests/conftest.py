"""A town in which learners can ask for financial aid, and staff decide at their terminal."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.sql.engine import open_engine
from adapters.sql.unit_of_work import SqlShop
from core.use_cases.catalogue.import_catalogue import import_catalogue
from coursetill_financial_aid import EXTENSION, bureau_of
from coursetill_financial_aid.decide_request import Bureau
from coursetill_financial_aid.records import SqlAidRecords
from coursetill_financial_aid.tables import tables
from coursetill_testing.clock import MORNING
from coursetill_testing.command_line import CommandLine, Listener
from coursetill_testing.databases import copied_sqlite
from coursetill_testing.town import COMPILED, STAFF, Town, settings
from entrypoints.composition.shop import with_extensions
from entrypoints.extensions.loader import close, open_extensions, upgrade_tables
from entrypoints.web.app import create_app

ON = {"EXTENSIONS": "financial-aid"}
CATALOGUE = Path(__file__).with_name("catalogue.csv")


@pytest.fixture
def address(database_url: str) -> str:
    """A database with all tables: SQLite, then PostgreSQL."""
    upgrade_tables(EXTENSION, database_url)
    return database_url


@pytest.fixture
def records(address: str) -> Iterator[SqlAidRecords]:
    kept = tables(address)
    yield SqlAidRecords(kept)
    kept.close()


@pytest.fixture(scope="session")
def with_aid(
    migrated_sqlite: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    """A SQLite file with all tables, used as a template."""
    path = tmp_path_factory.mktemp("financial-aid") / "shop.db"
    upgrade_tables(EXTENSION, copied_sqlite(migrated_sqlite, path))
    return path


@pytest.fixture
def town(with_aid: Path, tmp_path: Path) -> Iterator[Town]:
    """A shop on SQLite that sells the courses of DEDP, with financial aid turned on."""
    address = copied_sqlite(with_aid, tmp_path / "shop.db")
    chosen = settings(DATABASE_URL=address, STAFF="ann", **ON)
    engine = open_engine(address)
    there = Town(chosen, SqlShop(engine))
    with CATALOGUE.open(encoding="utf-8", newline="") as file:
        rows = list(enumerate(csv.DictReader(file), start=2))
    begin = there.shop.begin
    import_catalogue(rows, by=STAFF, why="these tests", begin=begin, now=MORNING)
    extensions = open_extensions(
        [EXTENSION], chosen, begin=begin, read=there.shop.read, now=there.clock
    )
    there.shop = with_extensions(there.shop, extensions)
    there.app = create_app(there.shop)
    there.app.jinja_env.bytecode_cache = COMPILED
    yield there
    close(extensions)
    engine.dispose()


@pytest.fixture
def bureau(town: Town) -> Iterator[Bureau]:
    host = town.shop.extension("financial-aid").host
    kept = tables(host.database_url)
    yield bureau_of(host, kept)
    kept.close()


@pytest.fixture
def till(town: Town) -> CommandLine:
    """The command line of the same shop."""
    environ = {f"COURSETILL_{name}": value for name, value in ON.items()}
    return CommandLine(town.shop, town.gateway, Listener(), town.clock, environ=environ)
