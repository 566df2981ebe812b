"""Refund requests of learners, and the decisions of staff."""

from datetime import timedelta

import attrs
import pytest

from core.audit_log import ReasonIsMissing
from core.errors import Refused
from core.identity import Actor
from core.orders.line import Fulfilment
from core.orders.order import UnknownLine, UnknownOrder
from core.orders.order_state import OrderState
from core.orders.refund_policy import (
    GivenBackAlready,
    RefundPolicy,
    RefundsAreNotAskedFor,
    TooLateForARefund,
)
from core.orders.refund_request import (
    LONGEST_REASON,
    RefundRequestId,
    RefundRequestIsAnswered,
    RefundRequestState,
)
from core.payments.refund import RefundId, RefundState
from core.use_cases.jobs.maintenance import run_maintenance
from core.use_cases.order_lifecycle.order_details import order_details
from core.use_cases.refunds.issue_refund import LineIsRefunded, NothingToRefund
from core.use_cases.refunds.refund_requests import (
    ChooseWhat,
    ConsentIsMissing,
    NothingToAskFor,
    RefundApplication,
    RequestIsOpen,
    SayWhy,
    approve_request,
    deny_request,
    file_request,
    preview_approval,
    refund_eligibility,
    request_text,
)
from coursetill_testing.makers import ADA, BOB, CLERK, DAY, HOUR, line, run, usd

OLD, NEW = "old-1T2026", "6.86x-1T2027"
EVE = Actor.staff("eve")
WEEK = RefundPolicy()
SECOND = timedelta(seconds=1)


@pytest.fixture
def order(till):
    """Bought now: a run that has started, and one that starts in 60 days."""
    started = run(OLD, "19.99")
    sells = attrs.evolve(started.sells, starts_at=till.now - DAY)
    till.sells(attrs.evolve(started, sells=sells))
    return till.buys(OLD, NEW)


def asks(till, order, *positions, reason="not for me", by=ADA, policy=WEEK, **more):
    asked = RefundApplication(
        RefundRequestId(more.get("id", f"q-{till.number()}")),
        positions or (1, 2),
        reason,
        more.get("consent", True),
    )
    return file_request(
        order.reference, by.id, asked, policy=policy, begin=till.begin, now=till.now
    )


def approves(till, request, *, by=CLERK, answer="", named=None):
    return approve_request(
        request.id,
        answer,
        refund_id=RefundId(named or f"R{till.number()}"),
        staff=by,
        begin=till.begin,
        gateway=till.gateway,
        now=till.now,
    )


def denies(till, request, answer="the run is over", by=CLERK):
    return deny_request(request.id, answer, staff=by, begin=till.begin, now=till.now)


def now_is(till, request):
    with till.read() as work:
        return work.refund_requests.get(request.id)


def offered(till, order, policy=WEEK):
    with till.read() as work:
        return refund_eligibility(order_details(work, order.reference), policy, till.now)


# The window.


@pytest.mark.parametrize(
    "starts, days",
    [
        (None, 7),  # As long as nothing is said of a start, the purchase counts.
        (-DAY, 7),
        (timedelta(), 7),
        (DAY, 8),
        (60 * DAY, 67),
    ],
)
def test_the_window_starts_at_the_purchase_or_the_later_course_start(till, starts, days):
    sold = line(1, "10.00", starts_at=None if starts is None else till.now + starts)
    assert WEEK.until(sold, till.now) == till.now + days * DAY


def test_a_program_starts_with_its_first_picked_run(till):
    till.puts("DEDP", "14.310x-1T2027", "14.73x-1T2027")
    order = till.pays(till.checks_out())
    runs = order.lines[0].runs
    assert WEEK.until(order.lines[0], till.now) == min(r.starts_at for r in runs) + 7 * DAY


def test_the_window_excludes_its_end(till, order):
    till.passes(7 * DAY - SECOND)
    assert offered(till, order)[0].why_not is None
    till.passes(SECOND)
    assert isinstance(offered(till, order)[0].why_not, TooLateForARefund)
    assert offered(till, order)[1].why_not is None


