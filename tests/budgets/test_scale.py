"""A million discounts cost what ten do: here with twenty thousand; `make bench` has the rest."""

from collections.abc import Iterator

import pytest

from adapters.sql.engine import open_engine
from core.discounts.discount import DiscountSearch
from core.discounts.redemption import RedemptionSearch, ReportBy, ReportSearch
from core.discounts.selection import Selection
from tests.budgets.scale import ADA, CODE, NOW, BigShop

MANY = 20_000


@pytest.fixture(scope="module")
def big(postgresql, migrated_postgres: str) -> Iterator[BigShop]:
    """A shop with many discounts and as many uses."""
    with postgresql.database(migrated_postgres) as name:
        shop = BigShop(open_engine(postgresql.url(name)))
        shop.stock()
        shop.fill(MANY)
        yield shop
        shop.engine.dispose()


@pytest.mark.parametrize(
    "deed, statements",
    [("entering a code", 6), ("pricing a basket", 4), ("checking a code", 2)],
)
def test_daily_use_cases_cost_the_same_at_scale_and_scan_no_table(big, deed, statements):
    cost = big.cost(big.deeds()[deed], times=1)
    assert cost.statements <= statements
    assert cost.read_whole == set()


def test_expired_automatic_discounts_are_not_loaded(big):
    with big.shop.read() as work:
        assert [o.discount.code for o in work.discounts.offered([CODE], ADA, NOW)] == [CODE]


QUESTIONS = {
    "a page of a prefix": lambda work: work.discounts.search(DiscountSearch("CODE-00123")),
    "a page of a batch": lambda work: work.discounts.search(DiscountSearch(batch="batch-7")),
    "codes that there are": lambda work: work.discounts.among([CODE]),
    "a tally of a prefix": lambda work: work.discounts.tally(Selection(prefix="CODE-00123")),
    "a tally of a batch": lambda work: work.discounts.tally(Selection(batch="batch-7")),
    "uses of a code": lambda work: work.redemptions.search(RedemptionSearch(Selection(CODE))),
    "a report of a code": lambda work: work.redemptions.added_up(
        ReportSearch(NOW.replace(month=1), NOW, ReportBy.CODE, Selection(CODE))
    ),
}


@pytest.mark.parametrize("question", QUESTIONS)
def test_searches_by_staff_read_only_matching_rows(big, question):
    def ask() -> None:
        with big.shop.read() as work:
            QUESTIONS[question](work)

    assert big.cost(ask, times=1).read_whole == set()


def test_generating_many_codes_costs_few_statements(big, count_statements):
    with count_statements(big.engine) as counted:
        big.generate(10_000, "many")
    # Whether there is the batch, the shelf, the journal; and for each 5,000 which codes are taken,
    # and keeping them.
    assert counted.count <= 4 + 2 * 2


def test_a_larger_export_uses_no_more_memory(big):
    few, some_bytes = big.export(Selection(prefix="CODE-0001"))
    many, more_bytes = big.export(Selection(prefix="CODE-00"))
    assert (few, many) == (1_000, MANY)
    assert more_bytes < some_bytes * 2
