"""A kind of discount comes from an installed package: no line of the shop names it."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import attrs
import pytest

from tests.entrypoints.extensions import manual_page

HERE = Path(__file__).parents[3]
SOURCE = HERE / "examples" / "own_discount_kind"
USED = """
from datetime import UTC, datetime

from adapters.sql.engine import open_engine
from adapters.sql.unit_of_work import SqlShop
from core.identity import Visitor
from core.products.product import CourseId, CourseRun, PriceVersion, Product, Sku
from core.money import Money
from core.use_cases.shopping.basket import add_to_basket, show_basket
from entrypoints.composition.discount_kinds import discount_kinds

now, sku = datetime(2027, 1, 1, tzinfo=UTC), Sku("8.01x-1T2027")
version = PriceVersion(1, Money.of("199.99"), now)
shop = SqlShop(open_engine("{address}"), kinds=discount_kinds())
with shop.begin() as work:
    run = CourseRun(CourseId("course-v1:MITxT+8.01x"))
    work.products.add([Product(sku, "course-v1:MITxT+8.01x+1T2027", "Mechanics", run, version)])
    work.commit()
shopper = Visitor("somebody")
add_to_basket(shopper, sku, begin=shop.begin, now=now)
print(show_basket(shopper, read=shop.read, now=now).quote.total)
"""


@attrs.frozen
class Console:
    """Calls commands in processes of their own, with and without the package of the kind."""

    site: Path
    address: str

    def python(self, *arguments: str, kind: bool = True) -> subprocess.CompletedProcess[str]:
        path = os.pathsep.join([str(HERE), *([str(self.site)] if kind else [])])
        environ = {**os.environ, "PYTHONPATH": path, "COURSETILL_DATABASE_URL": self.address}
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=HERE,
            env=environ | {"COURSETILL_STAFF": "ann"},
            capture_output=True,
            text=True,
            check=False,
        )

    def ok(self, *arguments: str, kind: bool = True) -> str:
        done = self.python("-m", "entrypoints.cli", *arguments, kind=kind)
        assert done.returncode == 0, done.stderr
        return done.stdout


@pytest.fixture
def console(tmp_path: Path, sqlite_url: str) -> Console:
    """A terminal where a package that brings one kind is installed."""
    source = tmp_path / "source"
    shutil.copytree(SOURCE, source, ignore=shutil.ignore_patterns("__pycache__"))
    return Console(manual_page.installed(source, tmp_path / "site"), sqlite_url)


@pytest.fixture
def capped(console: Console) -> Console:
    wanted = ("CAPPED", "--kind", "half-off-up-to", "--amount", "50", "--source", "automatic")
    told = console.ok("discounts", "create", *wanted)
    assert "Created CAPPED: half off, $50.00 at most." in told
    return console


def test_an_installed_kind_is_used_like_a_built_in_one(capped: Console) -> None:
    assert "half-off-up-to" in capped.ok("discounts", "show", "CAPPED")
    used = capped.python("-c", USED.format(address=capped.address))
    assert (used.stdout, used.stderr) == ("$149.99\n", "")


def test_the_help_shows_the_format_of_each_kinds_amount(console: Console) -> None:
    told = "".join(console.ok("discounts", "create", "--help").split())
    assert "25for25%(percent-off)" in told
    assert "50.00forhalfoff,andnomorethanthat(half-off-up-to)" in told
    assert "half-off-up-to" not in console.ok("discounts", "create", "--help", kind=False)


def test_a_discount_of_an_uninstalled_kind_is_shown_and_exported_and_applies_to_nothing(
    capped: Console,
) -> None:
    used = capped.python("-c", USED.format(address=capped.address), kind=False)
    assert (used.stdout, used.stderr) == ("$199.99\n", "")
    [shown] = json.loads(capped.ok("discounts", "list", "--json", kind=False))["discounts"]
    assert (shown["kind"], shown["amount"], shown["currency"]) == ("half-off-up-to", "50.00", "USD")
    listed = capped.ok("discounts", "list", kind=False)
    assert "half-off-up-to 50.00 USD, a kind that this shop does not have" in listed
    assert "of the kind half-off-up-to, which this shop does not have" in listed
    exported = capped.ok("discounts", "export", "--prefix", "CAPPED", kind=False)
    assert "CAPPED,half-off-up-to,50.00,USD,automatic" in exported
    assert exported == capped.ok("discounts", "export", "--prefix", "CAPPED")
    check = ("discounts", "check", "CAPPED", "--json")
    checked = json.loads(capped.python("-m", "entrypoints.cli", *check, kind=False).stdout)
    assert (checked["usable"], checked["checks"][1]["rule"]) == (False, "kind")


def test_an_invalid_kind_stops_the_start_with_a_reason(console: Console) -> None:
    (console.site / "coursetill_half_off.py").write_text("HalfOffUpTo = 5", encoding="utf-8")
    done = console.python("-m", "entrypoints.cli", "discounts", "list")
    assert done.returncode != 0
    says = "The kind of discount half-off-up-to cannot be used: its class has another name"
    assert says in done.stderr
