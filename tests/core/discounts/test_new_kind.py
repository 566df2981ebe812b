"""A kind of discount is added by one file: nothing that exists names the kinds there are."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parents[3]
HALF_UP_TO = '''
"""half-off-up-to: half of the price, and no more than an amount."""

from typing import ClassVar, Self

import attrs

from core.money import Currency, Money


@attrs.frozen
class HalfOffUpTo:
    kind: ClassVar[str] = "half-off-up-to"

    most: Money

    @classmethod
    def of(cls, text: str, currency: Currency) -> Self:
        return cls(Money.of(text, currency))

    @property
    def written(self) -> str:
        return self.most.plain

    @property
    def currency(self) -> Currency | None:
        return self.most.currency

    def off(self, price: Money) -> Money:
        return min(Money(price.minor // 2, price.currency), self.most)

    def __str__(self) -> str:
        return f"half off, {self.most} at most"
'''
USED = """
from datetime import UTC, datetime

from adapters.sql.engine import open_engine
from adapters.sql.unit_of_work import SqlShop
from core.identity import Visitor
from core.discount_code import DiscountCode
from core.products.product import CourseId, CourseRun, PriceVersion, Product, Sku
from core.money import Money
from core.use_cases.shopping.basket import enter_code, add_to_basket

now, sku = datetime(2027, 1, 1, tzinfo=UTC), Sku("8.01x-1T2027")
version = PriceVersion(1, Money.of("199.99"), now)
shop = SqlShop(open_engine("{address}"))
with shop.begin() as work:
    run = CourseRun(CourseId("course-v1:MITxT+8.01x"))
    work.products.add([Product(sku, "course-v1:MITxT+8.01x+1T2027", "Mechanics", run, version)])
    work.commit()
shopper = Visitor("somebody")
add_to_basket(shopper, sku, begin=shop.begin, now=now)
print(enter_code(shopper, DiscountCode("CAPPED"), begin=shop.begin, now=now).total)
"""


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """A copy of the shop with one more file in the folder of the kinds."""
    for part in ("core", "adapters", "entrypoints"):
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(HERE / part, tmp_path / part, ignore=ignored)
    (tmp_path / "core/discounts/kinds/half_off_up_to.py").write_text(HALF_UP_TO, encoding="utf-8")
    return tmp_path


def test_a_new_kind_is_one_new_file(copied: Path, sqlite_url: str) -> None:
    def python(*arguments: str) -> str:
        environ = {**os.environ, "PYTHONPATH": str(copied), "COURSETILL_DATABASE_URL": sqlite_url}
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=copied,
            env=environ | {"COURSETILL_STAFF": "ann"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    wanted = ("CAPPED", "--kind", "half-off-up-to", "--amount", "50")
    told = python("-m", "entrypoints.cli", "discounts", "create", *wanted)
    assert "Created CAPPED: half off, $50.00 at most." in told
    assert "half-off-up-to" in python("-m", "entrypoints.cli", "discounts", "show", "CAPPED")
    assert python("-c", USED.format(address=sqlite_url)) == "$149.99\n"
