"""The contract of the collection of attempts."""

from datetime import timedelta

import attrs
import pytest

from core.order_reference import Reference
from core.payments.attempt import (
    AttemptHasChanged,
    AttemptId,
    AttemptState,
    PaidOrUsedBefore,
    PaymentFlow,
    UnknownAttempt,
)
from coursetill_testing.contracts.samples import (
    ACCOUNT,
    ELSEWHERE,
    NOW,
    OTHER_ACCOUNT,
    a_plain_attempt,
    a_plain_order,
    an_attempt,
    changing,
    hours,
)

SECOND = timedelta(seconds=1)


@pytest.fixture
def ordered(shop):
    """A shop with two orders."""
    with changing(shop.begin) as work:
        work.orders.add(a_plain_order("SHOP-1"))
        work.orders.add(a_plain_order("SHOP-2"))
    return shop


def kept(shop, *attempts):
    with changing(shop.begin) as work:
        for attempt in attempts:
            work.attempts.add(attempt)


def save(shop, attempt):
    with changing(shop.begin) as work:
        work.attempts.save(attempt)


@pytest.mark.parametrize("attempt", [an_attempt(), a_plain_attempt()], ids=["full", "plain"])
def test_an_attempt_is_read_back_unchanged(ordered, attempt):
    kept(ordered, attempt)
    with ordered.read() as work:
        assert work.attempts.get(AttemptId("PAY-1")) == attempt


def test_an_unknown_attempt_is_absent(ordered):
    with ordered.read() as work, pytest.raises(UnknownAttempt):
        work.attempts.get(AttemptId("PAY-1"))


def test_a_changed_attempt_is_stored(ordered):
    kept(ordered, a_plain_attempt())
    plain = a_plain_attempt()
    same = {"amount": plain.amount, "opened_at": NOW, "account": ACCOUNT, "flow": plain.flow}
    changed = attrs.evolve(an_attempt(), **same, version=0)
    save(ordered, changed)
    with ordered.read() as work:
        assert work.attempts.get(AttemptId("PAY-1")) == attrs.evolve(changed, version=1)


def test_the_subject_of_an_attempt_never_changes(ordered):
    kept(ordered, an_attempt())
    other = attrs.evolve(
        an_attempt(),
        reference=Reference("SHOP-2"),
        amount=a_plain_attempt().amount,
        opened_at=NOW,
        account=ACCOUNT,
        flow=a_plain_attempt().flow,
    )
    save(ordered, other)
    with ordered.read() as work:
        assert work.attempts.get(AttemptId("PAY-1")) == attrs.evolve(an_attempt(), version=4)


def test_the_attempts_of_an_order_are_sorted_oldest_first(ordered):
    kept(
        ordered,
        a_plain_attempt("PAY-2"),
        a_plain_attempt("PAY-1"),
        a_plain_attempt("PAY-3", opened_at=ELSEWHERE),
        a_plain_attempt("PAY-0", reference=Reference("SHOP-2")),
    )
    with ordered.read() as work:
        assert [a.id for a in work.attempts.of("SHOP-1")] == ["PAY-3", "PAY-1", "PAY-2"]
        assert work.attempts.of("SHOP-9") == ()


def test_an_attempt_for_an_unknown_order_is_a_fault(shop):
    with shop.begin() as work, pytest.raises(ValueError):
        work.attempts.add(a_plain_attempt())


def test_an_attempt_id_is_used_once(ordered):
    kept(ordered, a_plain_attempt())
    with pytest.raises(PaidOrUsedBefore):
        kept(ordered, a_plain_attempt(reference=Reference("SHOP-2")))


def test_a_stale_attempt_cannot_be_saved(ordered):
    kept(ordered, a_plain_attempt())
    save(ordered, a_plain_attempt().with_form({"a": "b"}, NOW + hours(1)))
    with pytest.raises(AttemptHasChanged):
        save(ordered, a_plain_attempt().with_form({"c": "d"}, NOW + hours(1)))
    with ordered.read() as work:
        assert work.attempts.get(AttemptId("PAY-1")).session == {"a": "b"}


