"""A shop with as many discounts and uses of them as one likes, and what it costs to work in it.

`python -m tests.budgets.scale` (or `make bench`) tells it of a million of each on PostgreSQL.
"""

from __future__ import annotations

import argparse
import io
import re
import sys
import time
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import attrs
import sqlalchemy as sa
from sqlalchemy import Engine, event

from adapters.sql.engine import open_engine
from adapters.sql.migrations import upgrade
from adapters.sql.unit_of_work import SqlShop
from core.discount_code import DiscountCode
from core.discounts.discount import RedemptionType
from core.discounts.selection import Selection
from core.identity import Actor, Learner, LearnerId
from core.money import Money
from core.products.product import CourseId, CourseRun, PriceVersion, Product, Sku
from core.use_cases.discounts.bulk_discounts import generate_discounts, pages
from core.use_cases.discounts.create_discount import DiscountDraft
from core.use_cases.discounts.diagnose_code import diagnose_code
from core.use_cases.discounts.import_discounts import row_of
from core.use_cases.shopping.basket import add_to_basket, enter_code, show_basket
from coursetill_testing.databases import running_postgresql
from entrypoints.composition.clock_and_ids import new_code, new_discount_id
from entrypoints.csv_files.discounts import write_discounts
from tests.budgets.counting import count_statements

NOW = datetime(2031, 5, 1, 12, tzinfo=UTC)
ADA = Learner(LearnerId("ada"), "ada@example.org", "Ada", email_verified=True)
RUN = Sku("8.01x-1T2031")
CODE = DiscountCode("CODE-0000007")
PER_ORDER = 10
"""So many codes each order of the filling uses."""

# Dead ones of every kind lie about too: they are to cost nothing.
_FILL = (
    """
    INSERT INTO discounts (id, code, kind, amount, source, redemption_type, overall_limit,
        learner_limit, max_redemptions, payment_type, used, version, batch, expires_at)
    SELECT 'd-' || n, 'CODE-' || lpad(n::text, 7, '0'), 'percent-off', '25',
        CASE WHEN n % 1000 = 1 THEN 'automatic' WHEN n % 100 = 2 THEN 'assigned' ELSE 'typed' END,
        'unlimited', 1000000, 5, 1000000, 'marketing', 1, 1, 'batch-' || n % 100,
        CASE WHEN n % 1000 = 1 OR n % 100 = 2 THEN timestamptz '2031-01-01 00:00:00+00' END
    FROM generate_series(1, :codes) n
    """,
    """
    INSERT INTO discount_assignments (assignee, discount_id)
    SELECT CASE WHEN n < 1000 THEN 'id:ada' ELSE 'id:learner-' || n END, 'd-' || n
    FROM generate_series(2, :codes, 100) n
    """,
    """
    INSERT INTO orders (reference, learner_id, learner_email, learner_name, placed_at, held_until,
        request_key, fingerprint, state, version)
    SELECT 'O-' || n, 'learner-' || n, 'l@example.org', 'L', timestamptz '2031-04-01 00:00+00',
        timestamptz '2031-04-01 00:30+00', 'key-' || n, 'f', 'paid', 1
    FROM generate_series(1, :orders) n
    """,
    """
    INSERT INTO redemptions (discount_id, reference, learner, state, at)
    SELECT 'd-' || n, 'O-' || (n % :orders + 1), 'learner-' || (n % :orders + 1), 'redeemed',
        timestamptz '2031-01-01 00:00+00' + n * interval '10 seconds'
    FROM generate_series(1, :codes) n
    """,
)


@attrs.frozen
class Cost:
    """What doing something once comes to."""

    statements: int
    milliseconds: float
    read_whole: frozenset[str]


