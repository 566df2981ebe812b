"""What staff do to one order: notes, flags, cancelling, fulfilling and resending again."""

from contextlib import contextmanager

import pytest

from adapters.memory.payment_gateway import MemoryGateway
from core.audit_log import ReasonIsMissing
from core.messaging.outbox import GIVE_UP_AFTER, OutboxSearch, UnknownEvent
from core.order_reference import Reference
from core.orders.history import HistoryEntry
from core.orders.line import Fulfilment
from core.orders.order import UnknownLine, UnknownOrder
from core.orders.order_state import OrderState
from core.payments.attempt import Attempt, AttemptId, AttemptState
from core.payments.gateway import Authorized, Captured, Declined, InReview, Unknown
from core.use_cases.back_office.order_actions import (
    NothingToResolve,
    NotToBeCancelled,
    NotToBeFulfilled,
    add_note,
    cancel_by_staff,
    fulfil_again,
    resend_event,
    resolve_attention,
)
from core.use_cases.payments.enquire import StillChecking
from coursetill_testing.makers import CLERK, DAY, HOUR, usd
from coursetill_testing.till import stocked
from tests.core.overtaken import overtaken

SKU, OTHER = "6.86x-1T2027", "14.310x-1T2027"
NOWHERE = Reference("CT-NOWHERE")


def notes(till, order, text, *, begin=None):
    return add_note(order.reference, text, by=CLERK, begin=begin or till.begin, now=till.now)


def resolves(till, order, why="seen to", *, begin=None):
    return resolve_attention(
        order.reference, by=CLERK, why=why, begin=begin or till.begin, now=till.now
    )


def cancels(till, order, why="the learner rang", *, begin=None):
    return cancel_by_staff(
        order.reference,
        by=CLERK,
        why=why,
        begin=begin or till.begin,
        gateway=till.gateway,
        now=till.now,
    )


def fulfils(till, order, position=1, why="", *, begin=None):
    return fulfil_again(
        order.reference, position, by=CLERK, why=why, begin=begin or till.begin, now=till.now
    )


def resends(till, event, why="", *, begin=None):
    return resend_event(event, by=CLERK, why=why, begin=begin or till.begin, now=till.now)


def annotated_meanwhile(till, order):
    """A Begin in which another clerk's note is saved after the first unit of work has read."""
    return overtaken(till.records, lambda: notes(till, order, "meanwhile"))


def last_entry(till, order) -> HistoryEntry:
    return till.history(order)[-1]


def gives_up_delivering(till):
    till.platform.refuses = "503"
    for _ in range(GIVE_UP_AFTER * 4):
        till.delivers()
        till.passes(DAY)
    till.platform.refuses = None


def requests_of(till, order):
    with till.read() as work:
        entries = work.outbox.search(OutboxSearch(order.reference, limit=1000))
    return [e.event for e in entries if e.event.name.value == "line.fulfilment_requested"]


# Notes


def test_a_note_is_in_the_history_with_its_author_and_changes_nothing_else(till):
    order = till.checks_out(SKU)
    till.passes(HOUR)
    after = notes(till, order, "  rang twice ")
    entry = last_entry(till, order)
    assert (entry.at, entry.by) == (till.now, CLERK)
    assert (entry.moved_from, entry.moved_to) == (OrderState.PENDING, OrderState.PENDING)
    assert entry.why.endswith("rang twice")
    assert (after.state, after.attention, after.news) == (OrderState.PENDING, None, ())


def test_a_note_requires_a_text_and_an_order(till):
    order = till.checks_out(SKU)
    with pytest.raises(ReasonIsMissing):
        notes(till, order, " \n ")
    with pytest.raises(UnknownOrder):
        add_note(NOWHERE, "hello", by=CLERK, begin=till.begin, now=till.now)


def test_two_notes_of_one_moment_are_both_stored(till):
    order = till.checks_out(SKU)
    notes(till, order, "mine", begin=annotated_meanwhile(till, order))
    assert [entry.why.split()[-1] for entry in till.history(order)[-2:]] == ["meanwhile", "mine"]


# Attention


@pytest.fixture
def flagged(till):
    """A paid order that a second payment has flagged."""
    order = till.buys(SKU)
    [attempt] = till.attempts_of(order)
    return till.hears(attempt, Captured("g-again", usd("39.33")))


