"""Merging a gateway result into the known state of an attempt."""

from itertools import permutations, product

import attrs
import pytest

from core.payments.attempt import AttemptState
from core.payments.gateway import (
    Cancelled,
    Captured,
    Declined,
    InReview,
    NotCarriedOut,
    Unknown,
)
from core.use_cases.payments.merge_result import merge_result
from coursetill_testing.makers import attempt, usd

CAPTURED = Captured("7001", usd("1.01"))
DECLINED, CANCELLED = Declined("no"), Cancelled()
REVIEW, ERROR, UNKNOWN = InReview("7002"), NotCarriedOut("wrong"), Unknown("lost")
NOES = (DECLINED, CANCELLED, ERROR)
ALL = (CAPTURED, REVIEW, UNKNOWN, *NOES)


def watched(state):
    return attrs.evolve(attempt(state=state), form_takes_payment=True)


@pytest.mark.parametrize("state, answer", list(product(AttemptState, ALL)))
def test_every_result_of_a_sent_attempt_is_kept(state, answer):
    assert merge_result(attempt(state=state), answer) is answer


@pytest.mark.parametrize("state", AttemptState)
def test_a_capture_is_always_kept(state):
    assert merge_result(watched(state), CAPTURED) is CAPTURED


@pytest.mark.parametrize("state, answer", list(product(["open", "sent"], ALL)))
def test_the_first_result_of_a_form_is_kept(state, answer):
    assert merge_result(watched(AttemptState(state)), answer) is answer


@pytest.mark.parametrize(
    "state, answer",
    [
        *product(["captured", "excess", "review", "unknown"], [REVIEW, UNKNOWN, *NOES]),
        *product(["declined", "cancelled", "error"], NOES),
    ],
)
def test_a_negative_result_adds_nothing_to_a_known_or_pending_one(state, answer):
    assert merge_result(watched(AttemptState(state)), answer) is None


@pytest.mark.parametrize(
    "state, answer", list(product(["declined", "cancelled", "error"], [REVIEW, UNKNOWN]))
)
def test_any_other_result_after_a_negative_one_needs_an_enquiry(state, answer):
    assert isinstance(merge_result(watched(AttemptState(state)), answer), Unknown)


@pytest.mark.parametrize("told", list(permutations([DECLINED, CANCELLED, UNKNOWN, CAPTURED], 4)))
def test_a_captured_attempt_stays_captured_in_any_order_of_results(told):
    moving = watched(AttemptState.OPEN)
    for answer in told:
        worth = merge_result(moving, answer)
        after = {
            Captured: AttemptState.CAPTURED,
            Declined: AttemptState.DECLINED,
            Cancelled: AttemptState.CANCELLED,
            Unknown: AttemptState.UNKNOWN,
        }
        if worth is not None and moving.state is not AttemptState.CAPTURED:
            moving = moving.moved_to(after[type(worth)])
    assert moving.state is AttemptState.CAPTURED