@attrs.frozen
class BigShop:
    """A shop on PostgreSQL, and a measuring tape."""

    engine: Engine

    @property
    def shop(self) -> SqlShop:
        return SqlShop(self.engine)

    def stock(self) -> None:
        version = PriceVersion(1, Money(19_999), NOW)
        course = CourseRun(CourseId("course-v1:MITxT+8.01x"))
        run = Product(RUN, "course-v1:MITxT+8.01x+1T2031", "Mechanics", course, version)
        with self.shop.begin() as work:
            work.products.add([run])
            work.commit()

    def fill(self, codes: int) -> None:
        """So many discounts, each used once, and as many uses."""
        with self.engine.begin() as connection:
            connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
            orders = max(codes // PER_ORDER, 1)
            for statement in _FILL:
                connection.execute(sa.text(statement), {"codes": codes, "orders": orders})
        with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("SET statement_timeout = 0")
            connection.exec_driver_sql("VACUUM ANALYZE")

    def deeds(self) -> dict[str, Callable[[], Any]]:
        """What is done every day, and is to cost the same however much there is."""
        shop = self.shop
        begin, read = shop.begin, shop.read
        add_to_basket(ADA, RUN, begin=begin, now=NOW)
        enter_code(ADA, CODE, begin=begin, now=NOW)
        return {
            "entering a code": partial(enter_code, ADA, CODE, begin=begin, now=NOW),
            "pricing a basket": partial(show_basket, ADA, read=read, now=NOW),
            "checking a code": partial(diagnose_code, CODE, ADA, RUN, read=read, now=NOW),
        }

    def cost(self, deed: Callable[[], Any], *, times: int = 30) -> Cost:
        with count_statements(self.engine) as counted, self._read_whole() as read_whole:
            deed()
        took = []
        for _ in range(times):
            before = time.perf_counter()
            deed()
            took.append(time.perf_counter() - before)
        return Cost(counted.count, min(took) * 1000, frozenset(read_whole))

    def generate(self, count: int, batch: str) -> float:
        """How many seconds it takes to make a batch of so many codes."""
        wanted = DiscountDraft(
            "X",
            "percent-off",
            "25",
            batch=batch,
            redemption_type=RedemptionType.ONE_TIME,
            expires_at=NOW + timedelta(days=90),
        )
        before = time.perf_counter()
        generate_discounts(
            wanted,
            count,
            new_code=lambda: new_code("SPRING", 12),
            new_id=new_discount_id,
            by=Actor.staff("bench"),
            why="",
            begin=self.shop.begin,
            now=NOW,
        )
        return time.perf_counter() - before

    def export(self, selection: Selection | None) -> tuple[int, int]:
        """How many discounts an export wrote, and its peak of memory in bytes."""
        tracemalloc.start()
        try:
            with self.shop.read() as work:
                rows = (row_of(o.discount) for page in pages(work, selection) for o in page)
                count = write_discounts(rows, _Nowhere())
            return count, tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    @contextmanager
    def _read_whole(self) -> Iterator[set[str]]:
        """The tables with many rows that are read from end to end within the block."""
        found: set[str] = set()

        def explain(
            connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any
        ) -> None:
            if statement.lstrip().startswith(("SELECT", "UPDATE")):
                asking = connection.connection.cursor()
                asking.execute(f"EXPLAIN {statement}", parameters)
                plan = "\n".join(row[0] for row in asking.fetchall())
                found.update(re.findall(r"Seq Scan on (discounts|redemptions|orders)", plan))

        event.listen(self.engine, "before_cursor_execute", explain)
        try:
            yield found
        finally:
            event.remove(self.engine, "before_cursor_execute", explain)


class _Nowhere(io.StringIO):
    """Keeps nothing of what is written."""

    def write(self, text: str, /) -> int:
        return len(text)


def main() -> None:
    """Tell what everything costs with ten and with many."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--codes", type=int, default=1_000_000)
    asked.add_argument("--generate", type=int, default=100_000)
    options = asked.parse_args()
    with running_postgresql(Path("build/logs/postgresql-bench.log")) as server:
        for codes in (10, options.codes):
            with server.database() as name:
                upgrade(server.url(name))
                shop = BigShop(open_engine(server.url(name)))
                shop.stock()
                shop.fill(codes)
                _tell(shop, codes, options.generate)
                shop.engine.dispose()


def _tell(shop: BigShop, codes: int, generated: int) -> None:
    out = sys.stdout
    out.write(f"With {codes:,} discounts and {codes:,} uses\n")
    for name, deed in shop.deeds().items():
        cost = shop.cost(deed)
        whole = f", reads all of {', '.join(cost.read_whole)}" if cost.read_whole else ""
        told = f"{cost.milliseconds:6.2f} ms, {cost.statements} statements{whole}"
        out.write(f"  {name:<28} {told}\n")
    took = shop.generate(generated, "bench")
    out.write(f"  {'generating ' + format(generated, ',') + ' codes':<28} {took:6.2f} s\n")
    count, peak = shop.export(None)
    out.write(f"  {'exporting ' + format(count, ','):<28} {peak / 1e6:6.2f} MB at most\n")


if __name__ == "__main__":
    main()
