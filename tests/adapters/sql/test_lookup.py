"""Names in either database, asked for as a shell asks for them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.sql.engine import open_engine
from adapters.sql.unit_of_work import SqlShop
from core.errors import Unavailable
from core.lookup import NameKind
from coursetill_testing.contracts.samples import (
    a_plain_discount,
    a_plain_order,
    a_plain_run,
    changing,
)
from coursetill_testing.databases import PostgreSQL
from entrypoints.composition.lookup import names_at

SKUS = ("6.431x-1T2027", "6.431x-2T2027", "6.431x_odd", "6.43_x-1T2027", "7", "DEDP")


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of a database with a few names in it."""
    if request.param == "sqlite":
        yield filled(request.getfixturevalue("sqlite_url"))
        return
    server: PostgreSQL = request.getfixturevalue("postgresql")
    with server.database(request.getfixturevalue("migrated_postgres")) as name:
        yield filled(server.url(name))


def filled(address: str) -> str:
    engine = open_engine(address)
    with changing(SqlShop(engine).begin) as work:
        work.products.add([a_plain_run(sku) for sku in SKUS])
        work.discounts.add(a_plain_discount("SPRING-1"))
        work.orders.add(a_plain_order("CT-1"))
    engine.dispose()
    return address


@pytest.mark.parametrize(
    "start, found",
    [
        ("6.431x-", SKUS[:2]),
        ("6.43_", ("6.43_x-1T2027",)),
        ("DEDP", ("DEDP",)),
        ("dedp", ()),
        ("DEDO", ()),
        ("%", ()),
        ("", SKUS),
        ("6.431x-1T2027-", ()),
    ],
)
def test_names_are_found_by_their_exact_prefix(
    address: str, start: str, found: tuple[str, ...]
) -> None:
    with names_at(address) as names:
        assert names.beginning(NameKind.PRODUCT, start, 10) == found


def test_the_first_and_the_last_of_too_many_names_are_listed(address: str) -> None:
    with names_at(address) as names:
        assert names.beginning(NameKind.PRODUCT, "", 3) == (SKUS[0], SKUS[1], SKUS[-1])
        assert names.beginning(NameKind.PRODUCT, "", 6) == SKUS


def test_every_kind_of_name_is_found_in_its_table(address: str) -> None:
    with names_at(address) as names:
        assert names.beginning(NameKind.DISCOUNT, "S", 9) == ("SPRING-1",)
        assert names.beginning(NameKind.ORDER, "", 9) == ("CT-1",)
        assert names.there(NameKind.ORDER, ["CT-1", "CT-2"]) == {"CT-1"}
        assert names.there(NameKind.PRODUCT, ["7", "CT-1", "7' OR '1'='1"]) == {"7"}
        assert names.there(NameKind.DISCOUNT, []) == frozenset()


def test_similar_names_of_a_long_name_are_looked_up_at_once(address: str) -> None:
    with names_at(address) as names:
        assert names.there(NameKind.PRODUCT, [*(f"x-{n}" for n in range(8_000)), "7"]) == {"7"}


@pytest.mark.parametrize(
    "wrong", ["sqlite:///{}/none.db", "postgresql://nobody@127.0.0.1:1/none", "postgresql://"]
)
def test_an_unreachable_database_is_unavailable(wrong: str, tmp_path: Path) -> None:
    with pytest.raises(Unavailable), names_at(wrong.format(tmp_path)) as names:
        names.beginning(NameKind.ORDER, "CT", 9)
    assert list(tmp_path.iterdir()) == []


def test_a_database_without_tables_is_unavailable_and_unchanged(tmp_path: Path) -> None:
    sqlite3.connect(tmp_path / "empty.db").close()
    url = f"sqlite:///{tmp_path}/empty.db"
    with pytest.raises(Unavailable), names_at(url) as names:
        names.there(NameKind.ORDER, ["CT-1"])