def test_a_resolved_flag_is_cleared_and_kept_in_the_history(till, flagged):
    till.passes(HOUR)
    after = resolves(till, flagged, " gave it back ")
    assert till.order(flagged.reference).attention is None
    entry = last_entry(till, flagged)
    assert (entry.at, entry.by) == (till.now, CLERK)
    assert flagged.attention in entry.why
    assert entry.why.endswith("gave it back")
    assert (after.state, after.news) == (OrderState.PAID, ())


def test_resolving_requires_a_reason_and_a_flag(till, flagged):
    with pytest.raises(ReasonIsMissing):
        resolves(till, flagged, "  ")
    assert till.order(flagged.reference).attention == flagged.attention
    resolves(till, flagged)
    with pytest.raises(NothingToResolve) as refusal:
        resolves(till, flagged)
    assert refusal.value.reference == flagged.reference


def test_a_flag_raised_during_resolving_is_not_cleared(till, flagged):
    [attempt] = till.attempts_of(flagged)
    third = Captured("g-third", usd("39.33"))
    resolves(till, flagged, begin=overtaken(till.records, lambda: till.hears(attempt, third)))
    assert len(till.transactions_of(flagged)) == 3
    assert "attended to" in last_entry(till, flagged).why


def test_the_second_of_two_concurrent_resolvers_finds_no_flag(till, flagged):
    with pytest.raises(NothingToResolve):
        resolves(till, flagged, begin=overtaken(till.records, lambda: resolves(till, flagged)))


# Cancelling


def test_cancelling_a_pending_order_releases_its_seats_and_codes(till):
    till.puts(SKU)
    till.enters("SPRING")
    order = till.checks_out()
    till.passes(HOUR)
    after = cancels(till, order, " the learner rang ")
    assert (after.state, after.news) == (OrderState.CANCELLED, ())
    assert (till.seats_taken(SKU), till.uses_of(order)) == (0, {"SPRING": "released"})
    entry = last_entry(till, order)
    assert (entry.at, entry.by, entry.why) == (till.now, CLERK, "the learner rang")
    assert till.events_of(order) == ["order.placed", "order.cancelled"]


def test_cancelling_requires_a_reason_and_an_order(till):
    order = till.checks_out(SKU)
    with pytest.raises(ReasonIsMissing):
        cancels(till, order, "\t")
    assert till.order(order.reference).state is OrderState.PENDING
    with pytest.raises(UnknownOrder):
        cancel_by_staff(
            NOWHERE, by=CLERK, why="x", begin=till.begin, gateway=till.gateway, now=till.now
        )


@pytest.mark.parametrize("ended", ["paid", "cancelled", "refunded"])
def test_an_ended_order_cannot_be_cancelled(till, ended):
    order = till.checks_out(SKU)
    if ended == "cancelled":
        till.cancels(order)
    else:
        till.pays(order)
    if ended == "refunded":
        till.refunds(order)
    before = till.history(order)
    with pytest.raises(NotToBeCancelled) as refusal:
        cancels(till, order)
    assert (refusal.value.reference, refusal.value.state.value) == (order.reference, ended)
    assert till.history(order) == before


def test_cancelling_a_captured_pending_order_makes_it_paid(till):
    order = till.checks_out(SKU)
    till.gateway.loses_next_answer()
    till.pays(order)
    assert cancels(till, order).state is OrderState.PAID
    assert till.seats_taken(SKU) == 1


def test_a_pending_order_with_a_payment_in_doubt_cannot_be_cancelled(till):
    order = till.checks_out(SKU)
    till.pays(order, Unknown("lost"))
    with pytest.raises(StillChecking) as refusal:
        cancels(till, order)
    assert refusal.value.reference == order.reference
    assert till.order(order.reference).state is OrderState.PENDING


@pytest.fixture
def in_review(till):
    till.puts(SKU)
    till.enters("SPRING")
    return till.pays(till.checks_out(), InReview("g-1", "fraud rules"))


def attempt_of(till, order):
    return till.attempts_of(order)[-1]


def test_an_order_in_review_can_be_cancelled_and_its_payment_stays_in_review(till, in_review):
    after = cancels(till, in_review, "no longer wanted")
    assert (after.state, after.news) == (OrderState.CANCELLED, ())
    assert attempt_of(till, in_review).state is AttemptState.REVIEW
    assert (till.seats_taken(SKU), till.uses_of(in_review)) == (0, {"SPRING": "released"})
    entry = last_entry(till, in_review)
    assert (entry.at, entry.by, entry.why) == (till.now, CLERK, "no longer wanted")


