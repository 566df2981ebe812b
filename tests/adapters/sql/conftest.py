"""A shop with one of everything in a database of each kind."""

import pytest

from adapters.sql.engine import open_engine
from adapters.sql.unit_of_work import SqlShop
from coursetill_testing.contracts.samples import (
    a_plain_attempt,
    a_plain_order,
    a_plain_run,
    a_transaction,
    an_entry,
    changing,
    some_news,
)


@pytest.fixture
def with_one_of_each(database_url):
    engine = open_engine(database_url)
    with changing(SqlShop(engine).begin) as work:
        work.products.add([a_plain_run()])
        work.orders.add(a_plain_order(news=(some_news(),)))
        work.attempts.add(a_plain_attempt())
        work.transactions.add(a_transaction())
        work.audit_log.add([an_entry()])
    engine.dispose()
