"""The pages of orders: how they stand, receipts, and the history."""

from datetime import timedelta

import attrs
import pytest

from core.change_context import ChangeContext
from core.identity import Actor
from core.messaging.outbox import NotReceived
from core.money import Money
from core.orders.order_state import OrderState
from core.payments.gateway import Captured
from core.use_cases.checkout.cancel_order import end_unpaid_order
from core.use_cases.jobs.deliver_events import deliver_events
from core.use_cases.jobs.maintenance import run_maintenance
from core.use_cases.payments.apply_result import apply_result
from core.use_cases.refunds.issue_refund import RefundSelection, issue_refund
from entrypoints.composition.clock_and_ids import new_refund_id


def refunded(town, reference, **wanted):
    issue_refund(
        reference,
        RefundSelection(**wanted),
        "asked for it",
        refund_id=new_refund_id(),
        staff=Actor.staff("Zoë"),
        begin=town.records.begin,
        gateway=town.gateway,
        now=town.clock(),
    )


class Listener:
    """A receiver that takes every event, or none."""

    def __init__(self, deaf=False):
        self.deaf = deaf

    def receive(self, event, /):
        if self.deaf:
            raise NotReceived("it answered HTTP 503")


def test_an_order_shows_its_reference_and_its_lines(ada):
    reference = ada.orders("STATS-1")
    page = ada.visit(f"/orders/{reference}")
    assert page.h1 == "This order is not paid yet"
    assert reference in page.text
    assert "Pay $39.33" in page.text
    assert "kept until 22 November 2026, 10:00 UTC" in page.text


def test_a_fulfilled_line_shows_that_the_learner_is_enrolled(town, ada):
    reference = ada.orders("STATS-1")
    ada.pays(reference)
    deliver_events(begin=town.records.begin, receiver=Listener(), now=town.clock())
    assert "You are enrolled." in ada.visit(f"/orders/{reference}").text


def test_a_failed_enrolment_leaves_the_order_paid(town, ada):
    reference = ada.orders("STATS-1")
    ada.pays(reference)
    for _ in range(40):
        deliver_events(begin=town.records.begin, receiver=Listener(deaf=True), now=town.clock())
        town.clock.advance(hours=6)
    page = ada.visit(f"/orders/{reference}")
    assert page.h1 == "You have paid $39.33"
    assert "We could not enrol you in this yet" in page.text


def test_an_order_not_paid_in_time_has_expired(town, ada):
    reference = ada.orders("STATS-1")
    town.clock.advance(minutes=31)
    run_maintenance(begin=town.records.begin, gateway=town.gateway, now=town.clock())
    page = ada.visit(f"/orders/{reference}")
    assert page.h1 == "This order has expired"
    assert "Nothing was charged." in page.text
    assert page.links_to("/basket")


def test_a_refunded_late_payment_is_shown(town, ada):
    reference = ada.orders("LAST")
    ada.opens_form(reference)
    attempt = town.attempts(reference)[-1]
    moment = ChangeContext(town.clock(), Actor.staff("Zoë"), "by hand")
    end_unpaid_order(reference, moment, begin=town.records.begin, gateway=town.gateway)
    town.all_seats_go("LAST")
    captured = Captured("gw-late", Money(2000))
    apply_result(attempt.id, captured, begin=town.records.begin, now=town.clock())
    page = ada.visit(f"/orders/{reference}")
    assert page.h1 == "This order is cancelled"
    assert "We give the whole amount back to your card." in page.text
    assert "Nothing was charged" not in page.text


def test_a_partial_refund_shows_its_amount(town, ada):
    reference = ada.orders("STATS-1")
    ada.pays(reference)
    refunded(town, reference, amount=Money(1001))
    page = ada.visit(f"/orders/{reference}")
    assert page.h1 == "Partly refunded: $10.01 of $39.33"
    assert "Refunded so far $10.01" in page.text


def test_a_full_refund_removes_access_and_is_shown(town, ada):
    reference = ada.orders("STATS-1", "MARKUP")
    ada.pays(reference)
    refunded(town, reference)
    page = ada.visit(f"/orders/{reference}")
    assert page.h1 == "This order is refunded: $59.32"
    assert page.text.count("Taken back: you no longer have access to this.") == 2