def test_a_capture_after_a_cancelled_review_makes_the_order_paid(till, in_review):
    cancels(till, in_review)
    after = till.hears(attempt_of(till, in_review), Captured("g-1", in_review.total))
    assert after.state is OrderState.PAID


@pytest.mark.parametrize(
    ("decided", "state"),
    [(Captured("g-1", usd("29.50")), OrderState.PAID), (Declined("no"), OrderState.CANCELLED)],
)
def test_a_review_decided_in_the_meantime_is_not_overruled(till, in_review, decided, state):
    till.gateway.decides(attempt_of(till, in_review), decided)
    assert cancels(till, in_review).state is state
    assert CLERK not in {entry.by for entry in till.history(in_review)}


def test_an_order_in_review_cannot_be_cancelled_while_the_gateway_is_unreachable(till, in_review):
    till.gateway.goes_away()
    with pytest.raises(StillChecking) as refusal:
        cancels(till, in_review)
    assert refusal.value.reference == in_review.reference
    assert till.order(in_review.reference).state is OrderState.REVIEW


def test_an_order_in_review_cannot_be_cancelled_while_another_payment_is_in_doubt(till):
    order = till.checks_out(SKU)
    till.pays(order, Unknown("lost"))
    second = Attempt(
        AttemptId("A-SECOND"), order.reference, order.total, till.now, account=till.gateway.account
    )
    with till.begin() as work:
        work.attempts.add(second)
        work.commit()
    till.gateway.ends_elsewhere(second, InReview("g-2", "fraud rules"))
    held = till.hears(second, InReview("g-2", "fraud rules"))
    assert held.state is OrderState.REVIEW
    with pytest.raises(StillChecking):
        cancels(till, order)
    assert till.order(order.reference).state is OrderState.REVIEW


class NotingGateway(MemoryGateway):
    """Notes which attempts it is asked about."""

    asked: tuple[str, ...] = ()

    def find(self, attempt, /):
        self.asked += (attempt.id,)
        return super().find(attempt)


def test_of_a_card_that_was_declined_before_the_review_nobody_is_asked():
    till = stocked(NotingGateway)
    order = till.checks_out(SKU)
    till.pays(order, Declined("no"))
    till.passes(HOUR / 4)
    till.pays(order, InReview("g-1", "fraud rules"))
    [_, held] = till.attempts_of(order)
    till.gateway.asked = ()
    assert cancels(till, order).state is OrderState.CANCELLED
    assert set(till.gateway.asked) == {held.id}


def test_an_authorised_payment_is_cancelled_like_one_in_review(till):
    order = till.checks_out(SKU)
    till.pays(order, Authorized("g-1", order.total))
    assert cancels(till, order).state is OrderState.CANCELLED


def test_two_concurrent_cancellations_of_a_review_cancel_it_once(till, in_review):
    first = []

    @contextmanager
    def begin():
        # The first two units of work read; the third is the one that cancels.
        begun.append(1)
        if len(begun) == 3:
            first.append(cancels(till, in_review))
        with till.begin() as work:
            yield work

    begun: list[int] = []
    assert cancels(till, in_review, begin=begin).state is OrderState.CANCELLED
    assert till.events_of(in_review).count("order.cancelled") == 1
    assert first[0].state is OrderState.CANCELLED


# Fulfilling again


def test_fulfilment_of_a_failed_line_is_requested_by_a_new_event(till):
    order = till.buys(SKU)
    gives_up_delivering(till)
    assert till.order(order.reference).line(1).fulfilment is Fulfilment.FAILED
    after = fulfils(till, order, why=" the platform is back ")
    assert (after.line(1).fulfilment, after.news) == (Fulfilment.AWAITING, ())
    first, second = requests_of(till, order)
    assert second.id == f"{first.id}/2"
    assert (second.position, second.at) == (1, till.now)
    assert second.body == first.body | {"because": "the platform is back"}
    entry = last_entry(till, order)
    assert (entry.at, entry.by) == (till.now, CLERK)
    assert entry.why.endswith("the platform is back")
    till.delivers()
    assert till.order(order.reference).line(1).fulfilment is Fulfilment.FULFILLED


def test_fulfilment_of_a_fulfilled_line_can_be_requested_again(till):
    order = till.buys(SKU)
    till.delivers()
    for number in (2, 3):
        after = fulfils(till, order)
        assert after.line(1).fulfilment is Fulfilment.FULFILLED
        assert requests_of(till, order)[-1].id.endswith(f"/{number}")
        till.delivers()
    assert len({event.id for event in requests_of(till, order)}) == 3