def test_a_request_after_the_window_is_refused_with_the_last_day(till, order):
    till.passes(8 * DAY)
    with pytest.raises(TooLateForARefund, match="until 2026-11-29"):
        asks(till, order, 1)
    asks(till, order, 2)


def test_a_shop_without_a_window_accepts_no_requests(till, order):
    never = RefundPolicy(timedelta())
    assert offered(till, order, never) == ()
    with pytest.raises(RefundsAreNotAskedFor):
        asks(till, order, policy=never)


# Filing.


def test_a_request_stores_its_lines_and_adds_a_history_entry(till, order):
    request = asks(till, order, 2, 2, reason="  too hard \n")
    assert (request.positions, request.reason, request.learner) == ((2,), "too hard", ADA.id)
    assert request.state is RefundRequestState.OPEN
    entry = till.history(order)[-1]
    assert (entry.by, entry.why) == (Actor.learner(ADA.id), "refund requested of line 2")
    assert till.order(order.reference).state is OrderState.PAID
    assert till.refunds_of(order) == ()


def test_a_request_for_every_line_is_a_request_for_the_order(till, order):
    request = asks(till, order, 2, 1)
    assert request.positions == ()
    assert request_text(request) == "everything"


def test_a_repeated_request_is_stored_once(till, order):
    first = asks(till, order, 1, id="same")
    assert asks(till, order, 1, id="same") == first
    approves(till, first)
    assert asks(till, order, 1, id="same").state is RefundRequestState.APPROVED


def test_an_order_has_one_open_request_and_another_after_the_decision(till, order):
    request = asks(till, order, 1)
    assert offered(till, order) == ()
    with pytest.raises(RequestIsOpen):
        asks(till, order, 2)
    denies(till, request)
    assert asks(till, order, 2).state is RefundRequestState.OPEN


@pytest.mark.parametrize(
    "more, refusal",
    [
        ({"consent": False}, ConsentIsMissing),
        ({"reason": " \n"}, SayWhy),
        ({"reason": "x" * (LONGEST_REASON + 1)}, SayWhy),
    ],
)
def test_a_request_requires_a_reason_and_consent(till, order, more, refusal):
    with pytest.raises(refusal):
        asks(till, order, **more)
    assert offered(till, order) != ()


def test_a_request_requires_a_choice_of_lines(till, order):
    asked = RefundApplication(RefundRequestId("q"), (), "why", consent=True)
    with pytest.raises(ChooseWhat):
        file_request(order.reference, ADA.id, asked, policy=WEEK, begin=till.begin, now=till.now)


def test_an_order_of_another_learner_cannot_be_requested(till, order):
    with pytest.raises(UnknownOrder):
        asks(till, order, by=BOB)


def test_an_unknown_line_cannot_be_requested(till, order):
    with pytest.raises(UnknownLine):
        asks(till, order, 3)


def test_an_unpaid_or_refunded_line_cannot_be_requested(till, order):
    with pytest.raises(NothingToAskFor, match="state pending"):
        asks(till, till.checks_out("14.73x-1T2027"), 1)
    till.refunds(order, None, 1)
    with pytest.raises(GivenBackAlready):
        asks(till, order, 1)
    till.refunds(order)
    with pytest.raises(NothingToAskFor, match="state refunded"):
        asks(till, order, 2)


# Answering.


def test_an_approval_refunds_and_revokes_the_lines(till, order):
    request = asks(till, order)
    refund = approves(till, request, answer="with pleasure")
    assert (refund.accepted, refund.amount, refund.by) == (True, order.total, CLERK)
    after = till.order(order.reference)
    assert after.state is OrderState.REFUNDED
    assert {each.fulfilment for each in after.lines} == {Fulfilment.REVOKED}
    answered = now_is(till, request)
    assert (answered.state, answered.answered_by, answered.refund) == (
        RefundRequestState.APPROVED,
        CLERK,
        refund.id,
    )
    assert answered.answer == "with pleasure"
    assert till.letters_of(order) == ["letter.receipt", "letter.answer", "letter.refund"]


