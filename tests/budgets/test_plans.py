"""No question and no change reads more, the more has happened in the shop: each has its index."""

import re
from contextlib import contextmanager

import pytest
from sqlalchemy import event

from adapters.sql.tables import metadata
from adapters.sql.unit_of_work import SqlShop
from core.audit_log import AuditSearch, Subject
from core.discounts.discount import DiscountSearch
from core.identity import Actor
from core.messaging.outbox import OutboxSearch, Receiver
from core.money import Money
from core.orders.order import OrderSearch
from core.orders.order_state import OrderState
from core.orders.refund_request import RefundRequestId, RefundRequestSearch, RefundRequestState
from core.payments.attempt import AttemptState
from core.payments.refund import RefundState
from core.products.product import CourseId, Sku
from coursetill_testing.contracts.samples import (
    ADA,
    NOW,
    a_basket,
    a_plain_attempt,
    a_plain_discount,
    a_plain_order,
    a_plain_refund,
    a_plain_request,
    a_plain_run,
    a_transaction,
    an_entry,
    an_event_of,
    changing,
)

# The catalogue is searched by parts of words, and has some hundreds of products.
MAY_BE_READ_WHOLE = {"products"}


@pytest.fixture
def shop(engine):
    """A shop with one of everything."""
    shop = SqlShop(engine)
    with changing(shop.begin) as work:
        work.products.add([a_plain_run()])
        work.baskets.save(a_basket())
        work.orders.add(a_plain_order())
        work.discounts.add(a_plain_discount())
        work.redemptions.reserve([a_plain_discount()], "SHOP-1", ADA.id, NOW)
        work.attempts.add(a_plain_attempt())
        work.transactions.add(a_transaction())
        work.refunds.add(a_plain_refund())
        work.refund_requests.add(a_plain_request())
        work.outbox.add([an_event_of("SHOP-1", "e-1")])
        work.audit_log.add([an_entry()])
    return shop