@pytest.mark.parametrize("flow", PaymentFlow)
def test_an_attempt_keeps_where_its_learner_pays(ordered, flow):
    kept(ordered, a_plain_attempt(flow=flow))
    save(ordered, a_plain_attempt(flow=flow).with_form({}, NOW + hours(1)))
    with ordered.read() as work:
        assert work.attempts.get(AttemptId("PAY-1")).flow is flow


def test_a_token_pays_once(ordered):
    kept(ordered, a_plain_attempt("PAY-1"), a_plain_attempt("PAY-2", reference=Reference("SHOP-2")))
    save(ordered, a_plain_attempt("PAY-1").sent("token", at=NOW, next_enquiry_at=NOW))
    second = a_plain_attempt("PAY-2").sent("token", at=NOW, next_enquiry_at=NOW)
    with pytest.raises(PaidOrUsedBefore):
        save(ordered, second)
    with pytest.raises(PaidOrUsedBefore):
        kept(ordered, a_plain_attempt("PAY-3", token="token"))


def test_the_same_token_in_two_accounts_is_two_tokens(ordered):
    kept(ordered, a_plain_attempt("PAY-1", token="token"))
    kept(ordered, a_plain_attempt("PAY-2", token="token", account=OTHER_ACCOUNT))
    with ordered.read() as work:
        assert work.attempts.get(AttemptId("PAY-2")).token == "token"


def test_an_order_is_captured_once(ordered):
    kept(
        ordered,
        a_plain_attempt("PAY-1"),
        a_plain_attempt("PAY-2"),
        a_plain_attempt("PAY-3", reference=Reference("SHOP-2")),
    )
    save(ordered, a_plain_attempt("PAY-1").moved_to(AttemptState.CAPTURED))
    save(ordered, a_plain_attempt("PAY-3").moved_to(AttemptState.CAPTURED))
    with pytest.raises(PaidOrUsedBefore):
        save(ordered, a_plain_attempt("PAY-2").moved_to(AttemptState.CAPTURED))
    save(ordered, a_plain_attempt("PAY-2").moved_to(AttemptState.OVERPAID, "paid twice"))
    with ordered.read() as work:
        states = [attempt.state for attempt in work.attempts.of("SHOP-1")]
    assert states == [AttemptState.CAPTURED, AttemptState.OVERPAID]


@pytest.mark.parametrize("next_enquiry_at", [None, NOW])
@pytest.mark.parametrize("state", AttemptState)
def test_an_attempt_with_an_enquiry_time_is_due_in_any_state(ordered, state, next_enquiry_at):
    kept(ordered, a_plain_attempt(state=state, next_enquiry_at=next_enquiry_at))
    with ordered.read() as work:
        assert bool(work.attempts.due_for_enquiry(NOW, 10)) is (next_enquiry_at is not None)


def test_due_attempts_are_sorted_longest_waiting_first(ordered):
    doubt = {"state": AttemptState.UNKNOWN}
    kept(
        ordered,
        a_plain_attempt("PAY-1", next_enquiry_at=NOW, **doubt),
        a_plain_attempt("PAY-2", next_enquiry_at=NOW + SECOND, **doubt),
        a_plain_attempt("PAY-3", next_enquiry_at=ELSEWHERE, reference=Reference("SHOP-2"), **doubt),
        a_plain_attempt("PAY-4", next_enquiry_at=None, **doubt),
        a_plain_attempt("PAY-0", next_enquiry_at=NOW, **doubt),
    )
    with ordered.read() as work:
        due = [attempt.id for attempt in work.attempts.due_for_enquiry(NOW, 10)]
        assert due == ["PAY-3", "PAY-0", "PAY-1"]
        assert [attempt.id for attempt in work.attempts.due_for_enquiry(NOW, 2)] == due[:2]
