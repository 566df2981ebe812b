"""What CyberSource knows under a code is told row by row, for a person to read."""

from core.money import Money
from core.payments.gateway import Captured
from coursetill_testing.contracts.gateway_world import DUE, START, a_refund, an_attempt
from tests.adapters.cybersource.payments.test_transaction_search import row


def test_a_payment_is_shown_with_the_state_of_its_money(shop):
    paid = shop.paid(an_attempt())
    shop.clock.advance(seconds=6)
    (transaction,) = shop.gateway.transactions(an_attempt().reference)
    assert isinstance(paid, Captured)
    assert transaction.gateway_id == paid.gateway_id
    assert (transaction.kind, transaction.outcome, transaction.status) == (
        "payment",
        "accepted",
        "waiting for settlement",
    )
    assert (transaction.amount, transaction.card, transaction.ours) == (DUE, paid.card, "A-1")
    assert transaction.at >= START
    shop.browser.settle()
    assert shop.gateway.transactions(an_attempt().reference)[0].status == "settled"


def test_a_refund_is_found_by_its_own_id(shop):
    paid = shop.paid(an_attempt())
    shop.gateway.refund(a_refund(1, paid.gateway_id, Money.of("10.00")))
    shop.clock.advance(seconds=6)
    (transaction,) = shop.gateway.transactions("R-1")
    assert (transaction.kind, transaction.amount) == ("refund", Money.of("10.00"))


def test_every_attempt_is_listed_oldest_first(shop):
    shop.paid(an_attempt(1), "4000000000002040")
    shop.clock.advance(seconds=1)
    shop.paid(an_attempt(2))
    shop.clock.advance(seconds=6)
    found = shop.gateway.transactions(an_attempt().reference)
    assert [each.outcome for each in found] == ["declined", "accepted"]
    assert found[0].reason == "INSUFFICIENT_FUND"


def test_an_unknown_reference_gives_an_empty_list(shop):
    assert shop.gateway.transactions("CT-NONE") == ()


def test_rows_of_another_reference_are_left_out(shop):
    rows = [row(1), row(2, order="CT-ANOTHER")]
    shop.browser.answers("searches", 201, {"_embedded": {"transactionSummaries": rows}})
    assert len(shop.gateway.transactions(an_attempt().reference)) == 1


def test_a_row_with_late_details_is_shown_without_them(shop):
    shop.browser.answers("searches", 201, {"_embedded": {"transactionSummaries": [row(1)]}})
    shop.browser.answers("details", 404, {"message": "The requested resource does not exist"})
    (transaction,) = shop.gateway.transactions(an_attempt().reference)
    assert (transaction.outcome, transaction.status) == ("accepted", "")


def test_an_unlisted_status_is_shown_as_unclear(shop):
    rows = [row(1, code="999", services=("ics_strange",))]
    shop.browser.answers("searches", 201, {"_embedded": {"transactionSummaries": rows}})
    (transaction,) = shop.gateway.transactions(an_attempt().reference)
    assert (transaction.kind, transaction.outcome, transaction.reason) == (
        "other",
        "unclear",
        "999",
    )