QUESTIONS = {
    "products.among": lambda work: work.products.among([Sku("plain"), Sku("other")]),
    "products.runs_of": lambda work: work.products.runs_of([CourseId("A"), CourseId("B")]),
    "products.programs_with": lambda work: work.products.programs_with([CourseId("A")]),
    "products.prices": lambda work: work.products.prices(Sku("plain")),
    "products.following": lambda work: work.products.following(Sku("plain"), 10),
    "baskets.of": lambda work: work.baskets.of(ADA),
    "orders.get": lambda work: work.orders.get("SHOP-1"),
    "orders.search": lambda work: work.orders.search(OrderSearch()),
    "orders.search, next page": lambda work: work.orders.search(
        OrderSearch(before=(NOW, "SHOP-1"))
    ),
    "orders.search, of a learner": lambda work: work.orders.search(OrderSearch(learner=ADA.id)),
    "orders.search, in a state": lambda work: work.orders.search(
        OrderSearch(state=OrderState.PAID)
    ),
    "orders.search, flagged": lambda work: work.orders.search(OrderSearch(attention=True)),
    "orders.search, by e-mail": lambda work: work.orders.search(OrderSearch(email="a@b.org")),
    "orders.search, by sku": lambda work: work.orders.search(OrderSearch(sku=Sku("plain"))),
    "orders.search, by card": lambda work: work.orders.search(OrderSearch(card="1111")),
    "orders.search, by transaction": lambda work: work.orders.search(OrderSearch(transaction="1")),
    "orders.search, by source": lambda work: work.orders.search(OrderSearch(lowered_by="aid")),
    "orders.search, by all": lambda work: work.orders.search(
        OrderSearch(
            ADA.id, OrderState.PAID, email="a@b.org", sku=Sku("plain"), card="1111", transaction="1"
        )
    ),
    "orders.search, by day": lambda work: work.orders.search(
        OrderSearch(placed_from=NOW, placed_until=NOW)
    ),
    "orders.standing": lambda work: work.orders.standing(ADA.id, "press"),
    "orders.owned": lambda work: work.orders.owned(ADA.id, [Sku("plain"), Sku("other")]),
    "orders.reserved": lambda work: work.orders.reserved(Sku("plain")),
    "orders.overdue": lambda work: work.orders.overdue(NOW, 10),
    "orders.history": lambda work: work.orders.history("SHOP-1"),
    "discounts.get": lambda work: work.discounts.get(a_plain_discount().code),
    "discounts.offered": lambda work: work.discounts.offered([a_plain_discount().code], ADA, NOW),
    "discounts.search": lambda work: work.discounts.search(DiscountSearch()),
    "redemptions.of": lambda work: work.redemptions.of("SHOP-1"),
    "attempts.get": lambda work: work.attempts.get("PAY-1"),
    "attempts.of": lambda work: work.attempts.of("SHOP-1"),
    "attempts.due_for_enquiry": lambda work: work.attempts.due_for_enquiry(NOW, 10),
    "transactions.of": lambda work: work.transactions.of("SHOP-1"),
    "refunds.get": lambda work: work.refunds.get("RFD-1"),
    "refunds.of": lambda work: work.refunds.of("SHOP-1"),
    "refunds.to_send": lambda work: work.refunds.to_send(NOW, 10),
    "journal.search, about a thing": lambda work: work.audit_log.search(
        AuditSearch(Subject.product("run-1"), after=9)
    ),
    "journal.search, by somebody": lambda work: work.audit_log.search(AuditSearch(by="Zoë")),
    "refund_requests.of": lambda work: work.refund_requests.of("SHOP-1"),
    "refund_requests.get": lambda work: work.refund_requests.get("q-1"),
    "refund_requests.search": lambda work: work.refund_requests.search(RefundRequestSearch()),
    "refund_requests.search, open": lambda work: work.refund_requests.search(
        RefundRequestSearch(state=RefundRequestState.OPEN)
    ),
    "refund_requests.search, next page": lambda work: work.refund_requests.search(
        RefundRequestSearch(after=(NOW, RefundRequestId("q-1")))
    ),
    "outbox.search, of an order": lambda work: work.outbox.search(OutboxSearch("SHOP-1")),
    "outbox.search, given up": lambda work: work.outbox.search(OutboxSearch(state="given up")),
    "outbox.search, waiting": lambda work: work.outbox.search(OutboxSearch(state="waiting")),
}
CHANGES = {
    "products.save": lambda work: work.products.save([a_plain_run().repriced(Money(7), NOW)]),
    "products.take_seats": lambda work: work.products.take_seats([Sku("plain")]),
    "baskets.save": lambda work: work.baskets.save(work.baskets.of(ADA).emptied()),
    "orders.save": lambda work: work.orders.save(
        a_plain_order().moved_to(OrderState.PAID, at=NOW, by=Actor.staff("Zoë"), why="")
    ),
    "discounts.assign": lambda work: work.discounts.assign("id-of-SPRING", [ADA.id]),
    "redemptions.redeem": lambda work: work.redemptions.redeem("SHOP-1", NOW),
    "redemptions.release": lambda work: work.redemptions.release("SHOP-1", NOW),
    "attempts.save": lambda work: work.attempts.save(
        a_plain_attempt().moved_to(AttemptState.CAPTURED)
    ),
    "refunds.save": lambda work: work.refunds.save(a_plain_refund().moved_to(RefundState.SENT)),
    "inbox.remove_older": lambda work: work.inbox.remove_older(NOW, 10),
    "refund_requests.save": lambda work: work.refund_requests.save(
        work.refund_requests.get("q-1").denied("no", at=NOW, by=Actor.staff("Zoë"))
    ),
    "outbox.claim": lambda work: work.outbox.claim(Receiver.PLATFORM, NOW, until=NOW, limit=10),
    "outbox.give_up_older": lambda work: work.outbox.give_up_older(Receiver.POST, NOW, at=NOW),
    "outbox.save": lambda work: work.outbox.save(work.outbox.search(OutboxSearch())[0]),
    "outbox.revive": lambda work: work.outbox.revive("e-1", NOW),
}


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_query_scans_no_whole_table(engine, shop, question):
    with shop.read() as work, explained(engine) as read_whole:
        QUESTIONS[question](work)
    assert read_whole <= MAY_BE_READ_WHOLE


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_scans_no_whole_table(engine, shop, change):
    with shop.begin() as work, explained(engine) as read_whole:
        CHANGES[change](work)
    assert read_whole == set()


def test_a_scan_of_a_whole_table_is_found(engine, shop):
    with engine.connect() as connection, explained(engine) as read_whole:
        connection.exec_driver_sql("SELECT * FROM orders WHERE fingerprint = 'f00'")
    assert read_whole == {"orders"}


@contextmanager
def explained(engine):
    """The tables that the statements of the block read from end to end, where any."""
    read_whole = set()

    def explain(connection, cursor, statement, parameters, context, executemany):
        if not re.match("SELECT|UPDATE|DELETE|INSERT.*SELECT", statement, re.DOTALL):
            return
        one = parameters[0] if executemany else parameters
        asking = connection.connection.cursor()
        if engine.dialect.name == "sqlite":
            asking.execute(f"EXPLAIN QUERY PLAN {statement}", one)
            plan = [row[3] for row in asking.fetchall()]
            # With an index it is read in order, and only as far as its limit.
            found = (re.match(r"SCAN (\w+)$", step) for step in plan)
        else:
            # Few rows are read fastest from end to end, so the planner is told that it is dear.
            asking.execute("SET LOCAL enable_seqscan = off")
            asking.execute(f"EXPLAIN {statement}", one)
            plan = [row[0] for row in asking.fetchall()]
            found = (re.search(r"Seq Scan on (\w+)", step) for step in plan)
        tables = {match[1] for match in found if match} & set(metadata.tables)
        read_whole.update(tables)

    event.listen(engine, "before_cursor_execute", explain)
    try:
        yield read_whole
    finally:
        event.remove(engine, "before_cursor_execute", explain)