def test_a_receipt_shows_products_prices_and_the_buyer(town, ada):
    town.discount("WELCOME25", skus=("STATS-1",))
    ada.visit("/basket?code=WELCOME25")
    ada.puts_in("DEDP", **{"run-2": "POVERTY-1"})
    reference = ada.orders("STATS-1")
    town.clock.advance(days=1)
    ada.pays(reference)
    page = ada.visit(f"/orders/{reference}/receipt")
    for told in (
        reference,
        "Ordered 22 November 2026",
        "Paid 23 November 2026",
        "Ada Lovelace ada-lovelace@example.org",
        "c:U+14.310x+1T27 27 January 2027 to 19 May 2027",
        "program-v1:U+DEDP",
        "c:U+14.73x+1T27 27 January 2027 to 19 May 2027",
        "$39.33 Discount −$9.83 25 % off: WELCOME25",
        "Total paid $429.50 USD",
        "Paid with Visa ending in 1111.",
        "The Test Shop",
    ):
        assert told in page.text


def test_a_receipt_is_unaffected_by_later_changes(town, ada):
    reference = ada.orders("STATS-1")
    ada.pays(reference)
    town.changes(
        "STATS-1",
        lambda p: attrs.evolve(p.repriced(Money(1), town.clock()), title="Another Title"),
    )
    page = ada.visit(f"/orders/{reference}/receipt")
    assert "Total paid $39.33 USD" in page.text
    assert "Another Title" not in page.text


def test_a_receipt_lists_the_refunds_so_far(town, ada):
    reference = ada.orders("STATS-1")
    ada.pays(reference)
    town.clock.advance(days=3)
    refunded(town, reference, amount=Money(1001))
    page = ada.visit(f"/orders/{reference}/receipt")
    assert "Refunded 25 November 2026 −$10.01" in page.text
    assert "Paid after refunds $29.32 USD" in page.text


def test_an_unpaid_order_has_no_receipt(ada):
    reference = ada.orders("STATS-1")
    assert ada.visit(f"/orders/{reference}/receipt").location == f"/orders/{reference}"


def test_the_history_is_empty_at_first(ada):
    assert "You have not ordered anything yet" in ada.visit("/orders").text


def test_the_history_lists_only_the_learners_own_orders_newest_first(town, ada):
    first = ada.orders("STATS-1")
    ada.pays(first)
    town.clock.advance(days=1)
    second = ada.orders("MARKUP")
    town.person("Bob").orders("STATS-1")
    page = ada.visit("/orders")
    found = [a["href"] for a in page.all("a") if a["href"].startswith("/orders/")]
    assert found == [f"/orders/{second}", f"/orders/{first}"]
    assert "Not paid yet $19.99" in page.text
    assert "Paid $39.33" in page.text


def test_a_long_history_is_paged_without_a_gap(town, ada):
    template = town.order(ada.orders("STATS-1"))
    with town.records.begin() as work:
        for n in range(44):
            work.orders.add(
                attrs.evolve(
                    template,
                    reference=f"CT-{n:04}",
                    request_key=f"key-{n:08}",
                    state=OrderState.CANCELLED,
                    # Three at each moment, so that pages end in the middle of one.
                    placed_at=template.placed_at - timedelta(days=n // 3, microseconds=7),
                )
            )
        work.commit()
    seen, address = [], "/orders"
    for _ in range(3):
        page = ada.visit(address)
        seen += [a["href"] for a in page.all("a") if a["href"].startswith("/orders/")]
        older = [a["href"] for a in page.all("a") if a.get("rel") == "next"]
        address = older[0] if older else ""
    assert address == ""
    assert len(seen) == len(set(seen)) == 45


@pytest.mark.parametrize("cursor", ["x", "2026-11-22", "2026-11-22T09:30:00", "_CT-1", "9" * 300])
def test_an_invalid_cursor_is_404(ada, cursor):
    assert ada.visit(f"/orders?before={cursor}").status == 404


def test_an_order_address_with_any_reference_is_answered(ada):
    for reference in ("CT-NONE", "x" * 51, "%00", "a%20b", "..%2f", "' OR 1=1"):
        assert ada.visit(f"/orders/{reference}").status == 404
