"""The contract of the collection of refunds."""

from datetime import timedelta

import attrs
import pytest

from core.identity import TIMER, Actor
from core.order_reference import Reference
from core.payments.attempt import AttemptId
from core.payments.refund import (
    RefundExists,
    RefundHasChanged,
    RefundId,
    RefundState,
    UnknownRefund,
)
from coursetill_testing.contracts.samples import (
    ADA,
    BOB,
    ELSEWHERE,
    NOW,
    a_plain_attempt,
    a_plain_order,
    a_plain_refund,
    a_refund,
    changing,
    hours,
)

SECOND = timedelta(seconds=1)


@pytest.fixture
def paid(shop):
    """A shop with two orders, and an attempt for each."""
    with changing(shop.begin) as work:
        for number in (1, 2):
            reference = Reference(f"SHOP-{number}")
            work.orders.add(a_plain_order(reference))
            work.attempts.add(a_plain_attempt(f"PAY-{number}", reference=reference))
    return shop


def kept(shop, *refunds):
    with changing(shop.begin) as work:
        for refund in refunds:
            work.refunds.add(refund)


def save(shop, refund):
    with changing(shop.begin) as work:
        work.refunds.save(refund)


@pytest.mark.parametrize("refund", [a_refund(), a_plain_refund()], ids=["full", "plain"])
def test_a_refund_is_read_back_unchanged(paid, refund):
    kept(paid, refund)
    with paid.read() as work:
        assert work.refunds.get(RefundId("RFD-1")) == refund
        assert work.refunds.of(Reference("SHOP-1")) == (refund,)


@pytest.mark.parametrize("by", [Actor.learner(BOB.id), Actor.staff("Zoë"), TIMER])
def test_a_refund_stores_its_actor(paid, by):
    kept(paid, a_plain_refund(by=by))
    with paid.read() as work:
        assert work.refunds.get(RefundId("RFD-1")).by == by


def test_an_unknown_refund_is_absent(paid):
    with paid.read() as work, pytest.raises(UnknownRefund):
        work.refunds.get(RefundId("RFD-1"))


def test_a_changed_refund_is_stored_and_its_amount_and_lines_never_change(paid):
    kept(paid, a_plain_refund())
    save(paid, attrs.evolve(a_refund(), version=0))
    full = a_refund()
    expected = a_plain_refund(
        state=full.state,
        gateway_id=full.gateway_id,
        outcome=full.outcome,
        sent_at=full.sent_at,
        next_enquiry_at=full.next_enquiry_at,
        enquiries=full.enquiries,
        version=1,
    )
    with paid.read() as work:
        assert work.refunds.get(RefundId("RFD-1")) == expected


def test_the_refunds_of_an_order_are_sorted_oldest_first(paid):
    kept(
        paid,
        a_plain_refund("RFD-2"),
        a_plain_refund("RFD-1"),
        a_plain_refund("RFD-3", requested_at=ELSEWHERE, by=Actor.learner(ADA.id)),
        a_plain_refund("RFD-0", reference=Reference("SHOP-2"), attempt=AttemptId("PAY-2")),
    )
    with paid.read() as work:
        assert [r.id for r in work.refunds.of("SHOP-1")] == ["RFD-3", "RFD-1", "RFD-2"]
        assert work.refunds.of("SHOP-9") == ()


def test_a_refund_id_is_used_once(paid):
    kept(paid, a_plain_refund())
    with pytest.raises(RefundExists):
        kept(paid, a_refund())


@pytest.mark.parametrize(
    "nowhere", [{"reference": Reference("SHOP-9")}, {"attempt": AttemptId("PAY-9")}]
)
def test_a_refund_of_an_unknown_order_or_attempt_is_a_fault(paid, nowhere):
    with pytest.raises(ValueError):
        kept(paid, a_plain_refund(**nowhere))


def test_a_stale_refund_cannot_be_saved(paid):
    kept(paid, a_plain_refund())
    save(paid, a_plain_refund().moved_to(RefundState.SENT))
    with pytest.raises(RefundHasChanged):
        save(paid, a_plain_refund().moved_to(RefundState.SENT, gateway_id="mine"))
    with paid.read() as work:
        assert work.refunds.get(RefundId("RFD-1")).gateway_id is None


@pytest.mark.parametrize(
    ("state", "next_enquiry_at", "due"),
    [
        (RefundState.REQUESTED, None, True),
        (RefundState.REQUESTED, NOW, True),
        (RefundState.SENT, NOW, True),
        (RefundState.REQUESTED, NOW + SECOND, False),
        (RefundState.SENT, NOW + SECOND, False),
        (RefundState.SENT, None, False),
        (RefundState.UNKNOWN, NOW, True),
        (RefundState.UNKNOWN, None, False),
        (RefundState.SETTLED, NOW, False),
        (RefundState.FAILED, NOW, False),
    ],
)
def test_refunds_to_send_are_requested_or_due_for_an_enquiry(paid, state, next_enquiry_at, due):
    kept(paid, a_plain_refund(state=state, next_enquiry_at=next_enquiry_at))
    with paid.read() as work:
        assert bool(work.refunds.to_send(NOW, 10)) is due


def test_refunds_to_send_are_sorted_oldest_first(paid):
    kept(
        paid,
        a_plain_refund("RFD-2"),
        a_plain_refund(
            "RFD-3", requested_at=NOW - hours(1), state=RefundState.SENT, next_enquiry_at=NOW
        ),
        a_plain_refund("RFD-1"),
    )
    with paid.read() as work:
        assert [r.id for r in work.refunds.to_send(NOW, 10)] == ["RFD-3", "RFD-1", "RFD-2"]
        assert [r.id for r in work.refunds.to_send(NOW, 1)] == ["RFD-3"]
