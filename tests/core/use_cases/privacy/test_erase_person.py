"""Erasing a person: preconditions, kept records, and a return as a new learner."""

import pytest

from core.audit_log import AuditSearch, ReasonIsMissing
from core.messaging.outbox import OutboxSearch
from core.orders.order_state import OrderState
from core.payments.gateway import Declined, InReview, RefundFailed, RefundSettled, Unknown
from core.privacy.personal_data import Erasure, Person
from core.use_cases.privacy.erase_person import (
    OrdersUnderWay,
    check_erasable,
    erase_person,
    held_data,
)
from coursetill_testing.makers import ADA, BOB, CLERK, usd
from coursetill_testing.till import stocked

SKU = "6.86x-1T2027"


@pytest.fixture
def till():
    return stocked()


def forgets(till, who=ADA.id, why="asked by letter"):
    return erase_person(who, f"x{till.number()}", by=CLERK, why=why, begin=till.begin, now=till.now)


def test_the_books_are_kept_under_an_anonymous_id(till):
    order = till.buys(SKU)
    held = forgets(till)
    kept = till.order(order.reference)
    assert held.holdings.orders == (order.reference,)
    assert kept.learner.id.startswith("forgotten-x")
    assert (kept.learner.email, kept.learner.name) == ("", "")
    assert (kept.total, kept.state, kept.lines) == (usd("39.33"), OrderState.PAID, order.lines)


def test_a_second_erasure_finds_and_writes_nothing(till):
    till.buys(SKU)
    forgets(till)
    assert not forgets(till).holdings
    assert not forgets(till, ADA.email).holdings
    with till.read() as work:
        entries = work.audit_log.search(AuditSearch())
    assert [(entry.what, entry.why) for entry in entries] == [
        ("forgotten: 1 order kept without a name", "asked by letter")
    ]


def test_a_person_known_only_to_an_extension_is_journalled_without_a_name(till):
    erase_person(
        "eva@example.org",
        "x1",
        extensions=["vouchers"],
        by=CLERK,
        why="eva@example.org asked",
        begin=till.begin,
        now=till.now,
    )
    with till.read() as work:
        [entry] = work.audit_log.search(AuditSearch())
    assert entry.what == "forgotten: no orders kept without a name, what vouchers kept is gone"
    assert (entry.subject.id, entry.why) == ("forgotten-x1", "[erased] asked")


def test_undelivered_events_are_counted_before_they_are_abandoned(till):
    till.buys(SKU)
    waiting = forgets(till).holdings.untold
    with till.read() as work:
        given_up = [entry.state for entry in work.outbox.search(OutboxSearch())]
    assert given_up == ["given up"] * waiting
    assert waiting > 0


def test_the_journal_does_not_name_the_erased_person(till):
    till.buys(SKU)
    forgets(till, why=f"{ADA.name} asked from {ADA.email}")
    with till.read() as work:
        [entry] = work.audit_log.search(AuditSearch())
    assert entry.why == "[erased] asked from [erased]"
    assert entry.subject.id.startswith("forgotten-x")


def test_an_erased_person_who_returns_is_a_new_learner(till):
    till.buys(SKU)
    forgets(till)
    again = till.buys(SKU)
    assert again.state is OrderState.PAID
    held = held_data(ADA.id, read=till.read)
    assert held.holdings.orders == (again.reference,)


def test_erasure_affects_no_other_person(till):
    till.buys(SKU)
    bobs = till.buys(SKU, by=BOB)
    forgets(till)
    assert till.order(bobs.reference) == bobs


def test_erasure_requires_a_reason(till):
    order = till.buys(SKU)
    with pytest.raises(ReasonIsMissing):
        forgets(till, why=" ")
    assert till.order(order.reference).learner == ADA


def pending(till):
    return till.checks_out(SKU)


def in_review(till):
    return till.pays(till.checks_out(SKU), InReview("g", "looked at"))


def in_the_dark(till):
    return till.pays(till.checks_out(SKU), Unknown("lost"))


def being_refunded(till):
    order = till.buys(SKU)
    till.refunds(order)
    return order


def refund_unknown(till):
    order = till.buys(SKU)
    till.gateway.refunds_next(Unknown("lost"))
    till.refunds(order)
    return order


@pytest.mark.parametrize("open_", [pending, in_review, in_the_dark, being_refunded, refund_unknown])
def test_an_unfinished_order_blocks_erasure(till, open_):
    order = open_(till)
    with pytest.raises(OrdersUnderWay, match=order.reference):
        check_erasable(ADA.id, read=till.read)
    with pytest.raises(OrdersUnderWay):
        forgets(till)
    assert till.order(order.reference).learner == ADA


@pytest.mark.parametrize("end", [RefundSettled("g-1"), RefundFailed("closed")])
def test_an_ended_refund_does_not_block_erasure(till, end):
    order = being_refunded(till)
    till.hears_of_refund(till.refunds_of(order)[0], end)
    forgets(till)
    assert till.order(order.reference).learner.name == ""


def test_an_expired_order_does_not_block_erasure(till):
    order = till.pays(till.checks_out(SKU), Declined("no money"))
    till.cancels(order)
    forgets(till)
    assert till.order(order.reference).learner.name == ""


@pytest.mark.parametrize(
    ("text", "erased"),
    [
        ("Eva Curie called", "[erased] called"),
        ("EVA CURIE, eva@x.org", "[erased], [erased]"),
        ("evangeline@x.org", "evangeline@x.org"),
        ("refund of $1.01 requested", "refund of $1.01 requested"),
        ("id eva-7: eva-77", "id [erased]: eva-77"),
        ("Jo likes jokes", "Jo likes jokes"),
    ],
)
def test_names_are_replaced_as_whole_words(text, erased):
    person = Person(("eva-7",), ("eva@x.org",), ("Eva Curie", "Jo"))
    assert Erasure(person, {}).text(text) == erased