def test_an_approval_of_a_line_refunds_that_line(till, order):
    refund = approves(till, asks(till, order, 2))
    after = till.order(order.reference)
    assert refund.amount == order.line(2).due
    assert [each.fulfilment for each in after.lines] == [Fulfilment.AWAITING, Fulfilment.REVOKED]


def test_a_preview_of_an_approval_matches_the_approval(till, order):
    request = asks(till, order, 2)
    with till.read() as work:
        planned = preview_approval(work, request)
    assert planned.amount == order.line(2).due
    assert till.refunds_of(order) == ()
    assert approves(till, request).amount == planned.amount


def test_an_approval_refunds_the_remainder_after_a_partial_refund(till, order):
    request = asks(till, order)
    till.refunds(order, usd("10.00"))
    refund = approves(till, request)
    assert refund.amount == order.total - usd("10.00")
    assert till.order(order.reference).state is OrderState.REFUNDED


def test_a_free_line_is_revoked_without_a_gateway(till):
    order = till.checks_out("free-1T2027")
    till.gateway.goes_away()
    request = asks(till, order, 1)
    assert approves(till, request) is None
    assert till.order(order.reference).line(1).fulfilment is Fulfilment.REVOKED
    assert now_is(till, request).refund is None
    assert till.letters_of(order) == ["letter.receipt", "letter.answer"]


def test_a_denial_stores_its_reason_and_changes_nothing_else(till, order):
    request = denies(till, asks(till, order))
    assert (request.state, request.answer) == (RefundRequestState.DENIED, "the run is over")
    assert till.order(order.reference).state is OrderState.PAID
    assert till.refunds_of(order) == ()
    assert till.letters_of(order) == ["letter.receipt", "letter.answer"]
    entry = till.history(order)[-1]
    assert (entry.by, entry.why) == (CLERK, "refund request denied: the run is over")


def test_a_denial_requires_a_reason(till, order):
    request = asks(till, order)
    with pytest.raises(ReasonIsMissing):
        denies(till, request, " ")
    assert now_is(till, request).state is RefundRequestState.OPEN


@pytest.mark.parametrize("first", [approves, denies])
@pytest.mark.parametrize("second", [approves, denies])
def test_a_request_is_decided_once(till, order, first, second):
    request = asks(till, order)
    first(till, request)
    state = now_is(till, request).state
    with pytest.raises(RefundRequestIsAnswered, match=f"state {state.value}, by staff"):
        second(till, request, by=EVE)
    assert len(till.refunds_of(order)) == (1 if first is approves else 0)
    assert till.letters_of(order).count("letter.answer") == 1


def test_a_refused_approval_leaves_the_request_open(till, order):
    request = asks(till, order, 2)
    till.refunds(order, None, 2)
    with pytest.raises(LineIsRefunded):
        approves(till, request)
    till.refunds(order)
    with pytest.raises((NothingToRefund, Refused)):
        approves(till, request)
    assert now_is(till, request).state is RefundRequestState.OPEN
    assert denies(till, request, "it is refunded already").state is RefundRequestState.DENIED


def test_an_approval_during_an_outage_is_executed_later_and_once(till, order):
    request = asks(till, order)
    till.gateway.goes_away()
    refund = approves(till, request)
    assert refund.state is RefundState.UNKNOWN
    assert now_is(till, request).state is RefundRequestState.APPROVED
    till.gateway.comes_back()
    for _ in range(6):
        till.passes(HOUR)
        run_maintenance(begin=till.begin, gateway=till.gateway, now=till.now)
    assert till.gateway.refunded() == order.total
    assert till.order(order.reference).state is OrderState.REFUNDED
