"""A row that breaks a rule of the core never becomes a thing."""

import pytest
import sqlalchemy as sa

from adapters.sql.engine import open_engine
from adapters.sql.unit_of_work import SqlShop
from core.order_reference import Reference
from core.payments.attempt import AttemptId
from core.products.product import Sku


@pytest.mark.parametrize(
    ("broken", "read"),
    [
        ("UPDATE products SET title = ''", lambda work: work.products.get(Sku("plain"))),
        ("UPDATE orders SET state = 'sold'", lambda work: work.orders.get(Reference("SHOP-1"))),
        (
            "UPDATE attempts SET state = 'gone'",
            lambda work: work.attempts.get(AttemptId("PAY-1")),
        ),
    ],
)
def test_a_row_that_breaks_a_rule_raises_on_read(with_one_of_each, database_url, broken, read):
    engine = open_engine(database_url)
    try:
        with SqlShop(engine).read() as work:
            assert read(work)
        with engine.begin() as connection:
            connection.execute(sa.text(broken))
        with SqlShop(engine).read() as work, pytest.raises(ValueError):  # noqa: PT011
            read(work)
    finally:
        engine.dispose()