def test_a_line_can_be_asked_for_more_often_than_a_page_of_the_outbox_is_long(till):
    order = till.buys(SKU)
    for _ in range(60):
        till.delivers()
        fulfils(till, order)
    assert requests_of(till, order)[-1].id.endswith("/61")


def test_fulfilment_is_requested_per_line(till):
    order = till.buys(SKU, OTHER)
    till.delivers()
    fulfils(till, order, 1)
    fulfils(till, order, 2)
    ids = [event.id for event in requests_of(till, order)]
    assert ids[2:] == [f"{ids[0]}/2", f"{ids[1]}/2"]
    assert [event.position for event in requests_of(till, order)] == [1, 2, 1, 2]


def test_a_request_without_a_reason_gets_a_default_reason(till):
    order = till.buys(SKU)
    till.delivers()
    fulfils(till, order, why="   ")
    assert requests_of(till, order)[-1].body["because"].strip()


def test_fulfilment_in_progress_is_not_requested_again(till):
    order = till.buys(SKU)
    with pytest.raises(NotToBeFulfilled) as refusal:
        fulfils(till, order)
    assert (refusal.value.reference, refusal.value.position) == (order.reference, 1)
    assert len(requests_of(till, order)) == 1


def test_an_unpaid_order_cannot_be_fulfilled(till):
    order = till.checks_out(SKU)
    with pytest.raises(NotToBeFulfilled) as refusal:
        fulfils(till, order)
    assert (refusal.value.reference, refusal.value.position) == (order.reference, 1)
    assert requests_of(till, order) == []


def test_a_revoked_line_is_skipped_and_the_others_are_requested(till):
    order = till.buys(SKU, OTHER)
    till.refunds(order, None, 1)
    till.delivers()
    with pytest.raises(NotToBeFulfilled) as refusal:
        fulfils(till, order, 1)
    assert (refusal.value.reference, refusal.value.position) == (order.reference, 1)
    assert fulfils(till, order, 2).state is OrderState.PARTIALLY_REFUNDED


def test_a_refunded_order_cannot_be_fulfilled_again(till):
    order = till.buys(SKU)
    till.refunds(order)
    till.delivers()
    with pytest.raises(NotToBeFulfilled):
        fulfils(till, order)


def test_an_unknown_line_or_order_cannot_be_fulfilled(till):
    order = till.buys(SKU)
    with pytest.raises(UnknownLine):
        fulfils(till, order, 2)
    with pytest.raises(UnknownOrder):
        fulfil_again(NOWHERE, 1, by=CLERK, why="", begin=till.begin, now=till.now)


def test_the_second_of_two_concurrent_requests_finds_fulfilment_in_progress(till):
    order = till.buys(SKU)
    till.delivers()
    with pytest.raises((NotToBeFulfilled, ValueError)):
        fulfils(till, order, begin=overtaken(till.records, lambda: fulfils(till, order)))
    assert len(requests_of(till, order)) == 2


# Resending


def test_an_abandoned_event_is_resent_as_the_same_event(till):
    order = till.buys(SKU)
    gives_up_delivering(till)
    [event] = requests_of(till, order)
    assert resends(till, event.id, " they are back ")
    entry = last_entry(till, order)
    assert (entry.at, entry.by) == (till.now, CLERK)
    assert event.id in entry.why
    assert entry.why.endswith("they are back")
    till.platform.heard.clear()
    till.delivers()
    assert [heard.id for heard in till.platform.heard] == [event.id]
    assert [each.id for each in requests_of(till, order)] == [event.id]


def test_an_event_that_is_not_abandoned_is_not_resent(till):
    order = till.buys(SKU)
    [event] = requests_of(till, order)
    before = till.history(order)
    assert resends(till, event.id) is False
    till.delivers()
    assert resends(till, event.id) is False
    assert till.history(order)[: len(before)] == before
    assert CLERK not in {entry.by for entry in till.history(order)}


def test_a_resend_without_a_reason_names_the_event_only(till):
    order = till.buys(SKU)
    gives_up_delivering(till)
    [event] = requests_of(till, order)
    resends(till, event.id, "  ")
    assert ":" not in last_entry(till, order).why


def test_an_unknown_event_cannot_be_resent(till):
    with pytest.raises(UnknownEvent) as refusal:
        resends(till, "CT-1/nothing")
    assert refusal.value.event == "CT-1/nothing"
